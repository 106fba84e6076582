package conversation

import (
	"context"
	"strings"

	"griot/internal/access"
	"griot/internal/conversation/memory"
	"griot/internal/search"
)

const (
	// searchChunk is how many hits are read again at once.
	searchChunk = 20
	// maxMatches is how many memories a hit names.
	maxMatches = 5
	// maxSnippet and maxPreview are in characters.
	maxSnippet = 240
	maxPreview = 200
)

// Search returns the conversations that match any word of a query, best
// first. Every hit is read again, so that what is hidden has none.
func (s *Service) Search(ctx context.Context, p access.Principal, in SearchInput) ([]Hit, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return nil, err
	}
	var bad problems
	bad.query(in.Query)
	bad.limit(in.Limit, 0, MaxLimit)
	if err := bad.result(); err != nil {
		return nil, err
	}
	var hits []Hit
	var chunk []search.Hit
	read := func() error {
		found, err := s.readHits(ctx, p.Workspace, chunk)
		hits, chunk = append(hits, found...), nil
		return err
	}
	for hit, err := range s.Index.Search(ctx, p.Workspace, in.Query) {
		if err != nil {
			return nil, err
		}
		if chunk = append(chunk, hit); len(chunk) < min(searchChunk, in.Limit-len(hits)) {
			continue
		}
		if err := read(); err != nil {
			return nil, err
		}
		if len(hits) >= in.Limit {
			return hits, nil
		}
	}
	return hits, read()
}

// readHits reads hits again and leaves out what is not there any more.
func (s *Service) readHits(ctx context.Context, workspace string, found []search.Hit) ([]Hit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	ids := make([]string, len(found))
	for i, hit := range found {
		ids[i] = hit.Conversation
	}
	conversations, err := s.getMany(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	best, err := s.bestMemories(ctx, workspace, found)
	if err != nil {
		return nil, err
	}
	there := make(map[string]Conversation, len(conversations))
	for _, c := range conversations {
		there[c.ID] = c
	}
	var out []Hit
	for _, hit := range found {
		if c, ok := there[hit.Conversation]; ok {
			out = append(out, newHit(c, hit, best[hit.Conversation]))
		}
	}
	return out, nil
}

// bestMemories reads the best memory of each hit.
func (s *Service) bestMemories(ctx context.Context, workspace string, found []search.Hit) (map[string]memory.Memory, error) {
	var ids []string
	for _, hit := range found {
		if len(hit.Memories) > 0 {
			ids = append(ids, hit.Memories[0].Memory)
		}
	}
	memories, err := s.getMemories(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	best := map[string]memory.Memory{}
	for _, m := range memories {
		if m.ID != "" {
			best[m.Conversation] = m
		}
	}
	return best, nil
}

func newHit(c Conversation, hit search.Hit, best memory.Memory) Hit {
	out := Hit{Conversation: c, Score: hit.Score}
	for _, match := range hit.Memories[:min(maxMatches, len(hit.Memories))] {
		out.Memories = append(out.Memories, match.Memory)
	}
	text := best.Content
	if text == "" {
		text = strings.TrimSpace(c.Title + "\n" + c.Summary)
	}
	out.Snippet = search.Snippet(text, hit.Terms, maxSnippet)
	return out
}
