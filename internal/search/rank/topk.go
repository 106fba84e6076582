package rank

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"griot/internal/search/segment"
)

// candidate is a conversation that has some term of the query, and is not
// scored yet. Its score is at most its bound.
type candidate struct {
	bound float32
	place segment.Place // of one that stands there alone
	split int32         // else its number among those that are split, from 1
}

// candidates are a heap: the one with the greatest bound comes first. There
// may be as many as the workspace has conversations, and few are looked at.
type candidates []candidate

func (c candidates) heapify() {
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

// roundingTolerance is more than rounding can make a bound too low.
const roundingTolerance = 1 + 1e-5

// ceiling is more than any bound of a conversation that is not split can be.
func (b *bounds) ceiling() float32 {
	most := 0.0
	for t := range b.q.terms {
		whole, passage := b.q.mostOf(t)
		most += (whole + passage*maxShareSum) * (k1 + 1 + 1./quantum)
	}
	return float32(most)
}

// threshold returns a bound that about n candidates reach, or 0 when there are
// not many more than that. It is an estimate from a sample, by a histogram:
// where it lies matters for speed only.
func (b *bounds) threshold(n int) float32 {
	const sampled = 16 // of how many bounds one is looked at
	const buckets = 1024
	var counts [buckets]int
	total, scale := 0, buckets/(b.ceiling()*roundingTolerance)
	for _, bounds := range b.alone {
		for i := 0; i < len(bounds); i += sampled {
			if bound := bounds[i]; bound > 0 {
				counts[int(bound*scale)]++
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

// between returns the candidates whose bounds are at least from (and not 0)
// and less than to.
func (b *bounds) between(from, to float32) candidates {
	out := make(candidates, 0, 2*lastBatch)
	for s, bounds := range b.alone {
		for conv, bound := range bounds {
			if bound >= from && bound > 0 && bound < to {
				out = append(out, candidate{bound: bound * roundingTolerance, place: segment.Place{Segment: uint32(s), Conversation: uint32(conv)}})
			}
		}
	}
	for i, bound := range b.split.bounds {
		if bound >= from && bound > 0 && bound < to {
			out = append(out, candidate{bound: bound * roundingTolerance, split: int32(i + 1)})
		}
	}
	out.heapify()
	return out
}

// Sizes of what is scored at once.
const (
	firstBatch = 32
	lastBatch  = 1024
)

// ranked yields what is scored, best first, then newest (greatest id) first,
// until yield says to stop. Candidates are scored in the order of their
// bounds. The best result is known to be next when no candidate is left whose
// bound is as great as its score. As a rule the candidates above a threshold
// are enough for all that is asked for, and the many others are never put in
// order.
func ranked(b *bounds, scorer *scorer, yield func([]scored) (more bool, err error)) error {
	threshold := b.threshold(lastBatch)
	left := b.between(threshold, math.MaxFloat32)
	var ready []scored // in order
	for size := firstBatch; len(left)+len(ready) > 0 || threshold > 0; size = min(2*size, lastBatch) {
		if len(left) == 0 && threshold > 0 {
			left, threshold = b.between(0, threshold), 0
		}
		safe := 0
		for safe < len(ready) && (len(left) == 0 || ready[safe].score > float64(left[0].bound)) {
			safe++
		}
		if more, err := yield(ready[:safe]); err != nil || !more {
			return err
		}
		ready = ready[safe:]
		for range min(size, len(left)) {
			var err error
			if ready, err = scorer.score(ready, left.pop()); err != nil {
				return err
			}
		}
		slices.SortStableFunc(ready, func(a, b scored) int {
			return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(b.id, a.id))
		})
	}
	return nil
}
