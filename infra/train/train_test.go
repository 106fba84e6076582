package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"griot/internal/extraction/rules/entity"
	"griot/internal/extraction/rules/linear"
	"griot/internal/transcript"
)

// fixture writes a tiny set of development data and returns its directory.
func fixture(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var meetings bytes.Buffer
	for i, thing := range []string{"boiler", "ferry", "choir"} {
		fmt.Fprintf(&meetings, `{"id": "m%d", "split": "train", "sents": [["Bea", "Mm-hmm."], ["Bea", "We decided to sell the %s."], ["Ola", "It rained on the %[2]s."]], "items": [["They sell it.", [1]]]}`+"\n", i, thing)
	}
	write(t, dir, "ami-items.jsonl.gz", meetings.Bytes())
	write(t, dir, "gum-news.jsonl.gz", []byte(`{"doc": "n", "split": "train", "tokens": ["Bea", "Quist", "left", "Hullport", "."], "space": [true, true, true, false, false], "named": [["person", 0, 2, ""], ["place", 3, 4, ""]]}`))
	write(t, dir, "gum-academic.jsonl.gz", []byte(`{"doc": "a", "split": "dev", "tokens": ["No", "."], "space": [false, false]}`))
	write(t, dir, "wnut17train.conll", []byte("@x\tO\nbuy\tO\nOttophone\tB-product\n\nGo\tO\nMarmots\tB-group\n"))
	interviews := filepath.Join(dir, "interviews", "a")
	if err := os.MkdirAll(interviews, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, interviews, "talk.txt", []byte("Bea: I log in to Tidewell, and then Olaf checks it.\nOla: So Tidewell is the ledger?\nBea: It is.\n"))
	write(t, interviews, "gold.json", []byte(`{"talk.txt": {"kind": "work", "entities": [{"type": "System", "name": "Tidewell"}, {"type": "Person", "name": "Olaf"}]}}`))
	return dir
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	var b bytes.Buffer
	if filepath.Ext(name) == ".gz" {
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	} else {
		b.Write(data)
	}
	if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTrain shows that the same data gives the same bytes, and that each model
// is written to where the program embeds it.
func TestTrain(t *testing.T) {
	data := fixture(t)
	roots := []string{t.TempDir(), t.TempDir()}
	for _, root := range roots {
		for _, c := range courses {
			if err := os.MkdirAll(filepath.Join(root, filepath.Dir(c.file)), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := train(io.Discard, data, root); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range courses {
		a, err := os.ReadFile(filepath.Join(roots[0], c.file))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(roots[1], c.file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s: the same data gives other bytes", c.file)
		}
		if _, err := linear.Decode(a); err != nil {
			t.Errorf("%s: %v", c.file, err)
		}
		if _, err := os.Stat(filepath.Join("..", "..", c.file)); err != nil {
			t.Errorf("the repository has no %s", c.file)
		}
	}
}

func TestNothingToLearn(t *testing.T) {
	data := t.TempDir()
	write(t, data, "ami-items.jsonl.gz", nil)
	if err := train(io.Discard, data, t.TempDir()); err == nil {
		t.Error("no meetings and no error")
	}
}

// TestClasses shows what a name of GUM or of a post may be, also where its
// bounds are drawn otherwise there.
func TestClasses(t *testing.T) {
	var names named
	names.add("Nations", "organization")
	names.add("Mr Quist", "person")
	names.add("Hullport", "place")
	for spelling, want := range map[string]string{"United Nations": "Vendor", "nations": "Vendor", "Quist": "Person", "Hullport Road": "Other", "Elsewhere": "Other"} {
		if got := names.classes([]string{"x", spelling}); got[0] != want {
			t.Errorf("%s may be %v, want %s first", spelling, got, want)
		}
	}
}

func TestWanted(t *testing.T) {
	types := map[string]string{"tidewell": "System", "move it": "Decision"}
	for spelling, want := range map[string]string{"Tidewell": "System", "Move it": entity.Other, "Olaf": entity.Other} {
		if got := wanted(types, []string{spelling}); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %v, want %s", spelling, got, want)
		}
	}
}

func TestRecognised(t *testing.T) {
	segs := recognised([]transcript.Segment{transcript.NewSegment(transcript.Turn{Speaker: "Bea", Text: "So, Olaf's here. \"Good!\""}, 1, 0)})
	if s := segs[0]; s.Text != "so olaf's here good" || s.SpeakerName() != "" {
		t.Errorf("got %q by %q", s.Text, s.SpeakerName())
	}
}
