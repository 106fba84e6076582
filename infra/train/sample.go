package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"griot/infra/gold"
)

// sample is a tiny set of development data, to tell without the real one whether
// what learns a model has changed. What names look like, and what is said of
// them, is in it in each of the ways that features and cues tell apart.
var sample = map[string]string{
	"gum-news.jsonl.gz": `{"doc": "n", "split": "train", "tokens": ["Bea", "Quist", "left", "Hullport", "."], "space": [true, true, true, false, false], "named": [["person", 0, 2, ""], ["place", 3, 4, ""]]}
{"doc": "m", "split": "train", "tokens": ["Outside", "BQX", "and", "ZedoHub", "stood", "Mara", "Tilling", "of", "Quill", "Ltd", "."], "space": [true, true, true, true, true, true, true, true, true, false, false], "named": [["organization", 1, 2, ""], ["product", 3, 4, ""], ["person", 5, 7, ""], ["organization", 8, 10, ""]]}`,
	"gum-academic.jsonl.gz":  `{"doc": "a", "split": "dev", "tokens": ["No", "."], "space": [false, false]}`,
	"wnut17train.conll":      "@x\tO\nbuy\tO\nOttophone\tB-product\n\nGo\tO\nMarmots\tB-group\n\nsaw\tO\nKTX\tB-product\nnear\tO\nOpuLine\tB-corporation\n",
	"interviews/a/talk.txt":  "Bea: I log in to Tidewell, and then Olaf checks it.\nOla: So Tidewell is the ledger?\nBea: It is.\n",
	"interviews/a/gold.json": `{"talk.txt": {"kind": "work", "entities": [{"type": "System", "name": "Tidewell"}, {"type": "Person", "name": "Olaf"}]}}`,
}

// writeSample writes the sample to a directory: the texts above, and the
// repository's interviews as meetings.
func writeSample(dir string) error {
	meetings, err := meetings()
	if err != nil {
		return err
	}
	if err := writeFile(dir, "ami-items.jsonl.gz", meetings); err != nil {
		return err
	}
	for name, text := range sample {
		if err := writeFile(dir, name, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// meetings are the repository's interviews as AMI's meetings are written: a
// procedure is a line of the summary, which rests on where its steps are said.
func meetings() ([]byte, error) {
	all, err := gold.Own()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	for _, iv := range all {
		in, err := iv.Input()
		if err != nil {
			return nil, err
		}
		sents, items := [][2]string{}, [][2]any{}
		for _, s := range in.Segments {
			sents = append(sents, [2]string{s.SpeakerName(), s.Text})
		}
		for _, p := range iv.Procedures {
			said := []int{}
			for i, s := range in.Segments {
				for _, step := range p.Steps {
					if strings.Contains(s.Text, step.Quote) {
						said = append(said, i)
						break
					}
				}
			}
			items = append(items, [2]any{p.Name, said})
		}
		if err := out.Encode(map[string]any{"id": iv.File, "split": "train", "sents": sents, "items": items}); err != nil {
			return nil, fmt.Errorf("writing a meeting: %w", err)
		}
	}
	return b.Bytes(), nil
}

// writeFile writes one of the sets' files, compressed where its name says so.
func writeFile(dir, name string, data []byte) error {
	if filepath.Ext(name) == ".gz" {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			return fmt.Errorf("compressing %s: %w", name, err)
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("compressing %s: %w", name, err)
		}
		data = b.Bytes()
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing the sample: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("writing the sample: %w", err)
	}
	return nil
}
