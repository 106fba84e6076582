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
	err := untilDone(ctx, func() (more bool, err error) { return w.mergeConversation(ctx, conversation) })
	if err != nil {
		return err
	}
	err = untilDone(ctx, func() (more bool, err error) {
		return w.rewriteFirst(ctx, func(metas []*segment.Meta) int {
			for i, m := range metas {
				if hasReplaced(m, conversation, metas[i+1:]) {
					return i
				}
			}
			return -1
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

// mergeConversation makes a segment of a conversation's rows of the tail, if
// some of them replace units of segments, so that what is out of date can be
// told from segments alone.
func (w *Workspace) mergeConversation(ctx context.Context, conversation string) (more bool, err error) {
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil {
		return false, err
	}
	metas, err := w.objects.metas(ctx, m.Segments)
	if err != nil {
		return false, err
	}
	rows, size, err := w.tail.read(ctx, conversation+"#", 0)
	if err != nil {
		return false, err
	}
	rows = slices.DeleteFunc(rows, func(r Row) bool { return !m.keeps(r.Conversation, r.Memory) })
	if !slices.ContainsFunc(rows, func(r Row) bool { return anyHas(metas, conversation, segment.Hash(r.Memory)) }) {
		return false, nil
	}
	return true, w.mergeRows(ctx, m, rows, size)
}

// rewriteFirst rewrites the segment that choose names, the first that has what
// is to go: from the oldest on, lest what newer ones hide in it come back. It
// is done when choose returns -1. Left out of the segment are all units that
// are being purged or removed, or of which newer segments have versions,
// whosesoever they are, so that the next call finds less to do. Of the rows of
// the tail only tombstones count: another one may say the same as the segment,
// of which a merge has just made it, and that merge may remove it in the next
// moment. The manifest is read before the tail, as in mergeTail.
func (w *Workspace) rewriteFirst(ctx context.Context, choose func([]*segment.Meta) int) (more bool, err error) {
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil {
		return false, err
	}
	metas, err := w.objects.metas(ctx, m.Segments)
	if err != nil {
		return false, err
	}
	i := choose(metas)
	if i < 0 {
		return false, nil
	}
	rows, _, err := w.tail.read(ctx, "", 0)
	if err != nil {
		return false, err
	}
	inputs, err := w.inputs(ctx, m.Segments[i:i+1], nil)
	if err != nil {
		return false, err
	}
	gone := tombstones(rows)
	keep := func(conversation, memory string) bool {
		return !gone[tailSK(conversation, memory)] && !anyHas(metas[i+1:], conversation, segment.Hash(memory)) && m.keeps(conversation, memory)
	}
	if _, err = w.replace(ctx, m, i, i+1, inputs, keep); err != nil {
		return false, fmt.Errorf("rewriting a search segment: %w", err)
	}
	return true, nil
}

// tombstones returns the sort keys of rows of units that were removed.
func tombstones(rows []Row) map[string]bool {
	gone := map[string]bool{}
	for _, r := range rows {
		if len(r.Unit.Lengths) == 0 {
			gone[r.key.SK] = true
		}
	}
	return gone
}

// hasReplaced reports whether a segment has a unit of a conversation of which
// newer segments have a version.
func hasReplaced(m *segment.Meta, conversation string, newer []*segment.Meta) bool {
	conv, found := m.Find(conversation)
	if !found {
		return false
	}
	first, end := m.UnitsOf(conv)
	for unit := first; unit < end; unit++ {
		if anyHas(newer, conversation, m.HashOf(unit)) {
			return true
		}
	}
	return false
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
