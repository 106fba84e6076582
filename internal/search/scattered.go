package search

import "slices"

// scattered are the conversations that stand in several places: first those
// of several segments, as the layout numbers them, then those others that
// have rows in the tail. They may have units that replace others, so what is
// counted here is only the most there can be.
type scattered struct {
	bounds  []float32
	lengths []uint32  // no conversation is shorter
	weight  []uint32  // of the term at hand, in all places
	best    []float32 // what the passages of one place count, at most
	sum     []float32 // of all places
	touched []int32   // those that have the term at hand
}

func newScattered(lengths []uint32) scattered {
	n := len(lengths)
	return scattered{
		bounds: make([]float32, n), lengths: lengths,
		weight: make([]uint32, n), best: make([]float32, n), sum: make([]float32, n),
	}
}

// add takes in what the term at hand is in a place of a conversation.
func (s *scattered) add(n int32, weight uint32, passages float32) {
	if s.weight[n] == 0 {
		s.touched = append(s.touched, n)
	}
	s.weight[n] += weight
	s.best[n] = max(s.best[n], passages)
	s.sum[n] += passages
}

// fold adds the term at hand to the bounds and ends it.
func (s *scattered) fold(worth, value float64, norms norms) {
	for _, n := range s.touched {
		weight := s.weight[n]
		if weight >= mostWeight { // perhaps there are more
			weight = 1 << 30
		}
		whole := saturated(weight, norms.ofWhole(s.lengths[n]))
		passages := min(s.sum[n], s.best[n]*float32(anyNumber))
		s.bounds[n] += float32(worth*whole) + float32(value)*passages
		s.weight[n], s.best[n], s.sum[n] = 0, 0, 0
	}
	s.touched = s.touched[:0]
}

// scatter numbers the conversations of the tail, and marks in each segment
// those that are not in it alone. Rows may replace the longest units, so that
// those with rows may be as short as can be.
func (r *run) scatter() {
	lengths := slices.Clone(r.layout.wholes)
	r.others = append([]bits(nil), r.layout.shared...)
	own := make([]bool, len(r.others)) // whether it is this run's
	for i := range r.tail {
		c := &r.tail[i]
		c.places = places(r.layout.metas, c.id)
		if len(c.places) > 1 {
			c.number = r.layout.numbers[c.places[0].Segment][c.places[0].Conversation] - 1
			lengths[c.number] = 0
			continue
		}
		c.number = int32(len(lengths))
		lengths = append(lengths, 0)
		r.loners = append(r.loners, i)
		for _, p := range c.places {
			if !own[p.Segment] {
				marks := newBits(r.layout.metas[p.Segment].Conversations())
				copy(marks, r.others[p.Segment])
				r.others[p.Segment], own[p.Segment] = marks, true
			}
			r.others[p.Segment].set(p.Conversation)
			r.marked[p] = c.number
		}
	}
	r.scattered = newScattered(lengths)
}

// number returns that of a conversation which is not in its segment alone.
func (r *run) number(p place) int32 {
	if numbers := r.layout.numbers[p.Segment]; numbers != nil && numbers[p.Conversation] > 0 {
		return numbers[p.Conversation] - 1
	}
	return r.marked[p]
}

// partsOf returns where a scattered conversation stands: in the tail, in
// segments, or both.
func (r *run) partsOf(n int) (tail *tailed, stored []place) {
	if n >= len(r.layout.places) {
		c := &r.tail[r.loners[n-len(r.layout.places)]]
		return c, c.places
	}
	stored = r.layout.places[n]
	id := r.layout.metas[stored[0].Segment].ID(stored[0].Conversation)
	return r.tailedOf(id), stored
}
