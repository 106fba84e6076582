package search

import (
	"context"

	"griot/internal/search/segment"
)

// RenewAfter is when no merge is at work any more that has read what a write
// replaced; see Renew.
const RenewAfter = sweepAfter

// Renew removes from all objects what newer versions of a conversation's units
// have replaced, so that no word is left that only older ones had. It is
// complete for writes that are RenewAfter old, and for those before the last
// Purge of anything that there was. It may be repeated.
func (x *Index) Renew(ctx context.Context, workspace, conversation string) error {
	for more := true; more; {
		err := again(ctx, func() (err error) {
			more, err = x.renewNext(ctx, workspace, conversation)
			return err
		})
		if err != nil {
			return err
		}
	}
	return again(ctx, func() error { // also what an earlier call left that died
		m, err := x.readManifest(ctx, workspace)
		if err != nil {
			return err
		}
		return x.sweep(ctx, workspace, m)
	})
}

// renewNext makes the oldest segment anew that has a unit of the conversation
// which was replaced.
func (x *Index) renewNext(ctx context.Context, workspace, conversation string) (more bool, err error) {
	m, err := x.readManifest(ctx, workspace)
	if err != nil {
		return false, err
	}
	rows, _, err := x.readTail(ctx, workspace, conversation+"#", 0)
	if err != nil {
		return false, err
	}
	metas, err := x.metas(ctx, workspace, m.Segments)
	if err != nil {
		return false, err
	}
	for i, meta := range metas {
		if !replacedIn(meta, conversation, rows, metas[i+1:]) {
			continue
		}
		if rows, _, err = x.readTail(ctx, workspace, "", 0); err != nil {
			return false, err
		}
		return true, x.remake(ctx, workspace, m, i, newer(rows, metas[i+1:]))
	}
	return false, nil
}

// replacedIn reports whether a segment has a unit of a conversation of which
// the tail's rows or later segments have a newer version.
func replacedIn(m *segment.Meta, conversation string, rows []row, later []*segment.Meta) bool {
	conv, found := m.Find(conversation)
	if !found {
		return false
	}
	for _, r := range rows {
		if _, found := m.FindUnit(conv, segment.Hash(r.memory)); found {
			return true
		}
	}
	first, end := m.UnitsOf(conv)
	for unit := first; unit < end; unit++ {
		if inAny(later, conversation, m.HashOf(unit)) {
			return true
		}
	}
	return false
}

// newer returns what knows the units that rows of the tail or segments have.
func newer(rows []row, segments []*segment.Meta) func(conversation, memory string) bool {
	inTail := make(map[string]bool, len(rows))
	for _, r := range rows {
		inTail[r.key.SK] = true
	}
	return func(conversation, memory string) bool {
		return inTail[sortKey(conversation, memory)] || inAny(segments, conversation, segment.Hash(memory))
	}
}

func inAny(segments []*segment.Meta, conversation string, hash uint64) bool {
	for _, m := range segments {
		if conv, found := m.Find(conversation); found {
			if _, found := m.FindUnit(conv, hash); found {
				return true
			}
		}
	}
	return false
}
