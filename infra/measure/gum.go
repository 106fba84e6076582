package main

import (
	"slices"

	"griot/infra/corpus"
	"griot/internal/extraction/rules/english"
)

// measureGUM measures names and imperatives; the train part is for
// development, the others are for checking.
func measureGUM(dir string) ([]row, error) {
	var rows []row
	imp := map[string]*counts{"train": {}, "check": {}}
	for _, genre := range []string{"news", "academic"} {
		sents, err := corpus.Genre(dir, genre)
		if err != nil {
			return nil, err
		}
		names := map[string]*counts{"train": {}, "check": {}}
		for _, doc := range corpus.ByDoc(sents) {
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

func measureDoc(doc []corpus.Sentence, names, imp map[string]*counts) {
	part := partOf(doc[0].Split)
	find := english.NameFinder{Casing: english.NewCasing()}
	for _, s := range doc {
		text, _ := s.Join()
		for _, sub := range english.Sentences(text) {
			find.Casing.Learn(sub)
		}
	}
	for _, s := range doc {
		text, ends := s.Join()
		names[part].add(namesIn(find, text), spans(s, ends))
		imp[part].tell(imperativeIn(text), s.Type == "imp")
	}
}

// spans are the byte spans of the sentence's names.
func spans(s corpus.Sentence, ends [][2]int) map[[2]int]bool {
	gold := map[[2]int]bool{}
	for _, n := range s.Names() {
		gold[[2]int{ends[n.From][0], ends[n.To-1][1]}] = true
	}
	return gold
}

// namesIn returns the byte spans of the names in a text, but for some kinds.
func namesIn(find english.NameFinder, text string, not ...english.NameKind) map[[2]int]bool {
	found := map[[2]int]bool{}
	for _, s := range english.Sentences(text) {
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
	sents := english.Sentences(text)
	return len(sents) > 0 && english.Imperative(sents[0]) >= 0.5
}
