package index

import (
	"context"
	"fmt"

	"griot/internal/search/segment"
)

// Snapshot is the index of a workspace as one query sees it: what is in the
// tail, and the segments. All that was committed before it was taken is in
// it. A row of the tail replaces what segments have of its unit, and a segment
// what older ones have.
type Snapshot struct {
	Tail     []Row // in the order of conversations and memories
	Segments *Segments

	objects objects
	refs    []ref
}

// Load fills in the values of parts of segments.
func (s *Snapshot) Load(ctx context.Context, parts []*Part) error {
	return s.objects.load(ctx, s.refs, parts)
}

// MemoryIDs returns the ids of the memories of conversations, in the order of
// their units. Segments keep them apart from the postings: only those of hits
// are read.
func (s *Snapshot) MemoryIDs(ctx context.Context, places []segment.Place) (map[segment.Place][]string, error) {
	parts := map[segment.Place]*Part{}
	var wanted []*Part
	for _, p := range places {
		if parts[p] != nil {
			continue
		}
		meta := s.Segments.Metas[p.Segment]
		parts[p] = &Part{Segment: int(p.Segment), Where: meta.Memories(p.Conversation), Parse: func(data []byte) (any, int64, error) {
			ids, err := meta.ParseMemories(p.Conversation, data)
			return ids, int64(48*len(ids)) + int64(len(data)), err
		}}
		wanted = append(wanted, parts[p])
	}
	if err := s.Load(ctx, wanted); err != nil {
		return nil, fmt.Errorf("reading the ids of memories: %w", err)
	}
	ids := make(map[segment.Place][]string, len(parts))
	for p, part := range parts {
		ids[p] = part.Value.([]string)
	}
	return ids, nil
}
