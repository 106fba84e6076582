package main

import (
	"path/filepath"
	"slices"
	"strings"

	"griot/internal/extraction/rules/name"
	"griot/internal/extraction/rules/sentence"
	"griot/internal/extraction/rules/step"
)

type gumSentence struct {
	Doc    string   `json:"doc"`
	Split  string   `json:"split"`
	Type   string   `json:"s_type"`
	Text   string   `json:"text"`
	Tokens []string `json:"tokens"`
	Space  []bool   `json:"space"`
	Named  [][]any  `json:"named"`
}

// measureGUM measures names and imperatives; the train part is for
// development, the others are for checking.
func measureGUM(dir string) ([]row, error) {
	var rows []row
	imp := map[string]*counts{"train": {}, "check": {}}
	for _, genre := range []string{"news", "academic"} {
		sents, err := readLines[gumSentence](filepath.Join(dir, "gum-"+genre+".jsonl.gz"))
		if err != nil {
			return nil, err
		}
		names := map[string]*counts{"train": {}, "check": {}}
		for _, doc := range byDoc(sents) {
			measureDoc(doc, names, imp)
		}
		base := map[string]float64{"news": 0.825}[genre]
		for _, part := range []string{"train", "check"} {
			c := names[part]
			rows = append(rows, row{"names, GUM " + genre, part, "F1 exact", c.f1(), base, c.note()})
		}
	}
	for _, part := range []string{"train", "check"} {
		rows = append(rows, row{"imperatives, GUM", part, "F1", imp[part].f1(), 0.733, imp[part].note()})
	}
	return rows, nil
}

func byDoc(sents []gumSentence) [][]gumSentence {
	var docs [][]gumSentence
	for i, s := range sents {
		if i == 0 || s.Doc != sents[i-1].Doc {
			docs = append(docs, nil)
		}
		docs[len(docs)-1] = append(docs[len(docs)-1], s)
	}
	return docs
}

func measureDoc(doc []gumSentence, names, imp map[string]*counts) {
	part := partOf(doc[0].Split)
	find := name.Finder{Case: name.NewCase()}
	for _, s := range doc {
		text, _ := s.join()
		for _, sub := range sentence.Split(text) {
			find.Case.Learn(sub)
		}
	}
	for _, s := range doc {
		text, ends := s.join()
		names[part].add(namesIn(find, text), s.names(ends))
		imp[part].tell(imperativeIn(text), s.Type == "imp")
	}
}

// join returns the sentence's text and where each token begins and ends.
func (s gumSentence) join() (string, [][2]int) {
	var b strings.Builder
	var ends [][2]int
	for i, t := range s.Tokens {
		start := b.Len()
		b.WriteString(t)
		ends = append(ends, [2]int{start, b.Len()})
		if i < len(s.Space) && s.Space[i] {
			b.WriteByte(' ')
		}
	}
	return b.String(), ends
}

func (s gumSentence) names(ends [][2]int) map[[2]int]bool {
	gold := map[[2]int]bool{}
	for _, n := range s.Named {
		from, to := int(n[1].(float64)), int(n[2].(float64))
		gold[[2]int{ends[from][0], ends[to-1][1]}] = true
	}
	return gold
}

// namesIn returns the byte spans of the names in a text, but for some kinds.
func namesIn(find name.Finder, text string, not ...name.Kind) map[[2]int]bool {
	found := map[[2]int]bool{}
	for _, s := range sentence.Split(text) {
		for _, sp := range find.Find(s) {
			if slices.Contains(not, sp.Kind) {
				continue
			}
			found[[2]int{s.Tokens[sp.From].Start, s.Tokens[sp.To-1].End}] = true
		}
	}
	return found
}

func imperativeIn(text string) bool {
	sents := sentence.Split(text)
	return len(sents) > 0 && step.Imperative(sents[0]) >= 0.5
}
