package search

import "griot/internal/search/segment"

// candidate is a conversation that has some term of the query. Its score is
// at most its bound.
type candidate struct {
	bound float32
	place       // where it is alone
	also  int32 // else its number among those that are scattered, from 1
}

type place = segment.Place

// roundingTolerance is more than the bounds' rounding can make them too low.
const roundingTolerance = 1 + 1e-5

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

// level returns a bound that about n candidates reach, or 0 when there are not
// many more than that. Where the level lies matters for speed only.
func (r *run) level(n int) float32 {
	const sampled = 16 // of how many bounds one is looked at
	const buckets = 1024
	var counts [buckets]int
	total, scale := 0, buckets/(r.most()*roundingTolerance)
	for _, bounds := range r.bounds {
		for i := 0; i < len(bounds); i += sampled {
			if b := bounds[i]; b > 0 {
				counts[int(b*scale)]++
				total++
			}
		}
	}
	n /= sampled
	if total < 2*n {
		return 0
	}
	above, i := 0, buckets
	for above < n {
		i--
		above += counts[i]
	}
	return float32(i) / scale
}

// most is more than any bound can be.
func (r *run) most() float32 {
	most := 0.0
	for t := range r.q.terms {
		most += (r.worth[t]*r.whole + r.mix()*r.value[t]*anyNumber) * (saturation + 1 + 1./gradeSteps)
	}
	return float32(most)
}

// between returns the candidates whose bounds are at least from (and not 0)
// and less than to.
func (r *run) between(from, to float32) candidates {
	out := make(candidates, 0, 2*lastBatch)
	for s, bounds := range r.bounds {
		for conv, b := range bounds {
			if b >= from && b > 0 && b < to {
				out = append(out, candidate{bound: b * roundingTolerance, place: place{Segment: uint32(s), Conversation: uint32(conv)}})
			}
		}
	}
	for i, b := range r.scattered.bounds {
		if b >= from && b > 0 && b < to {
			out = append(out, candidate{bound: b * roundingTolerance, also: int32(i + 1)})
		}
	}
	out.order()
	return out
}

// bound reckons the bounds of everything that has a term.
func (r *run) bound() {
	r.scatter()
	for _, meta := range r.layout.metas {
		r.bounds = append(r.bounds, newBounds(meta.Conversations()))
	}
	for t := range r.q.terms {
		whole, passage := newGrades(r.worth[t]*r.whole), newGrades(r.value[t]*r.mix())
		for s := range r.bounds {
			if list := r.lists[s][t]; list != nil {
				r.inSegment(s, list, whole, passage)
			}
		}
		r.inTail(t)
		r.scattered.fold(r.worth[t]*r.whole, r.value[t]*r.mix(), r.norms)
	}
}

// inSegment adds a term to the bounds of the conversations that are in this
// segment alone, and gathers what it is to the others.
func (r *run) inSegment(s int, list *impacts, whole, passage *grades) {
	bounds, others := r.bounds[s], r.others[s]
	for i, conv := range list.convs {
		if others != nil && others.has(conv) {
			n := r.number(place{Segment: uint32(s), Conversation: conv})
			r.scattered.add(n, uint32(list.weights[i]), float32(list.passages[i])/gradeSteps)
			continue
		}
		bounds[conv] += whole[list.whole[i]] + passage[list.passages[i]]
	}
}

func (r *run) inTail(t int) {
	for _, c := range r.tail {
		for i, row := range c.rows {
			for _, e := range c.found[i][t] {
				norm := r.norms.ofPassage(row.unit.Lengths[e.Passage])
				r.scattered.add(c.number, e.Weight, float32(saturated(e.Weight, norm)))
			}
		}
	}
}
