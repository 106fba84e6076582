package search

import (
	"slices"
	"sync"

	"griot/internal/search/token"
)

// maxTerms is how many different terms of a query are looked for.
const maxTerms = 64

// frameWeight is what a word counts that frames a question about a
// conversation and says little about what was talked of.
const frameWeight = 0.4

var frame = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for t := range token.All(
		"summarize summarise summary discuss discussion say think talk mention tell describe explain opinion meeting conversation ask") {
		m[t.Term] = true
	}
	return m
})

// query is what is looked for: terms, and what each of them counts.
type query struct {
	terms   []string
	weights []float64
}

// parse reads a query. Words that are too common to tell texts apart are
// looked for if there are no others.
func parse(text string) query {
	var content, common []string
	for t := range token.All(text) {
		if t.Stop {
			common = append(common, t.Term)
		} else {
			content = append(content, t.Term)
		}
	}
	if len(content) == 0 {
		content = common
	}
	var q query
	for _, term := range append(content, token.Dates(content)...) {
		q.add(term)
	}
	return q
}

// add takes a term in, unless there are too many.
func (q *query) add(term string) {
	if len(q.terms) == maxTerms || slices.Contains(q.terms, term) {
		return
	}
	weight := 1.0
	if frame()[term] {
		weight = frameWeight
	}
	q.terms, q.weights = append(q.terms, term), append(q.weights, weight)
}
