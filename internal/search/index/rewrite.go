package index

import (
	"context"
	"fmt"
	"slices"
	"time"

	"griot/internal/search/segment"
)

// mergeTime is longer than a merge may run.
const mergeTime = 10 * time.Minute

// RenewAfter is when no merge is at work any more that has read what a write
// replaced; see Renew.
const RenewAfter = mergeTime

// Renew removes from all segments the units of a conversation of which there
// are newer versions, so that no word is left that only older ones had. It is
// complete for writes that are RenewAfter old, and for those before the last
// Purge of anything that there was. It may be repeated.
func (w *Workspace) Renew(ctx context.Context, conversation string) error {
	err := untilDone(ctx, func() (more bool, err error) {
		return w.rewriteFirst(ctx, func(metas []*segment.Meta) (int, []Row, error) {
			rows, _, err := w.tail.read(ctx, conversation+"#", 0)
			if err != nil {
				return 0, nil, err
			}
			for i, m := range metas {
				if hasReplaced(m, conversation, rows, metas[i+1:]) {
					return i, rowsOf(m, conversation, rows), nil
				}
			}
			return -1, nil, nil
		})
	})
	if err != nil {
		return err
	}
	return again(ctx, func() error { // also what an earlier call left that died
		m, err := readManifest(ctx, w.table, w.id)
		if err != nil {
			return err
		}
		return w.objects.sweep(ctx, m)
	})
}

// rewriteFirst rewrites the segment that choose names, the first that has what
// is to go: from the oldest on, lest what newer ones hide in it come back. It
// is done when choose returns -1. Left out of the segment are all units that
// are being purged, that newer segments have, or of which the tail has a tombstone,
// whosesoever they are, so that the next call finds less to do, and those of which
// choose names the rows in the tail.
//
// A row of the tail may be what the segment has itself: the merge that took it in
// has committed, and is still to remove it. With the unit gone from the segment
// nothing would be left of it then. A tombstone is not what a unit with passages
// is. Other rows get another stamp first: that merge leaves them, and one that
// commits later makes this rewriting begin again. The manifest is read before the
// tail, as in mergeTail.
func (w *Workspace) rewriteFirst(ctx context.Context, choose func([]*segment.Meta) (int, []Row, error)) (more bool, err error) {
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil {
		return false, err
	}
	metas, err := w.objects.metas(ctx, m.Segments)
	if err != nil {
		return false, err
	}
	i, rows, err := choose(metas)
	if err != nil || i < 0 {
		return false, err
	}
	if err := w.tail.hold(ctx, rows); err != nil {
		return false, err
	}
	tail, _, err := w.tail.read(ctx, "", 0)
	if err != nil {
		return false, err
	}
	inputs, err := w.inputs(ctx, m.Segments[i:i+1], nil)
	if err != nil {
		return false, err
	}
	removed, replaced := removedBy(tail, metas[i]), replacedBy(rows, metas[i+1:])
	keep := func(conversation, memory string) bool {
		return !removed(conversation, memory) && !replaced(conversation, memory) && m.keeps(conversation, memory)
	}
	if _, err = w.replace(ctx, m, i, i+1, inputs, keep); err != nil {
		return false, fmt.Errorf("rewriting a search segment: %w", err)
	}
	return true, nil
}

// rowsOf returns the rows of a conversation of which a segment has a version.
func rowsOf(m *segment.Meta, conversation string, rows []Row) []Row {
	conv, found := m.Find(conversation)
	if !found {
		return nil
	}
	var out []Row
	for _, r := range rows {
		if _, found := m.FindUnit(conv, segment.Hash(r.Memory)); found {
			out = append(out, r)
		}
	}
	return out
}

// hasReplaced reports whether a segment has a unit of a conversation of which
// rows of the tail or newer segments have a version.
func hasReplaced(m *segment.Meta, conversation string, rows []Row, newer []*segment.Meta) bool {
	conv, found := m.Find(conversation)
	if !found {
		return false
	}
	if len(rowsOf(m, conversation, rows)) > 0 {
		return true
	}
	first, end := m.UnitsOf(conv)
	for unit := first; unit < end; unit++ {
		if anyHas(newer, conversation, m.HashOf(unit)) {
			return true
		}
	}
	return false
}

// removedBy returns what reports whether a segment has passages of a unit of which
// there is a tombstone among rows.
func removedBy(rows []Row, m *segment.Meta) func(conversation, memory string) bool {
	gone := map[string]bool{}
	for _, r := range rows {
		if len(r.Unit.Lengths) == 0 {
			gone[r.key.SK] = true
		}
	}
	return func(conversation, memory string) bool {
		if !gone[tailSK(conversation, memory)] {
			return false
		}
		conv, found := m.Find(conversation)
		if !found {
			return false
		}
		unit, found := m.FindUnit(conv, segment.Hash(memory))
		from, to := m.PassagesOf(unit)
		return found && to > from
	}
}

// replacedBy returns what reports whether rows of the tail or segments have a
// version of a unit.
func replacedBy(rows []Row, segments []*segment.Meta) func(conversation, memory string) bool {
	inTail := make(map[string]bool, len(rows))
	for _, r := range rows {
		inTail[r.key.SK] = true
	}
	return func(conversation, memory string) bool {
		return inTail[tailSK(conversation, memory)] || anyHas(segments, conversation, segment.Hash(memory))
	}
}

func anyHas(segments []*segment.Meta, conversation string, hash uint64) bool {
	return slices.ContainsFunc(segments, func(m *segment.Meta) bool {
		conv, found := m.Find(conversation)
		if !found {
			return false
		}
		_, found = m.FindUnit(conv, hash)
		return found
	})
}
