package rank

import (
	"context"
	"slices"

	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/segment"
)

// Hit is a conversation that matches. Scores compare within one answer only.
type Hit struct {
	Conversation string
	Score        float64
	Memories     []Match  // best first; at most MaxMatches
	Terms        []string // what of the query, or near it, occurs in it
	Titled       bool     // some of it is in what the conversation is called
}

// MaxMatches is the most memories that a Hit names.
const MaxMatches = 20

// Match is a memory that matches.
type Match struct {
	Conversation string
	Memory       string
	Score        float64
	Terms        []string
}

// Conversations yields the conversations that have any term of the query, best
// first, ties newest (greatest id) first, until yield returns false.
func Conversations(ctx context.Context, s *index.Snapshot, asked analysis.Query, yield func(Hit) bool) error {
	return search(ctx, s, asked, false, func(q *query, found scored) bool {
		h := Hit{Conversation: found.id, Score: found.score, Terms: q.termsOf(found.terms), Titled: found.titled}
		for _, m := range found.memories[:min(MaxMatches, len(found.memories))] {
			h.Memories = append(h.Memories, Match{found.id, m.id, m.score, q.termsOf(m.terms)})
		}
		return yield(h)
	})
}

// Memories yields single memories instead, in the manner of Conversations.
func Memories(ctx context.Context, s *index.Snapshot, asked analysis.Query, yield func(Match) bool) error {
	return search(ctx, s, asked, true, func(q *query, found scored) bool {
		m := found.memories[0]
		return yield(Match{found.id, m.id, m.score, q.termsOf(m.terms)})
	})
}

// termsOf returns the terms of a set, by their numbers.
func (q *query) termsOf(set uint64) []string {
	var out []string
	for t, term := range q.terms {
		if set&(1<<t) != 0 {
			out = append(out, term.text)
		}
	}
	return out
}

// namesAtOnce is for how many results ids of memories are read at once: about
// as many as are asked for.
const namesAtOnce = 20

// search yields conversations or, byMemory, single memories, as a scored
// conversation each.
func search(ctx context.Context, s *index.Snapshot, asked analysis.Query, byMemory bool, yield func(*query, scored) bool) error {
	q, err := open(ctx, s, asked, byMemory)
	if err != nil || q == nil {
		return err
	}
	b := newBounds(q)
	defer b.release()
	return ranked(b, &scorer{q: q, b: b, byMemory: byMemory}, func(found []scored) (more bool, err error) {
		for chunk := range slices.Chunk(found, namesAtOnce) {
			if err := nameMemories(ctx, s, chunk); err != nil {
				return false, err
			}
			for _, f := range chunk {
				if !yield(q, f) {
					return false, nil
				}
			}
		}
		return true, nil
	})
}

// nameMemories fills in the ids of the memories that hits name.
func nameMemories(ctx context.Context, s *index.Snapshot, found []scored) error {
	var unnamed []*scoredMemory
	var places []segment.Place
	for _, f := range found {
		for i := range f.memories[:min(MaxMatches, len(f.memories))] {
			if m := &f.memories[i]; m.id == "" {
				unnamed, places = append(unnamed, m), append(places, m.place)
			}
		}
	}
	ids, err := s.MemoryIDs(ctx, places)
	if err != nil {
		return err
	}
	for _, m := range unnamed {
		m.id = ids[m.place][m.unit]
	}
	return nil
}
