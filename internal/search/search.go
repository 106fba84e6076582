package search

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
	"strings"
)

// Search yields the conversations of a workspace that have any word of the
// query, best first, ties newest (greatest id) first. Any string is a query;
// one without words has no hits. All that was committed before the first
// step is seen. Hits are made as they are asked for, so a caller may go on
// until it has as many as it wants after re-reading them; an error ends it.
func (x *Index) Search(ctx context.Context, workspace, query string) iter.Seq2[Hit, error] {
	return func(yield func(Hit, error) bool) {
		told := map[string]bool{}
		err := x.follow(ctx, workspace, query, 1, func(r *run, f result) bool {
			if told[f.id] {
				return true
			}
			told[f.id] = true
			return yield(r.hit(f), nil)
		})
		if err != nil {
			yield(Hit{}, err)
		}
	}
}

// Memories yields single memories instead, in the manner of Search.
func (x *Index) Memories(ctx context.Context, workspace, query string) iter.Seq2[Match, error] {
	return func(yield func(Match, error) bool) {
		told := map[string]bool{}
		err := x.follow(ctx, workspace, query, 0, func(r *run, f result) bool {
			m := r.match(f.id, f.units[0])
			if told[m.Conversation+"#"+m.Memory] {
				return true
			}
			told[m.Conversation+"#"+m.Memory] = true
			return yield(m, nil)
		})
		if err != nil {
			yield(Match{}, err)
		}
	}
}

// follow yields results until it is told to stop. If a segment that it wants
// to read was replaced meanwhile, it begins anew.
func (x *Index) follow(ctx context.Context, workspace, text string, whole float64, yield func(*run, result) bool) error {
	q := parse(text)
	if len(q.terms) == 0 {
		return nil
	}
	return again(ctx, func() error {
		r, err := x.begin(ctx, workspace, q, whole)
		if err != nil {
			return err
		}
		defer r.end()
		return r.each(ctx, func(f result) bool { return yield(r, f) })
	})
}

// result is what is yielded: a conversation, or, to find memories, a memory
// of one, which is its only unit then.
type result found

// order is best first, then newest first.
func (a result) order(b result) int {
	return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(b.id, a.id))
}

// Sizes of what is scored at once.
const (
	firstBatch = 32
	lastBatch  = 1024
)

// each yields results in their order. A result is known to be the next one
// when no candidate is left whose score could be as good. As a rule the best
// bounds are enough, and the many others are never put in order.
func (r *run) each(ctx context.Context, yield func(result) bool) error {
	r.bound()
	floor := r.level(lastBatch)
	left := r.between(floor, math.MaxFloat32)
	var ready []result // in order
	for size := firstBatch; len(left)+len(ready) > 0 || floor > 0; size = min(2*size, lastBatch) {
		if len(left) == 0 && floor > 0 {
			left, floor = r.between(0, floor), 0
		}
		safe := 0
		for safe < len(ready) && (len(left) == 0 || ready[safe].score > float64(left[0].bound)) {
			safe++
		}
		if on, err := r.tell(ctx, ready[:safe], yield); err != nil || !on {
			return err
		}
		ready = ready[safe:]
		more, err := r.next(&left, size)
		if err != nil {
			return err
		}
		ready = append(ready, more...)
		slices.SortStableFunc(ready, result.order)
	}
	return nil
}

// tellBatch is for how many results names are read at once: about as many as
// are asked for.
const tellBatch = 20

func (r *run) tell(ctx context.Context, ready []result, yield func(result) bool) (on bool, err error) {
	for chunk := range slices.Chunk(ready, tellBatch) {
		if err := r.name(ctx, chunk); err != nil {
			return false, err
		}
		for _, f := range chunk {
			if !yield(f) {
				return false, nil
			}
		}
	}
	return true, nil
}

// next evaluates the best candidates.
func (r *run) next(left *candidates, size int) ([]result, error) {
	var batch []candidate
	for len(*left) > 0 && len(batch) < size {
		batch = append(batch, left.pop())
	}
	scored, err := r.evaluate(batch)
	if err != nil {
		return nil, err
	}
	var out []result
	for _, f := range scored {
		if r.whole > 0 {
			out = append(out, result(f))
			continue
		}
		for _, u := range f.units {
			out = append(out, result{f.id, u.score, u.terms, []unit{u}})
		}
	}
	return out, nil
}

func (r *run) hit(f result) Hit {
	h := Hit{Conversation: f.id, Score: f.score, Terms: r.terms(f.terms)}
	for _, u := range f.units[:min(MaxMatches, len(f.units))] {
		h.Memories = append(h.Memories, r.match(f.id, u))
	}
	return h
}

func (r *run) match(conversation string, u unit) Match {
	return Match{conversation, u.memory, u.score, r.terms(u.terms)}
}

func (r *run) terms(set uint64) []string {
	var out []string
	for t, term := range r.q.terms {
		if set&(1<<t) != 0 {
			out = append(out, term)
		}
	}
	return out
}
