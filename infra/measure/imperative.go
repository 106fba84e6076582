package main

import (
	"path/filepath"

	"griot/infra/corpus"
	"griot/internal/extraction/rules/english"
)

// measureImperatives tells recipes' sentences, which give orders but for a few,
// from GUM's other sentences: GUM's two genres here have six imperatives
// between them.
func measureImperatives(dir string) ([]row, error) {
	parts := map[string]*counts{"train": {}, "check": {}}
	recipes, err := corpus.Lines[recipe](filepath.Join(dir, "risec.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	for _, r := range recipes {
		for _, s := range english.Sentences(r.Text) {
			if s.Words() > 1 {
				parts[partOf(r.Split)].tell(imperativeIn(s.String()), true)
			}
		}
	}
	for _, genre := range []string{"news", "academic"} {
		sents, err := corpus.Genre(dir, genre)
		if err != nil {
			return nil, err
		}
		for _, s := range sents {
			text, _ := s.Join()
			parts[partOf(s.Split)].tell(imperativeIn(text), s.Type == "imp")
		}
	}
	var rows []row
	for _, part := range []string{"train", "check"} {
		rows = append(rows, row{"imperatives, RISeC and GUM", part, "F1", parts[part].f1(), 0, parts[part].note()})
	}
	return rows, nil
}

func partOf(split string) string {
	if split == "train" {
		return "train"
	}
	return "check"
}

// tell counts one yes-or-no answer.
func (c *counts) tell(found, gold bool) {
	if found {
		c.found++
	}
	if gold {
		c.gold++
	}
	if found && gold {
		c.hit++
	}
}
