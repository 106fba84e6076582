package search

import (
	"context"
	"slices"

	"griot/internal/search/segment"
	"griot/internal/table"
)

// Bounds of what purges that wait are settled together.
const (
	// maxTogether is how many writes one transaction makes to note them: half
	// of what it may.
	maxTogether = table.MaxTransactItems / 2
	// maxPurging is how many targets the manifest names: every query reads it.
	maxPurging = 100
)

// condemn counts a target's units and puts it into the manifest, with others
// that wait. From then on merges drop its units, so that number could not be
// found again.
func (x *Index) condemn(ctx context.Context, workspace string, t target, note func(int) []table.Op, waiting []Waiting) (int, error) {
	m, err := x.readManifest(ctx, workspace)
	if err != nil || slices.ContainsFunc(m.Purging, t.equal) {
		return 0, err
	}
	v := verdict{x: x, workspace: workspace, m: m}
	if v.metas, err = x.metas(ctx, workspace, m.Segments); err != nil {
		return 0, err
	}
	units, err := v.add(ctx, t, note)
	if err != nil || len(v.m.Purging) == len(m.Purging) {
		return 0, err
	}
	for _, w := range waiting {
		if len(v.ops) >= maxTogether || len(v.m.Purging) >= maxPurging {
			break
		}
		if _, err := v.add(ctx, target{Conversation: w.Conversation}, w.Note); err != nil {
			return 0, err
		}
	}
	_, err = x.commit(ctx, workspace, m, v.m, v.ops...)
	return units, err
}

// verdict is a manifest with targets that were not in it, and what notes them.
type verdict struct {
	x         *Index
	workspace string
	m         manifest
	metas     []*segment.Meta
	ops       []table.Op
}

// add takes a target in if there is anything of it, and returns how many
// units that is.
func (v *verdict) add(ctx context.Context, t target, note func(int) []table.Op) (int, error) {
	if slices.ContainsFunc(v.m.Purging, t.equal) {
		return 0, nil
	}
	units, any, err := v.held(ctx, t)
	if err != nil || !any {
		return 0, err
	}
	v.m.Purging = append(slices.Clone(v.m.Purging), t)
	v.ops = append(v.ops, note(units)...)
	return units, nil
}

// held returns how many units of a target can be found, and whether there is
// anything of it at all. The manifest was read before; see mergeTail.
func (v *verdict) held(ctx context.Context, t target) (units int, any bool, err error) {
	rows, err := v.x.targetRows(ctx, v.workspace, t)
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
	for _, p := range v.m.Purging { // counted already
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
	for _, meta := range slices.Backward(v.metas) {
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
