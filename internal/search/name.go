package search

import (
	"context"
	"fmt"
)

// name fills in the ids of the memories of results, which segments keep
// apart from their words.
func (r *run) name(ctx context.Context, results []result) error {
	var needs []*need
	var units []*unit
	wanted := map[piece]*need{}
	var of []*need
	for _, f := range results {
		for i := range f.units[:min(MaxMatches, len(f.units))] {
			u := &f.units[i]
			if u.memory != "" {
				continue
			}
			n := r.memories(u.place)
			if wanted[n.name()] == nil {
				wanted[n.name()] = n
				needs = append(needs, n)
			}
			units, of = append(units, u), append(of, wanted[n.name()])
		}
	}
	if err := r.x.load(ctx, needs); err != nil {
		return fmt.Errorf("reading the names of memories: %w", err)
	}
	for i, u := range units {
		u.memory = of[i].value.([]string)[u.number]
	}
	return nil
}

func (r *run) memories(p place) *need {
	meta := r.layout.metas[p.Segment]
	return &need{workspace: r.workspace, key: r.manifest.Segments[p.Segment].Key, where: meta.Memories(p.Conversation), parse: func(data []byte) (any, int64, error) {
		ids, err := meta.ParseMemories(p.Conversation, data)
		return ids, int64(48*len(ids)) + int64(len(data)), err
	}}
}
