package search

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"griot/internal/search/posting"
)

// part is a segment or the tail, as it should be: conversation, memory, unit.
type part map[string]map[string]*posting.Unit

func partOf(docs []Doc) part {
	p := part{}
	for _, d := range docs {
		p.set(d.Conversation, d.Memory, analyse(d))
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

// plain is the ranking by the book: every unit is looked at. Parts are the
// segments, the oldest first, and the tail.
func plain(parts []part, text string) []Hit {
	q := parse(text)
	s := statisticsOf(parts, q.terms)
	var hits []Hit
	for id, units := range overlaid(parts) {
		if hit := s.hit(q, units); hit.Score > 0 {
			hit.Conversation = id
			hits = append(hits, hit)
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(b.Conversation, a.Conversation))
	})
	return hits
}

// hit scores a conversation, as a whole and by its best three passages.
func (s statistics) hit(q query, units map[string]*posting.Unit) Hit {
	n := norms{average(uint64(s.words), s.conversations), average(uint64(s.words), s.passages)}
	var hit Hit
	length, passages := uint32(0), []float64{0, 0, 0}
	weights := make([]uint32, len(q.terms))
	for _, memory := range slices.Sorted(maps.Keys(units)) {
		scores := make([]float64, len(units[memory].Lengths))
		for t, term := range q.terms {
			for _, e := range units[memory].Find(posting.NewQuery(term)) {
				weights[t] += e.Weight
				scores[e.Passage] += q.weights[t] * rarity(s.passages, s.within[t]) * saturated(e.Weight, n.ofPassage(units[memory].Lengths[e.Passage]))
			}
		}
		for _, l := range units[memory].Lengths {
			length += l
		}
		passages = append(passages, scores...)
		if top := slices.Max(append(scores, 0)); memory != "" && top > 0 {
			hit.Memories = append(hit.Memories, Match{Memory: memory, Score: top})
		}
	}
	for t, weight := range weights {
		if weight > 0 {
			hit.Score += q.weights[t] * rarity(s.conversations, s.wholes[t]) * saturated(weight, n.ofWhole(length))
		}
	}
	slices.Sort(passages)
	best := passages[len(passages)-3:]
	hit.Score += passageMix * (best[2] + best[1]/2 + best[0]/4)
	return hit
}
