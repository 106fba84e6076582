package index_test

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"griot/internal/search"
	"griot/internal/search/analysis"
	"griot/internal/search/posting"
)

// part is a segment or the tail, as it should be: conversation, memory, unit.
type part map[string]map[string]*posting.Unit

func partOf(docs []search.Doc) part {
	p := part{}
	for _, d := range docs {
		p.set(d.Conversation, d.Memory, analysis.Unit(d))
	}
	return p
}

func (p part) set(conversation, memory string, u *posting.Unit) {
	if p[conversation] == nil {
		p[conversation] = map[string]*posting.Unit{}
	}
	p[conversation][memory] = u
}

// overlaid is what newer parts leave of older ones.
func overlaid(parts []part) part {
	all := part{}
	for _, p := range parts {
		for id, units := range p {
			for memory, u := range units {
				all.set(id, memory, u)
			}
		}
	}
	return all
}

// statistics are of everything that is stored, whether it is replaced or not.
type statistics struct {
	conversations, passages, words int
	wholes, within                 []int // by term: conversations and passages that have it
}

func statisticsOf(parts []part, terms []string) statistics {
	s := statistics{wholes: make([]int, len(terms)), within: make([]int, len(terms))}
	for _, p := range parts {
		for _, units := range p {
			before := slices.Clone(s.within)
			for _, u := range units {
				s.add(u, terms)
			}
			for t := range terms {
				if s.within[t] > before[t] {
					s.wholes[t]++
				}
			}
			s.conversations++
		}
	}
	return s
}

func (s *statistics) add(u *posting.Unit, terms []string) {
	for _, n := range u.Lengths {
		s.words += int(n)
		s.passages++
	}
	for t, term := range terms {
		s.within[t] += len(u.Find(posting.NewQuery(term)))
	}
}

// reference is the ranking by its formulas: every unit is looked at. Parts are
// the segments, the oldest first, and the tail.
func reference(parts []part, text string) []search.Hit {
	q := analysis.ParseQuery(text)
	s := statisticsOf(parts, q.Terms)
	var hits []search.Hit
	for id, units := range overlaid(parts) {
		if hit := s.hit(q, units); hit.Score > 0 {
			hit.Conversation = id
			hits = append(hits, hit)
		}
	}
	slices.SortFunc(hits, func(a, b search.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(b.Conversation, a.Conversation))
	})
	return hits
}

// hit scores a conversation, as a whole and by its best three passages.
func (s statistics) hit(q analysis.Query, units map[string]*posting.Unit) search.Hit {
	const k1, b, passageB = 1.2, 0.75, 0.5
	idf := func(n, df int) float64 { return math.Log(1 + (float64(n-df)+0.5)/(float64(df)+0.5)) }
	bm25 := func(weight uint32, b float64, length uint32, n int) float64 {
		average := max(1, float64(s.words)/float64(n))
		return float64(weight) * (k1 + 1) / (float64(weight) + k1*(1-b+b*float64(length)/average))
	}
	var hit search.Hit
	length, passages := uint32(0), []float64{0, 0, 0}
	weights := make([]uint32, len(q.Terms))
	for _, memory := range slices.Sorted(maps.Keys(units)) {
		scores := make([]float64, len(units[memory].Lengths))
		for t, term := range q.Terms {
			for _, e := range units[memory].Find(posting.NewQuery(term)) {
				weights[t] += e.Weight
				scores[e.Passage] += q.Weights[t] * idf(s.passages, s.within[t]) * bm25(e.Weight, passageB, units[memory].Lengths[e.Passage], s.passages)
			}
		}
		for _, l := range units[memory].Lengths {
			length += l
		}
		passages = append(passages, scores...)
		if top := slices.Max(append(scores, 0)); memory != "" && top > 0 {
			hit.Memories = append(hit.Memories, search.Match{Memory: memory, Score: top})
		}
	}
	for t, weight := range weights {
		if weight > 0 {
			hit.Score += q.Weights[t] * idf(s.conversations, s.wholes[t]) * bm25(weight, b, length, s.conversations)
		}
	}
	slices.Sort(passages)
	best := passages[len(passages)-3:]
	hit.Score += 0.8 * (best[2] + best[1]/2 + best[0]/4)
	return hit
}
