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

// query is what is looked for: terms, and pairs of them that stood side by
// side, by their numbers.
type query struct {
	terms   []string
	weights []float64
	pairs   [][2]int
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
	before := -1
	for _, term := range content {
		n := q.add(term)
		if before >= 0 && n >= 0 && n != before && !slices.Contains(q.pairs, [2]int{before, n}) {
			q.pairs = append(q.pairs, [2]int{before, n})
		}
		before = n
	}
	for _, term := range token.Dates(content) {
		q.add(term)
	}
	return q
}

// add returns the number of a term, -1 when there are too many.
func (q *query) add(term string) int {
	if i := slices.Index(q.terms, term); i >= 0 {
		return i
	}
	if len(q.terms) == maxTerms {
		return -1
	}
	weight := 1.0
	if frame()[term] {
		weight = frameWeight
	}
	q.terms, q.weights = append(q.terms, term), append(q.weights, weight)
	return len(q.terms) - 1
}
