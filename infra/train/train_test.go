package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"griot/internal/extraction/rules/linear"
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
