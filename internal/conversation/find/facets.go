package find

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Facets count what there is of each kind among matches, the most frequent
// first.
type Facets struct {
	Topics, Types, States []Facet // of topics maxTopicFacets
}

// Facet is how many matches have a value.
type Facet struct {
	Value string
	Count int
}

const maxTopicFacets = 20

func facetsOf(workspace string, hits []MemoryHit) *Facets {
	topics, types, states := map[string]*Facet{}, map[string]*Facet{}, map[string]*Facet{}
	count := func(of map[string]*Facet, id, value string) {
		if of[id] == nil {
			of[id] = &Facet{Value: value}
		}
		of[id].Count++
	}
	for _, hit := range hits {
		count(types, hit.Type, hit.Type)
		count(states, hit.EffectiveState(), hit.EffectiveState())
		for _, t := range hit.Named(workspace) {
			count(topics, t.ID, t.Name)
		}
	}
	most := mostFrequent(topics)
	return &Facets{Topics: most[:min(maxTopicFacets, len(most))], Types: mostFrequent(types), States: mostFrequent(states)}
}

func mostFrequent(counted map[string]*Facet) []Facet {
	out := make([]Facet, 0, len(counted))
	for f := range maps.Values(counted) {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return out
}
