package find

import (
	"context"
	"fmt"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/schema"
	"griot/internal/search"
	"griot/internal/table"
)

// Similar is a memory and those whose words are most like its own.
type Similar struct {
	Source memory.Memory
	Hits   []MemoryHit // best first; a score of 1 is that of the memory itself
}

// SimilarInput says how many are wanted.
type SimilarInput struct {
	Limit int `json:"limit" is:"1..100" default:"10"`
}

// mostSelf is how many matches are looked through for the memory itself, by whose
// score those of others are told.
const mostSelf = 200

// Similar searches by the rarest words of a memory. A page over
// conversation.MaxPage is Malformed.
func (s *Service) Similar(ctx context.Context, p access.Principal, memoryID string, in SimilarInput) (Similar, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Similar{}, err
	}
	if err := schema.CheckQuery(in); err != nil {
		return Similar{}, err
	}
	source, err := s.memories().Get(ctx, p, memoryID)
	if err != nil {
		return Similar{}, err
	}
	out := Similar{Source: source}
	found, self, err := s.like(ctx, p.Workspace, source, in.Limit)
	if err != nil {
		return Similar{}, err
	}
	if out.Hits, err = s.best(ctx, p.Workspace, found, memoryFilter{}, in.Limit); err != nil {
		return Similar{}, err
	}
	size := 0
	for i := range out.Hits {
		out.Hits[i].Score = min(1, out.Hits[i].Score/self)
		size += out.Hits[i].Weight()
	}
	return out, conversation.CheckPage(size)
}

// like returns what the index finds by a memory's words, without itself, and the
// score that it has itself.
func (s *Service) like(ctx context.Context, workspace string, source memory.Memory, limit int) (found []search.Match, self float64, err error) {
	hidden, err := s.Conversations.Hidden(ctx, workspace)
	if err != nil {
		return nil, 0, err
	}
	looked := 0
	for match, err := range s.Conversations.Index.Memories(ctx, workspace, search.Query{Text: search.Pasted(source.Content), Now: source.At()}) {
		switch {
		case err != nil:
			return nil, 0, fmt.Errorf("searching memories: %w", err)
		case match.Memory == source.ID:
			self = max(self, match.Score)
		case !hidden[match.Conversation]:
			found = append(found, match)
			self = max(self, match.Score) // where the index has not the memory, or finds others better
		}
		if looked++; len(found) >= limit+spare && self > 0 || looked == mostSelf {
			break
		}
	}
	return found, self, nil
}

// spare is how many matches are read beyond those that are wanted: some may be
// gone.
const spare = 10

// best reads the first n memories of matches that are there and that a filter wants.
func (s *Service) best(ctx context.Context, workspace string, matches []search.Match, f memoryFilter, n int) ([]MemoryHit, error) {
	var out []MemoryHit
	f.any = true // whoever asks looks at the size
	for len(matches) > 0 && len(out) < n {
		chunk := matches[:min(len(matches), n+spare, table.MaxBatchGet)]
		matches = matches[len(chunk):]
		found, err := s.readMatches(ctx, workspace, chunk, f)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out[:min(n, len(out))], nil
}
