package analysis

import (
	"slices"
	"sync"

	"griot/internal/search/token"
)

// MaxTerms is how many different terms of a query are looked for.
const MaxTerms = 64

// frameWeight is what a frame word counts: one that frames a question about a
// conversation and says little about what was talked of.
const frameWeight = 0.4

var frameWords = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for t := range token.All(
		"summarize summarise summary discuss discussion say think talk mention tell describe explain opinion meeting conversation ask") {
		m[t.Term] = true
	}
	return m
})

// Query is the terms to look for, each once, and the weight of each.
type Query struct {
	Terms   []string
	Weights []float64
}

// ParseQuery reads a query; any text is one. Stop words are looked for only
// if there is nothing else.
func ParseQuery(text string) Query {
	var content, stop []string
	for t := range token.All(text) {
		if t.Stop {
			stop = append(stop, t.Term)
		} else {
			content = append(content, t.Term)
		}
	}
	if len(content) == 0 {
		content = stop
	}
	var q Query
	for _, term := range append(content, token.Dates(content)...) {
		if len(q.Terms) == MaxTerms {
			break
		}
		if slices.Contains(q.Terms, term) {
			continue
		}
		weight := 1.0
		if frameWords()[term] {
			weight = frameWeight
		}
		q.Terms, q.Weights = append(q.Terms, term), append(q.Weights, weight)
	}
	return q
}
