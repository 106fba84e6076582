package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/extraction/rules/entity"
	"griot/internal/extraction/rules/linear"
	"griot/internal/transcript"
)

// TestTrain shows that the same data gives the same bytes, and that each model
// is written to where the program embeds it.
func TestTrain(t *testing.T) {
	data := t.TempDir()
	if err := writeSample(data); err != nil {
		t.Fatal(err)
	}
	roots := []string{t.TempDir(), t.TempDir()}
	for _, root := range roots {
		for _, c := range courses {
			if err := os.MkdirAll(filepath.Join(root, filepath.Dir(c.file)), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(trained)), 0o755); err != nil {
			t.Fatal(err)
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
	}
}

// TestModelsAreOfThisCode shows, without the development data, that what learns
// a model has not changed since the one in the repository was learnt.
func TestModelsAreOfThisCode(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("processors that multiply and add in one step round otherwise: the digests are of amd64")
	}
	want, err := os.ReadFile(filepath.Join("..", "..", trained))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, c := range courses {
		model, err := os.ReadFile(filepath.Join("..", "..", c.file))
		if err != nil {
			t.Fatal(err)
		}
		line, err := c.line(model)
		if err != nil {
			t.Fatal(err)
		}
		got += line
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the models were learnt by other code: learn them again (go run ./infra/train), and compare what infra/measure says (-trained, +got):\n%s", diff)
	}
}

func TestNothingToLearn(t *testing.T) {
	data := t.TempDir()
	if err := writeFile(data, "ami-items.jsonl.gz", nil); err != nil {
		t.Fatal(err)
	}
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
