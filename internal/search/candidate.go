package search

import (
	"slices"

	"griot/internal/search/segment"
)

// candidate is a conversation that has some term of the query. Its score is
// at most its bound.
type candidate struct {
	bound float64
	place       // where it is alone
	also  int32 // else its number among those that are scattered, from 1
}

// place is a conversation of a segment.
type place struct {
	segment uint32
	conv    uint32
}

// scattered is a conversation that stands in several places. It may have units
// that replace others, so what is counted here is only the most there can be.
type scattered struct {
	bound  float64
	rows   []row          // of the tail
	places []place        // in segments, the newest first
	terms  []segment.Item // added up
}

// candidates are a heap: the one with the greatest bound comes first. There
// may be as many as the workspace has conversations, and few are looked at.
type candidates []candidate

func (c candidates) order() {
	for i := len(c)/2 - 1; i >= 0; i-- {
		c.down(i)
	}
}

func (c candidates) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(c) {
			return
		}
		if child+1 < len(c) && c[child+1].bound > c[child].bound {
			child++
		}
		if c[i].bound >= c[child].bound {
			return
		}
		c[i], c[child] = c[child], c[i]
		i = child
	}
}

func (c *candidates) pop() candidate {
	heap := *c
	top, last := heap[0], len(heap)-1
	heap[0], heap[last] = heap[last], candidate{}
	*c = heap[:last]
	c.down(0)
	return top
}

func (s *scattered) add(term int, item segment.Item) {
	t := &s.terms[term]
	t.Weight += item.Weight
	t.Passages += item.Passages
	t.Most = max(t.Most, item.Most)
	if t.Shortest == 0 || item.Shortest < t.Shortest {
		t.Shortest = item.Shortest
	}
}

// bound reckons the bounds of everything that has a term.
func (r *run) bound() error {
	several := map[string]*scattered{}
	r.inTail(several)
	for s := range r.layout.metas {
		single, err := r.inSegment(s, several)
		if err != nil {
			return err
		}
		r.bounds = append(r.bounds, single)
	}
	for id, c := range several {
		for t, item := range c.terms {
			if item.Passages > 0 {
				c.bound += r.most(t, item, 0)
			}
		}
		if c.bound > 0 {
			c.places = r.places(id)
			r.scattered = append(r.scattered, *c)
		}
	}
	return nil
}

// most is the most that a term can be worth in a conversation.
func (r *run) most(term int, item segment.Item, length uint32) float64 {
	whole := r.worth[term] * r.whole * r.grades.whole(item.Weight, length)
	return whole + passageMix*r.value[term]*r.grades.passage(item.Most, item.Shortest)
}

// sampled is of how many bounds level looks at one.
const sampled = 16

// level returns a bound that about n candidates reach, or 0 when there are not
// many more than that. Where the level lies matters for speed only.
func (r *run) level(n int) float64 {
	var sample []float64
	for _, bounds := range r.bounds {
		for i := 0; i < len(bounds); i += sampled {
			if bounds[i] > 0 {
				sample = append(sample, bounds[i])
			}
		}
	}
	if n /= sampled; len(sample) < 2*n {
		return 0
	}
	slices.Sort(sample)
	return sample[len(sample)-n]
}

// between returns the candidates whose bounds are at least from (and not 0)
// and less than to.
func (r *run) between(from, to float64) candidates {
	var out candidates
	for s, bounds := range r.bounds {
		for conv, b := range bounds {
			if b > 0 && b >= from && b < to {
				out = append(out, candidate{bound: b * roundingTolerance, place: place{uint32(s), uint32(conv)}})
			}
		}
	}
	for i := range r.scattered {
		if b := r.scattered[i].bound; b >= from && b < to {
			out = append(out, candidate{bound: b * roundingTolerance, also: int32(i + 1)})
		}
	}
	out.order()
	return out
}

func (r *run) inTail(several map[string]*scattered) {
	for id, rows := range r.rows {
		c := &scattered{rows: rows, terms: make([]segment.Item, len(r.q.terms))}
		several[id] = c
		for _, row := range rows {
			for t, term := range r.q.terms {
				for _, e := range row.unit.Find(term) {
					c.add(t, segment.Item{Weight: e.Weight, Passages: 1, Most: e.Weight, Shortest: row.unit.Lengths[e.Passage]})
				}
			}
		}
	}
}

// inSegment returns the bounds of the conversations that are in this segment
// only, and adds up the others.
func (r *run) inSegment(s int, several map[string]*scattered) ([]float64, error) {
	meta, lengths := r.layout.metas[s], r.layout.lengths[s]
	elsewhere := r.elsewhere(s)
	bounds := make([]float64, meta.Conversations())
	for t, list := range r.lists[s] {
		if list == nil {
			continue
		}
		err := list.Items(func(item segment.Item) {
			if !elsewhere.has(item.Conversation) {
				bounds[item.Conversation] += r.most(t, item, lengths[item.Conversation])
				return
			}
			id := meta.ID(item.Conversation)
			if several[id] == nil {
				several[id] = &scattered{terms: make([]segment.Item, len(r.q.terms))}
			}
			several[id].add(t, item)
		})
		if err != nil {
			return nil, err
		}
	}
	return bounds, nil
}

// elsewhere has the conversations of a segment that are not in it alone.
func (r *run) elsewhere(s int) bits {
	shared := r.layout.shared[s]
	if len(r.rows) == 0 {
		return shared
	}
	out := append(bits(nil), shared...)
	for id := range r.rows {
		if conv, found := r.layout.metas[s].Find(id); found {
			out.set(conv)
		}
	}
	return out
}

func (r *run) places(id string) []place {
	var out []place
	for s := len(r.layout.metas) - 1; s >= 0; s-- {
		if conv, found := r.layout.metas[s].Find(id); found {
			out = append(out, place{uint32(s), conv})
		}
	}
	return out
}
