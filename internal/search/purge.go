package search

import (
	"context"
	"fmt"
	"slices"
	"time"

	"griot/internal/queue"
	"griot/internal/search/segment"
	"griot/internal/table"
)

// Purge removes a conversation's units (memories nil), or the named memories
// of it, from every row and object, so that no word of theirs is left, and
// returns how many units the index held. Nobody may Put one of them any more
// when it is called. The writes that note returns for that number are made in
// the transaction that settles it, once, whatever is repeated: an exact
// receipt. A repeated call finishes what an earlier one began, and returns 0
// for what that has settled.
func (x *Index) Purge(ctx context.Context, workspace, conversation string, memories []string, note func(units int) []table.Op) (int, error) {
	t := target{Conversation: conversation, Memories: slices.Compact(slices.Sorted(slices.Values(memories)))}
	units := 0
	err := again(ctx, func() (err error) {
		units, err = x.condemn(ctx, workspace, t, note)
		return err
	})
	if err != nil {
		return 0, err
	}
	return units, x.erase(ctx, workspace, t)
}

// condemn counts a target's units and puts it into the manifest. From then on
// merges drop its units, so that number could not be found again.
func (x *Index) condemn(ctx context.Context, workspace string, t target, note func(int) []table.Op) (int, error) {
	m, err := x.readManifest(ctx, workspace)
	if err != nil || slices.ContainsFunc(m.Purging, t.equal) {
		return 0, err
	}
	units, any, err := x.held(ctx, workspace, m, t)
	if err != nil || !any {
		return 0, err
	}
	next := m
	next.Purging = append(slices.Clone(m.Purging), t)
	_, err = x.commit(ctx, workspace, m, next, note(units)...)
	return units, err
}

// held returns how many units of a target can be found, and whether there is
// anything of it at all. The manifest was read before; see mergeTail.
func (x *Index) held(ctx context.Context, workspace string, m manifest, t target) (units int, any bool, err error) {
	rows, err := x.targetRows(ctx, workspace, t)
	if err != nil {
		return 0, false, err
	}
	seen := map[uint64]bool{}
	note := func(hash uint64, passages int) {
		if !seen[hash] && passages > 0 {
			units++
		}
		seen[hash] = true
	}
	for _, p := range m.Purging { // counted already
		if p.Conversation != t.Conversation {
			continue
		}
		if len(p.Memories) == 0 {
			return 0, true, nil
		}
		for _, memory := range p.Memories {
			seen[segment.Hash(memory)] = true
		}
	}
	for _, r := range rows {
		note(segment.Hash(r.memory), len(r.unit.Lengths))
	}
	metas, err := x.metas(ctx, m.Segments)
	if err != nil {
		return 0, false, err
	}
	for _, meta := range slices.Backward(metas) {
		for hash, passages := range t.units(meta) {
			note(hash, passages)
		}
	}
	return units, len(seen) > 0, nil
}

// units yields a target's units in a segment, by hash, with the number of
// their passages.
func (t target) units(m *segment.Meta) func(yield func(hash uint64, passages int) bool) {
	return func(yield func(uint64, int) bool) {
		conv, found := m.Find(t.Conversation)
		if !found {
			return
		}
		named := map[uint64]bool{}
		for _, memory := range t.Memories {
			named[segment.Hash(memory)] = true
		}
		first, end := m.UnitsOf(conv)
		for unit := first; unit < end; unit++ {
			from, to := m.PassagesOf(unit)
			hash := m.HashOf(unit)
			if (len(named) == 0 || named[hash]) && !yield(hash, int(to-from)) {
				return
			}
		}
	}
}

func (x *Index) targetRows(ctx context.Context, workspace string, t target) ([]row, error) {
	rows, _, err := x.readTail(ctx, workspace, t.Conversation+"#", 0)
	return slices.DeleteFunc(rows, func(r row) bool { return !t.covers(r.conversation, r.memory) }), err
}

// erase removes a target that the manifest names, and its name at the end.
func (x *Index) erase(ctx context.Context, workspace string, t target) error {
	for more := true; more; {
		err := again(ctx, func() (err error) {
			more, err = x.eraseNext(ctx, workspace, t)
			return err
		})
		if err != nil {
			return err
		}
	}
	rows, err := x.targetRows(ctx, workspace, t)
	if err != nil {
		return err
	}
	if err := x.deleteRows(ctx, rows); err != nil {
		return err
	}
	if err := x.sweepLater(ctx, workspace); err != nil {
		return err
	}
	return again(ctx, func() error { return x.acquit(ctx, workspace, t) })
}

// sweepAfter is longer than a merge may run.
const sweepAfter = 10 * time.Minute

// sweepLater has the objects swept once more: a merge that read the manifest
// before the target was in it may still write one, and die.
func (x *Index) sweepLater(ctx context.Context, workspace string) error {
	err := x.Merges.Send(ctx, queue.Outgoing{Body: Job{workspace}.Encode(), Group: workspace, Delay: sweepAfter})
	if err != nil {
		return fmt.Errorf("sending a merge job: %w", err)
	}
	return nil
}

// eraseNext makes the oldest segment anew that has something of the target:
// what newer ones hide in older ones must not come back.
func (x *Index) eraseNext(ctx context.Context, workspace string, t target) (more bool, err error) {
	m, err := x.readManifest(ctx, workspace)
	if err != nil {
		return false, err
	}
	metas, err := x.metas(ctx, m.Segments)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(metas, t.touches)
	if i < 0 {
		return false, nil
	}
	inputs, err := x.inputs(ctx, m.Segments[i:i+1], nil)
	if err != nil {
		return false, err
	}
	if _, err = x.replace(ctx, workspace, m, i, i+1, inputs); err != nil {
		return false, fmt.Errorf("purging a search segment: %w", err)
	}
	return true, nil
}

// acquit removes the objects that were replaced, and then the target's name:
// as long as that is there, a repeated call removes them.
func (x *Index) acquit(ctx context.Context, workspace string, t target) error {
	m, err := x.readManifest(ctx, workspace)
	if err != nil {
		return err
	}
	if err := x.sweep(ctx, workspace, m); err != nil {
		return err
	}
	if !slices.ContainsFunc(m.Purging, t.equal) {
		return nil
	}
	next := m
	next.Purging = slices.DeleteFunc(slices.Clone(m.Purging), t.equal)
	_, err = x.commit(ctx, workspace, m, next)
	return err
}
