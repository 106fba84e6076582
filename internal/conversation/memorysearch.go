package conversation

import (
	"context"
	"fmt"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/search"
)

// maxMemoryMatches is how many matches a search of memories counts, and how
// many it looks through when it filters.
const maxMemoryMatches = 1000

// SearchMemories returns the memories that match any word of a query, best
// first. A Limit out of 1 to 100 is InvalidArgument.
func (s *Service) SearchMemories(ctx context.Context, p access.Principal, in MemorySearchInput) (MemoryHits, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return MemoryHits{}, err
	}
	f, err := in.filter(p.Workspace)
	if err != nil {
		return MemoryHits{}, err
	}
	matches, err := s.matches(ctx, p.Workspace, in)
	if err != nil {
		return MemoryHits{}, err
	}
	if !f.any {
		hits, err := s.readMatches(ctx, p.Workspace, window(matches, in.Limit, in.Offset), f)
		return MemoryHits{Hits: hits, Total: len(matches)}, err
	}
	hits, err := s.readMatches(ctx, p.Workspace, matches, f)
	return MemoryHits{Hits: window(hits, in.Limit, in.Offset), Total: len(hits)}, err
}

// memoryFilter is what a search selects beside its words.
type memoryFilter struct {
	any             bool // it selects at all, beside the conversation
	topics          map[string]bool
	kind            string
	event, ingested memory.Range
	workspace       string
}

func (in MemorySearchInput) filter(workspace string) (memoryFilter, error) {
	var bad problems
	bad.query(in.Query)
	bad.limit(in.Limit, in.Offset, MaxMemoryLimit)
	bad.oneOf("memoryType", in.Type, memory.Types)
	bad.topics(in.Topics)
	f := memoryFilter{workspace: workspace, kind: in.Type, topics: topic.IDs(workspace, in.Topics)}
	f.event = memory.Range{From: bad.time("eventTimeFrom", in.EventFrom), To: bad.time("eventTimeTo", in.EventTo)}
	f.ingested = memory.Range{From: bad.time("ingestionTimeFrom", in.IngestedFrom), To: bad.time("ingestionTimeTo", in.IngestedTo)}
	f.any = f.kind != "" || len(f.topics) > 0 || f.event != (memory.Range{}) || f.ingested != (memory.Range{})
	return f, bad.result()
}

func (f memoryFilter) wants(m memory.Memory) bool {
	if f.kind != "" && m.Type != f.kind || !f.ingested.Holds(m.CreatedAt) {
		return false
	}
	if f.event != (memory.Range{}) && (m.EventTime.IsZero() || !f.event.Holds(m.EventTime)) {
		return false
	}
	if len(f.topics) == 0 {
		return true
	}
	for _, name := range m.Topics {
		if f.topics[topic.ID(f.workspace, name)] {
			return true
		}
	}
	return false
}

// matches collects what the index finds in conversations that are there.
func (s *Service) matches(ctx context.Context, workspace string, in MemorySearchInput) ([]search.Match, error) {
	hidden, err := s.hidden(ctx, workspace)
	if err != nil {
		return nil, err
	}
	var all []search.Match
	for match, err := range s.Index.Memories(ctx, workspace, in.Query) {
		if err != nil {
			return nil, fmt.Errorf("searching memories: %w", err)
		}
		if hidden[match.Conversation] || in.Conversation != "" && match.Conversation != in.Conversation {
			continue
		}
		if all = append(all, match); len(all) == maxMemoryMatches {
			break
		}
	}
	return all, nil
}

// readMatches reads memories again and leaves out what is not there any more,
// and what the filter does not want.
func (s *Service) readMatches(ctx context.Context, workspace string, matches []search.Match, f memoryFilter) ([]MemoryHit, error) {
	var out []MemoryHit
	for chunk := range slices.Chunk(matches, MaxMemoryLimit) {
		ids := make([]string, len(chunk))
		for i, match := range chunk {
			ids[i] = match.Memory
		}
		found, err := s.getMemories(ctx, workspace, ids)
		if err != nil {
			return nil, err
		}
		for i, m := range found {
			if m.ID != "" && f.wants(m) {
				out = append(out, MemoryHit{
					Memory: m, Score: chunk[i].Score, Preview: search.Snippet(m.Content, chunk[i].Terms, maxPreview),
				})
			}
		}
	}
	return out, nil
}
