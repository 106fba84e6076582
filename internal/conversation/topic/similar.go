package topic

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"griot/internal/access"
	"griot/internal/schema"
)

// SimilarInput is the body of POST /api/topics/similar.
type SimilarInput struct {
	// An id or a name.
	Topic string `json:"topicId" is:"filled ..32768"`
	// How near a name has to be, 1 being the same. Unless given 0.7.
	Threshold *float64 `json:"threshold" is:"0..1"`
	Limit     int      `json:"limit" is:"1..100" default:"20"`
}

// Similar is a topic whose name is near that of another one.
type Similar struct {
	Topic
	Similarity float64 // from 0 to 1
}

// nearEnough is the threshold unless one is given: "deploy" and "deployment" are.
const nearEnough = 0.7

// Similar returns the topics whose names are nearest that of a topic, without it.
// It reads all topics, as List does.
func (s *Service) Similar(ctx context.Context, p access.Principal, in SimilarInput) ([]Similar, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return nil, err
	}
	if err := schema.Check(in); err != nil {
		return nil, err
	}
	of, err := s.Get(ctx, p, in.Topic)
	if err != nil {
		return nil, err
	}
	topics, _, err := s.index().All(ctx, p.Workspace)
	if err != nil {
		return nil, err
	}
	threshold := nearEnough
	if in.Threshold != nil {
		threshold = *in.Threshold
	}
	var found []Similar
	name := newShape(Fold(of.Name))
	for _, t := range topics {
		if n := name.likeness(Fold(t.Name)); t.ID != of.ID && n > 0 && n >= threshold {
			found = append(found, Similar{t, n})
		}
	}
	slices.SortFunc(found, func(a, b Similar) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return found[:min(len(found), in.Limit)], nil
}

// shape is a folded name with its pairs of neighbouring characters, its beginning
// and its end among them, and how often each occurs.
type shape struct {
	name  string
	pairs map[[2]rune]int
	n     int
}

func newShape(folded string) shape {
	out := shape{name: folded, pairs: map[[2]rune]int{}}
	for pair := range eachPair(folded) {
		out.pairs[pair]++
		out.n++
	}
	return out
}

// eachPair yields the pairs of a folded name in order.
func eachPair(folded string) func(yield func([2]rune) bool) {
	return func(yield func([2]rune) bool) {
		before := ' '
		for _, r := range folded + " " {
			if !yield([2]rune{before, r}) {
				return
			}
			before = r
		}
	}
}

// shortestBeginning is how many bytes a name has to have to be the beginning of
// another one.
const shortestBeginning = 4

// likeness is the share of pairs that the names have in common (Dice), from 0 to
// 1: letters that are swapped, left out or added cost little, other words all.
// Where one name begins as the other it is half as far from 1.
func (s shape) likeness(folded string) float64 {
	common, n := 0, 0
	seen := make(map[[2]rune]int, len(s.pairs))
	for pair := range eachPair(folded) {
		n++
		if seen[pair]++; seen[pair] <= s.pairs[pair] {
			common++
		}
	}
	likeness := 2 * float64(common) / float64(s.n+n)
	begins := strings.HasPrefix(folded, s.name) || strings.HasPrefix(s.name, folded)
	if begins && min(len(folded), len(s.name)) >= shortestBeginning {
		return (1 + likeness) / 2
	}
	return likeness
}
