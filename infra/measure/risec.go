package main

import (
	"path/filepath"

	"griot/infra/corpus"
	"griot/internal/extraction/rules/english"
)

type recipe struct {
	Split string  `json:"split"`
	Text  string  `json:"text"`
	Spans [][]any `json:"spans"`
}

// measureRISeC measures the actions of recipes; the train and dev parts are
// for development.
func measureRISeC(dir string) ([]row, error) {
	recipes, err := corpus.Lines[recipe](filepath.Join(dir, "risec.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	exact, verb := map[string]*counts{}, map[string]*counts{}
	for _, part := range []string{"train", "dev", "test"} {
		exact[part], verb[part] = &counts{}, &counts{}
	}
	for _, r := range recipes {
		found, gold := actionsIn(r.Text), r.actions()
		exact[r.Split].add(found, gold)
		verb[r.Split].add(starts(found), starts(gold))
	}
	var rows []row
	for _, part := range []string{"train", "dev", "test"} {
		rows = append(rows, row{"step actions, RISeC", part, "F1 exact", exact[part].f1(), 0.628, exact[part].note()})
		rows = append(rows, row{"step actions, RISeC", part, "F1 verb", verb[part].f1(), 0.628, verb[part].note()})
	}
	return rows, nil
}

// actions returns the byte spans of the recipe's actions; the data counts
// characters.
func (r recipe) actions() map[[2]int]bool {
	at := make([]int, 0, len(r.Text)+1)
	for i := range r.Text {
		at = append(at, i)
	}
	at = append(at, len(r.Text))
	gold := map[[2]int]bool{}
	for _, s := range r.Spans {
		from, to := int(s[2].(float64)), int(s[3].(float64))
		if s[1] == "AC" && to < len(at) {
			gold[[2]int{at[from], at[to]}] = true
		}
	}
	return gold
}

func actionsIn(text string) map[[2]int]bool {
	found := map[[2]int]bool{}
	for _, s := range english.Sentences(text) {
		for _, a := range english.Actions(s) {
			found[[2]int{s.Tokens[a[0]].Start, s.Tokens[a[1]-1].End}] = true
		}
	}
	return found
}

func starts(spans map[[2]int]bool) map[[2]int]bool {
	m := map[[2]int]bool{}
	for s := range spans {
		m[[2]int{s[0], s[0]}] = true
	}
	return m
}
