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
		return w.rewriteFirst(ctx, func(metas []*segment.Meta) (int, error) {
			rows, _, err := w.tail.read(ctx, conversation+"#", 0)
			if err != nil {
				return 0, err
			}
			for i, m := range metas {
				if hasReplaced(m, conversation, rows, metas[i+1:]) {
					return i, nil
				}
			}
			return -1, nil
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
// are being purged or have newer versions, whosesoever they are, so that the
// next call finds less to do. The manifest is read before the tail, as in
// mergeTail.
func (w *Workspace) rewriteFirst(ctx context.Context, choose func([]*segment.Meta) (int, error)) (more bool, err error) {
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil {
		return false, err
	}
	metas, err := w.objects.metas(ctx, m.Segments)
	if err != nil {
		return false, err
	}
	i, err := choose(metas)
	if err != nil || i < 0 {
		return false, err
	}
	rows, _, err := w.tail.read(ctx, "", 0)
	if err != nil {
		return false, err
	}
	inputs, err := w.inputs(ctx, m.Segments[i:i+1], nil)
	if err != nil {
		return false, err
	}
	replaced := replacedBy(rows, metas[i+1:])
	keep := func(conversation, memory string) bool {
		return !replaced(conversation, memory) && m.keeps(conversation, memory)
	}
	if _, err = w.replace(ctx, m, i, i+1, inputs, keep); err != nil {
		return false, fmt.Errorf("rewriting a search segment: %w", err)
	}
	return true, nil
}

// hasReplaced reports whether a segment has a unit of a conversation of which
// rows of the tail or newer segments have a version.
func hasReplaced(m *segment.Meta, conversation string, rows []Row, newer []*segment.Meta) bool {
	conv, found := m.Find(conversation)
	if !found {
		return false
	}
	for _, r := range rows {
		if _, found := m.FindUnit(conv, segment.Hash(r.Memory)); found {
			return true
		}
	}
	first, end := m.UnitsOf(conv)
	for unit := first; unit < end; unit++ {
		if anyHas(newer, conversation, m.HashOf(unit)) {
			return true
		}
	}
	return false
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
