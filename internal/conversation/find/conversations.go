// Package find searches conversations and memories.
package find

import (
	"context"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/search"
	"griot/internal/timestamp"
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
	// Only what happened after this time; a date includes its day.
	Since string `json:"since" is:"given as:day"`
	// Only what happened until then; a date includes its day. Not before `since`.
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

// ConversationHits are the best of the conversations that match.
type ConversationHits struct {
	Hits []Hit
	// Complete is false when there is room for more hits, and not all that the
	// words find were looked through for them.
	Complete bool
}

const (
	// searchChunk is how many hits are read again at once.
	searchChunk = 20
	// maxMatches is how many memories a hit names.
	maxMatches = 5
	// maxSnippet and maxPreview are in characters.
	maxSnippet = 240
	maxPreview = 200
	// maxFiltered is how many hits more than are asked for a search looks
	// through that selects by what has to be read.
	maxFiltered = 500
	// maxPassed is how many hits one passes that are known not to be wanted.
	maxPassed = 20_000
)

// SearchConversations returns the conversations that match any word of a query,
// best first. With Since or Until only what memories of that time say counts,
// and titles of conversations that have such memories. A filter by topics costs a
// read unit per hit and topic, one by times some for each hit; they look at Limit
// and maxFiltered hits only. Of topics that few conversations have, these are all
// that is looked at.
func (s *Service) SearchConversations(ctx context.Context, p access.Principal, in ConversationQuery) (ConversationHits, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return ConversationHits{}, err
	}
	f, err := in.filter()
	if err != nil {
		return ConversationHits{}, err
	}
	if f.topics, err = s.Conversations.Topics().Meant(ctx, p.Workspace, true, in.Topics...); err != nil {
		return ConversationHits{}, err
	}
	if len(in.Topics) > 0 {
		if f.few, err = s.few(ctx, p.Workspace, f.topics); err != nil {
			return ConversationHits{}, err
		}
	}
	return s.collect(ctx, p.Workspace, in, f)
}

// collect reads hits until there are as many as are asked for, or enough was
// looked through.
func (s *Service) collect(ctx context.Context, workspace string, in ConversationQuery, f searchFilter) (ConversationHits, error) {
	page := ConversationHits{Complete: true}
	var chunk []search.Hit
	read := func() error {
		found, err := s.filtered(ctx, workspace, chunk, f)
		page.Hits, chunk = append(page.Hits, found...), nil
		return err
	}
	looked, passed := 0, 0
	for hit, err := range s.Conversations.Index.Search(ctx, workspace, search.Query{Text: in.Query, Now: s.Conversations.Time(), Within: f.event}) {
		if err != nil {
			return ConversationHits{}, err
		}
		if f.few != nil && !f.few[hit.Conversation] {
			passed++
		} else {
			looked, chunk = looked+1, append(chunk, hit)
		}
		if f.reads() && looked > in.Limit+maxFiltered || passed > maxPassed {
			page.Complete = false
			break
		}
		if f.few != nil && looked == len(f.few) {
			break
		}
		if len(chunk) < f.atOnce(in.Limit-len(page.Hits)) {
			continue
		}
		if err := read(); err != nil {
			return ConversationHits{}, err
		}
		if len(page.Hits) >= in.Limit {
			break
		}
	}
	if err := read(); err != nil {
		return ConversationHits{}, err
	}
	if len(page.Hits) >= in.Limit {
		page.Hits, page.Complete = page.Hits[:in.Limit], true
	}
	return page, nil
}

// searchFilter is what a search selects by, apart from words.
type searchFilter struct {
	event  timestamp.Range
	topics []string // ids
	// few are the conversations that may have one of the topics; nil if they are
	// many, or if no topics are asked for.
	few map[string]bool
}

// reads reports whether hits have to be read to be selected.
func (f searchFilter) reads() bool { return len(f.topics) > 0 || f.event != (timestamp.Range{}) }

// atOnce is how many hits are read together where so many are missing.
func (f searchFilter) atOnce(missing int) int {
	if f.reads() {
		return searchChunk
	}
	return min(searchChunk, missing)
}

func (in ConversationQuery) filter() (searchFilter, error) {
	var bad schema.Problems
	bad.Check(in)
	event := bad.Span("since", in.Since, "until", in.Until)
	if _, err := time.Parse(time.DateOnly, in.Since); err != nil && !event.From.IsZero() {
		event.From = event.From.Add(time.Millisecond) // after a time, but from the beginning of a day
	}
	return searchFilter{event: event}, bad.Result()
}

// filtered reads those of the hits that a search wants.
func (s *Service) filtered(ctx context.Context, workspace string, found []search.Hit, f searchFilter) ([]Hit, error) {
	found, err := s.withTopics(ctx, workspace, found, f.topics)
	if err != nil {
		return nil, err
	}
	if found, err = s.ofTime(ctx, workspace, found, f.event); err != nil {
		return nil, err
	}
	return s.readHits(ctx, workspace, found)
}

// ofTime returns the hits in which memories of a time match, with no other
// memories, and those whose titles match and that have memories of that time.
func (s *Service) ofTime(ctx context.Context, workspace string, found []search.Hit, r timestamp.Range) ([]search.Hit, error) {
	if r == (timestamp.Range{}) {
		return found, nil
	}
	kept := make([][]search.Match, len(found))
	// Most hits are settled by the first of the memories that they name.
	for _, part := range [][2]int{{0, maxMatches}, {maxMatches, search.MaxMatches}} {
		if err := s.keepOfTime(ctx, workspace, found, kept, part[0], part[1], r); err != nil {
			return nil, err
		}
	}
	var out []search.Hit
	for i, hit := range found {
		hit.Memories = kept[i]
		if len(kept[i]) == 0 {
			if !hit.Titled {
				continue
			}
			any, err := s.memories().Store().AnyIn(ctx, record.In(workspace, hit.Conversation), r)
			if err != nil {
				return nil, err
			}
			if !any {
				continue
			}
		}
		out = append(out, hit)
	}
	return out, nil
}

// keepOfTime adds to kept those of the memories from..to of each hit that are of
// a time, where there is none yet.
func (s *Service) keepOfTime(ctx context.Context, workspace string, found []search.Hit, kept [][]search.Match, from, to int, r timestamp.Range) error {
	type match struct {
		hit int
		search.Match
	}
	var asked []match
	var ids []string
	for i, hit := range found {
		if len(kept[i]) > 0 || len(hit.Memories) <= from {
			continue
		}
		for _, m := range hit.Memories[from:min(to, len(hit.Memories))] {
			asked, ids = append(asked, match{i, m}), append(ids, m.Memory)
		}
	}
	moments, err := s.memories().Store().Moments(ctx, workspace, ids)
	if err != nil {
		return err
	}
	for i, at := range moments {
		if !at.IsZero() && r.Holds(at) {
			kept[asked[i].hit] = append(kept[asked[i].hit], asked[i].Match)
		}
	}
	return nil
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
