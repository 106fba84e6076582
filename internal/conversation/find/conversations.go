// Package find searches conversations and memories.
package find

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/search"
	"griot/internal/table"
)

// Service searches. The index may lag behind, so every hit is read from the table
// before it is returned: nothing is found that is hidden or gone.
type Service struct {
	Conversations *conversation.Service
}

func (s *Service) memories() *memory.Service { return &memory.Service{Conversations: s.Conversations} }

// ConversationQuery is the body of POST /api/conversations/search. Zero values
// filter nothing.
type ConversationQuery struct {
	Query string `json:"query" is:"filled ..32768"`
	Limit int    `json:"limit" is:"1..1000" default:"20"`
	// Only conversations created after this time or date.
	Since string `json:"since" is:"given as:day"`
	// Only conversations created until then; a date includes its day. Not before
	// `since`.
	Until string `json:"until" is:"given as:day"`
	// Only conversations that have one of them; ids or names.
	Topics []string `json:"topics" is:"..10 full each line ..100"`
}

// Hit is a conversation that matches a query.
type Hit struct {
	conversation.Conversation
	Score    float64
	Snippet  string   // of the best memory, or of title and summary
	Memories []string // ids of the memories that match, best first; at most maxMatches
}

const (
	// searchChunk is how many hits are read again at once.
	searchChunk = 20
	// maxMatches is how many memories a hit names.
	maxMatches = 5
	// maxSnippet and maxPreview are in characters.
	maxSnippet = 240
	maxPreview = 200
)

// SearchConversations returns the conversations that match any word of a query,
// best first. A filter by topics looks at the first maxFiltered hits only, and
// costs a read unit per hit and topic.
func (s *Service) SearchConversations(ctx context.Context, p access.Principal, in ConversationQuery) ([]Hit, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return nil, err
	}
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	if f.topics, err = s.Conversations.Topics().Meant(ctx, p.Workspace, true, in.Topics...); err != nil {
		return nil, err
	}
	var hits []Hit
	var chunk []search.Hit
	read := func() error {
		wanted, err := s.withTopics(ctx, p.Workspace, chunk, f.topics)
		if err != nil {
			return err
		}
		found, err := s.readHits(ctx, p.Workspace, wanted)
		hits, chunk = append(hits, found...), nil
		return err
	}
	looked, atOnce := 0, searchChunk
	for hit, err := range s.Conversations.Index.Search(ctx, p.Workspace, in.Query) {
		if err != nil {
			return nil, err
		}
		if !f.wants(hit) {
			continue
		}
		if looked++; len(f.topics) > 0 && looked > maxFiltered {
			break
		}
		if len(f.topics) == 0 {
			atOnce = min(searchChunk, in.Limit-len(hits))
		}
		if chunk = append(chunk, hit); len(chunk) < atOnce {
			continue
		}
		if err := read(); err != nil {
			return nil, err
		}
		if len(hits) >= in.Limit {
			break
		}
	}
	if err := read(); err != nil {
		return nil, err
	}
	return hits[:min(in.Limit, len(hits))], nil
}

// searchFilter is what a search selects by, apart from words.
type searchFilter struct {
	after  string // ids: of conversations created later
	until  time.Time
	topics []string // ids
}

func (in ConversationQuery) filter() (searchFilter, error) {
	var bad schema.Problems
	bad.Check(in)
	created := bad.Span("since", in.Since, "until", in.Until)
	return searchFilter{after: conversation.LowestAfter(created.From), until: created.To}, bad.Result()
}

func (f searchFilter) wants(hit search.Hit) bool {
	return hit.Conversation > f.after && (f.until.IsZero() || !id.Time(hit.Conversation).After(f.until))
}

// maxFiltered bounds what a search by topics reads beside its hits.
const maxFiltered = 500 // hits that are looked through

// withTopics returns the hits that have one of the topics, or all hits if no topics
// are asked for.
func (s *Service) withTopics(ctx context.Context, workspace string, found []search.Hit, topics []string) ([]search.Hit, error) {
	if len(topics) == 0 {
		return found, nil
	}
	var keys []table.Key
	for _, hit := range found {
		for _, topicID := range topics {
			keys = append(keys, topic.LinkKey(record.In(workspace, hit.Conversation), topicID))
		}
	}
	var links []table.Item
	for chunk := range slices.Chunk(keys, table.MaxBatchGet) {
		items, err := s.Conversations.Table.BatchGet(ctx, chunk, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading the topics of conversations: %w", err)
		}
		links = append(links, items...)
	}
	var out []search.Hit
	for i, hit := range found {
		of := links[i*len(topics) : (i+1)*len(topics)]
		for _, link := range of {
			has, err := s.Conversations.Topics().Has(ctx, link)
			if err != nil {
				return nil, err
			}
			if has {
				out = append(out, hit)
				break
			}
		}
	}
	return out, nil
}

// readHits reads the conversations of hits, and drops hits whose conversation is
// gone.
func (s *Service) readHits(ctx context.Context, workspace string, found []search.Hit) ([]Hit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	ids := make([]string, len(found))
	for i, hit := range found {
		ids[i] = hit.Conversation
	}
	conversations, err := s.Conversations.Many(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	best, err := s.bestMemories(ctx, workspace, found)
	if err != nil {
		return nil, err
	}
	there := make(map[string]conversation.Conversation, len(conversations))
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
	memories, err := s.memories().Present(ctx, workspace, ids)
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

func newHit(c conversation.Conversation, hit search.Hit, best memory.Memory) Hit {
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
