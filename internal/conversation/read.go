package conversation

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

func errNotFound() error { return errs.New(errs.NotFound, "there is no such conversation") }

// Get returns a conversation of the caller's workspace.
func (s *Service) Get(ctx context.Context, p access.Principal, conversationID string) (Conversation, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return Conversation{}, err
	}
	if !id.Valid(id.Conversation, conversationID) {
		return Conversation{}, errNotFound()
	}
	found, err := s.Many(ctx, p.Workspace, []string{conversationID})
	if err == nil && len(found) == 0 {
		err = errNotFound()
	}
	if err != nil {
		return Conversation{}, err
	}
	return found[0], nil
}

// Many returns those of the conversations that are there, in order.
func (s *Service) Many(ctx context.Context, workspace string, ids []string) ([]Conversation, error) {
	out := make([]Conversation, 0, len(ids))
	for chunk := range slices.Chunk(ids, table.MaxBatchGet/2) {
		keys := make([]table.Key, 0, 2*len(chunk))
		for _, conversationID := range chunk {
			keys = append(keys, InfoKey(record.In(workspace, conversationID)), tally.Key(record.In(workspace, conversationID)))
		}
		items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading conversations: %w", err)
		}
		for i, conversationID := range chunk {
			c, ok, err := s.built(ctx, record.In(workspace, conversationID), items[2*i], items[2*i+1])
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// built returns a conversation of its two rows; ok is false when one of them is
// not there.
func (s *Service) built(ctx context.Context, of record.Ref, info, counts table.Item) (c Conversation, ok bool, err error) {
	if !info.Found() {
		return Conversation{}, false, nil
	}
	t, ok, err := s.Tallies().Whole(ctx, of.Workspace, counts)
	if err != nil || !ok {
		return Conversation{}, false, err
	}
	return build(of.ID, ReadInfo(info), t), true, nil
}

// Tally reads the tally of a conversation.
func (s *Service) Tally(ctx context.Context, of record.Ref) (tally.Tally, error) {
	if !id.Valid(id.Conversation, of.ID) {
		return tally.Tally{}, errNotFound()
	}
	t, ok, err := s.Tallies().Get(ctx, of)
	if err == nil && !ok {
		err = errNotFound()
	}
	return t, err
}

// Info reads what a conversation is called.
func (s *Service) Info(ctx context.Context, of record.Ref) (Info, error) {
	item, err := s.Table.Get(ctx, InfoKey(of), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Info{}, errNotFound()
	}
	if err != nil {
		return Info{}, fmt.Errorf("reading what a conversation is called: %w", err)
	}
	return ReadInfo(item), nil
}

// Present returns which of the conversations are there.
func (s *Service) Present(ctx context.Context, workspace string, ids []string) (map[string]bool, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	found := map[string]bool{}
	for chunk := range slices.Chunk(ids, table.MaxBatchGet) {
		keys := make([]table.Key, len(chunk))
		for i, conversationID := range chunk {
			keys[i] = tally.Key(record.In(workspace, conversationID))
		}
		items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading which conversations are there: %w", err)
		}
		for i, item := range items {
			found[chunk[i]] = item.Found()
		}
	}
	return found, nil
}

// ByTopic returns the conversations that have a memory with a topic, newest
// first. An unknown topic has none.
func (s *Service) ByTopic(ctx context.Context, p access.Principal, in TopicInput) ([]Conversation, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return nil, err
	}
	if err := schema.Check(in); err != nil {
		return nil, err
	}
	topics, err := s.Topics().Meant(ctx, p.Workspace, true, in.Topic)
	if err != nil {
		return nil, err
	}
	for _, topicID := range topics {
		var out []Conversation
		for c, err := range s.WithTopic(ctx, record.In(p.Workspace, topicID), in.Limit) {
			if err != nil {
				return nil, err
			}
			if out = append(out, c); len(out) == in.Limit {
				break
			}
		}
		if len(out) > 0 {
			return out, nil
		}
	}
	return nil, nil
}

// WithTopic yields the conversations that have a topic, newest first, and reads
// them as many at a time as one read has room for, or atATime. An error ends it.
func (s *Service) WithTopic(ctx context.Context, of record.Ref, atATime int) iter.Seq2[Conversation, error] {
	return func(yield func(Conversation, error) bool) {
		for ids, err := range s.Topics().Hinted(ctx, of, min(table.MaxBatchGet/3, atATime)) {
			var found []Conversation
			if err == nil {
				found, err = s.haveTopic(ctx, of, ids)
			}
			if err != nil {
				yield(Conversation{}, err)
				return
			}
			for _, c := range found {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

// haveTopic returns those of the conversations that are there and have a topic.
func (s *Service) haveTopic(ctx context.Context, ref record.Ref, ids []string) ([]Conversation, error) {
	keys := make([]table.Key, 0, 3*len(ids))
	for _, conversationID := range ids {
		keys = append(keys, InfoKey(record.In(ref.Workspace, conversationID)), tally.Key(record.In(ref.Workspace, conversationID)),
			topic.LinkKey(record.In(ref.Workspace, conversationID), ref.ID))
	}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading the conversations of a topic: %w", err)
	}
	var out []Conversation
	for i, conversationID := range ids {
		of := items[3*i : 3*i+3]
		has, err := s.Topics().Has(ctx, of[2])
		if err != nil {
			return nil, err
		}
		if !has {
			continue
		}
		c, ok, err := s.built(ctx, record.In(ref.Workspace, conversationID), of[0], of[1])
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// List returns a part of the conversations and the number of all that match.
// A Limit out of 1 to 1,000 is Malformed, and so is a page over MaxPage.
//
// By creation, an offset of any depth costs three reads, and a fourth with Since.
// Other orders and MinMemories read the board, and what has changed since.
func (s *Service) List(ctx context.Context, p access.Principal, in ListInput) (Page, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return Page{}, err
	}
	if err := schema.CheckQuery(in); err != nil {
		return Page{}, err
	}
	created, err := schema.QuerySpan("since", in.Since, "", "")
	if err != nil {
		return Page{}, err
	}
	after, err := in.begin(p.Workspace)
	if err != nil {
		return Page{}, err
	}
	l := listing{Service: s, workspace: p.Workspace, in: in, from: LowestAfter(created.From), after: after}
	page, err := l.read(ctx)
	if err != nil {
		return Page{}, err
	}
	size := 0
	for _, c := range page.Conversations {
		size += len(c.Title) + len(c.Summary) + 400
	}
	return page, CheckPage(size)
}

// MaxPage bounds the bytes of an answer (contract D 27): Lambda's limit, less
// room for the envelope.
const MaxPage = 5 << 20

// CheckPage refuses a page of so many bytes if it is too large.
func CheckPage(bytes int) error {
	if bytes > MaxPage {
		return errs.New(errs.Malformed, "the page would have more than %d MB: lower limit", MaxPage>>20)
	}
	return nil
}
