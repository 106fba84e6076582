package index

import (
	"context"
	"errors"
	"iter"
	"slices"

	"griot/internal/search/segment"
	"griot/internal/table"
)

// Waiting is a conversation that Purge is going to be called for, too: all of
// it, with this note. Nobody may Put anything of it any more.
type Waiting struct {
	Conversation string
	Note         func(units int) []table.Op
}

// Bounds of what purges that wait are settled together.
const (
	// maxNotes is how many writes one transaction makes to note them: half of
	// what it may.
	maxNotes = table.MaxTransactItems / 2
	// maxPurging is how many targets the manifest names: every query reads it.
	maxPurging = 100
)

// target is what a purge removes: named memories of a conversation, or all of
// it when there are none. While the manifest names it, no merge keeps a word
// of it.
type target struct {
	Conversation string   `json:"conversation"`
	Memories     []string `json:"memories,omitempty"`
}

func (t target) covers(conversation, memory string) bool {
	return t.Conversation == conversation && (len(t.Memories) == 0 || slices.Contains(t.Memories, memory))
}

func (t target) equal(o target) bool {
	return t.Conversation == o.Conversation && slices.Equal(t.Memories, o.Memories)
}

// unitsIn yields a target's units in a segment: their hashes, and how many
// passages they have.
func (t target) unitsIn(m *segment.Meta) iter.Seq2[uint64, int] {
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

// Purge removes a conversation, or the named memories of it, from every row
// and object. See search.Index.Purge, and the package's comment for its steps.
func (w *Workspace) Purge(ctx context.Context, conversation string, memories []string, note func(units int) []table.Op, waiting ...Waiting) (int, error) {
	t := target{Conversation: conversation, Memories: slices.Compact(slices.Sorted(slices.Values(memories)))}
	units := 0
	mark := func(waiting []Waiting) error {
		return again(ctx, func() (err error) {
			units, err = w.markPurged(ctx, t, note, waiting)
			return err
		})
	}
	err := mark(waiting)
	if len(waiting) > 0 && (errors.Is(err, table.ErrCondition) || table.Retryable(err)) {
		// A note of the others failed; that is for their own calls to report.
		err = mark(nil)
	}
	if err != nil {
		return 0, err
	}
	return units, w.erase(ctx, t)
}

// markPurged counts a target's units, enters it into the manifest and notes
// the number, all in one transaction; others that wait are treated likewise.
// It returns 0 for a target that the manifest names already: its units have
// been counted, and merges drop them from then on.
func (w *Workspace) markPurged(ctx context.Context, t target, note func(int) []table.Op, waiting []Waiting) (int, error) {
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil || slices.ContainsFunc(m.Purging, t.equal) {
		return 0, err
	}
	metas, err := w.objects.metas(ctx, m.Segments)
	if err != nil {
		return 0, err
	}
	next, notes := m, []table.Op(nil)
	mark := func(t target, note func(int) []table.Op) (units int, err error) {
		if slices.ContainsFunc(next.Purging, t.equal) {
			return 0, nil
		}
		units, any, err := w.countUnits(ctx, next.Purging, metas, t)
		if err != nil || !any {
			return 0, err
		}
		next.Purging = append(slices.Clone(next.Purging), t)
		notes = append(notes, note(units)...)
		return units, nil
	}
	units, err := mark(t, note)
	if err != nil || len(next.Purging) == len(m.Purging) {
		return 0, err
	}
	for _, other := range waiting {
		if len(notes) >= maxNotes || len(next.Purging) >= maxPurging {
			break
		}
		if _, err := mark(target{Conversation: other.Conversation}, other.Note); err != nil {
			return 0, err
		}
	}
	_, err = m.commit(ctx, w.table, next, notes...)
	return units, err
}

// countUnits returns how many units of a target queries can find, without
// those that other purges have counted, and whether there is anything of it at
// all, tombstones included. Its segments are of a manifest that was read
// before; see mergeTail.
func (w *Workspace) countUnits(ctx context.Context, counted []target, metas []*segment.Meta, t target) (units int, any bool, err error) {
	rows, err := w.targetRows(ctx, t)
	if err != nil {
		return 0, false, err
	}
	seen := map[uint64]bool{} // of each unit the newest version counts
	for _, p := range counted {
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
	count := func(hash uint64, passages int) {
		if !seen[hash] && passages > 0 {
			units++
		}
		seen[hash] = true
	}
	for _, r := range rows {
		count(segment.Hash(r.Memory), len(r.Unit.Lengths))
	}
	for _, meta := range slices.Backward(metas) {
		for hash, passages := range t.unitsIn(meta) {
			count(hash, passages)
		}
	}
	return units, len(seen) > 0, nil
}

func (w *Workspace) targetRows(ctx context.Context, t target) ([]Row, error) {
	rows, _, err := w.tail.read(ctx, t.Conversation+"#", 0)
	return slices.DeleteFunc(rows, func(r Row) bool { return !t.covers(r.Conversation, r.Memory) }), err
}

// erase removes a target that the manifest names from segments, the tail and
// objects that were replaced, and then from the manifest: as long as it is
// there, a repeated call does all that.
func (w *Workspace) erase(ctx context.Context, t target) error {
	err := untilDone(ctx, func() (more bool, err error) {
		return w.rewriteFirst(ctx, func(metas []*segment.Meta) (int, []Row, error) {
			return slices.IndexFunc(metas, func(m *segment.Meta) bool {
				for range t.unitsIn(m) {
					return true
				}
				return false
			}), nil, nil
		})
	})
	if err != nil {
		return err
	}
	rows, err := w.targetRows(ctx, t)
	if err != nil {
		return err
	}
	if err := w.tail.remove(ctx, rows); err != nil {
		return err
	}
	// A merge that read the manifest before the target was in it may still
	// write an object, and die: the next Merge sweeps that.
	if err := w.sendJob(ctx, mergeTime); err != nil {
		return err
	}
	return again(ctx, func() error { return w.unmarkPurged(ctx, t) })
}

func (w *Workspace) unmarkPurged(ctx context.Context, t target) error {
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil {
		return err
	}
	if err := w.objects.sweep(ctx, m); err != nil {
		return err
	}
	if !slices.ContainsFunc(m.Purging, t.equal) {
		return nil
	}
	next := m
	next.Purging = slices.DeleteFunc(slices.Clone(m.Purging), t.equal)
	_, err = m.commit(ctx, w.table, next)
	return err
}
