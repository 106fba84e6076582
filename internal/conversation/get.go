package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/table"
)

func errNoConversation() error { return errs.New(errs.NotFound, "there is no such conversation") }

// Get returns a conversation of the caller's workspace.
func (s *Service) Get(ctx context.Context, p access.Principal, conversationID string) (Conversation, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return Conversation{}, err
	}
	return s.get(ctx, p.Workspace, conversationID)
}

func (s *Service) get(ctx context.Context, workspace, conversationID string) (Conversation, error) {
	if !id.Valid(id.Conversation, conversationID) {
		return Conversation{}, errNoConversation()
	}
	found, err := s.getMany(ctx, workspace, []string{conversationID})
	if err == nil && len(found) == 0 {
		err = errNoConversation()
	}
	if err != nil {
		return Conversation{}, err
	}
	return found[0], nil
}

// getMany returns those of the conversations that are there, in order.
func (s *Service) getMany(ctx context.Context, workspace string, ids []string) ([]Conversation, error) {
	out := make([]Conversation, 0, len(ids))
	for chunk := range slices.Chunk(ids, table.MaxBatchGet/2) {
		keys := make([]table.Key, 0, 2*len(chunk))
		for _, conversationID := range chunk {
			keys = append(keys, infoKey(workspace, conversationID), tally.Key(workspace, conversationID))
		}
		items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading conversations: %w", err)
		}
		for i, conversationID := range chunk {
			c, ok, err := s.built(ctx, workspace, conversationID, items[2*i], items[2*i+1])
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
func (s *Service) built(ctx context.Context, workspace, conversationID string, info, counts table.Item) (c Conversation, ok bool, err error) {
	if !info.Found() {
		return Conversation{}, false, nil
	}
	t, ok, err := s.tallies().Whole(ctx, workspace, counts)
	if err != nil || !ok {
		return Conversation{}, false, err
	}
	return build(conversationID, readInfo(info), t), true, nil
}

// getTally reads what changes of a conversation.
func (s *Service) getTally(ctx context.Context, workspace, conversationID string) (tally.Tally, error) {
	if !id.Valid(id.Conversation, conversationID) {
		return tally.Tally{}, errNoConversation()
	}
	t, ok, err := s.tallies().Get(ctx, workspace, conversationID)
	if err == nil && !ok {
		err = errNoConversation()
	}
	return t, err
}

// getInfo reads what a conversation is called.
func (s *Service) getInfo(ctx context.Context, workspace, conversationID string) (info, error) {
	item, err := s.Table.Get(ctx, infoKey(workspace, conversationID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return info{}, errNoConversation()
	}
	if err != nil {
		return info{}, fmt.Errorf("reading what a conversation is called: %w", err)
	}
	return readInfo(item), nil
}

// alive returns which of the conversations are there.
func (s *Service) alive(ctx context.Context, workspace string, ids []string) (map[string]bool, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	found := map[string]bool{}
	for chunk := range slices.Chunk(ids, table.MaxBatchGet) {
		keys := make([]table.Key, len(chunk))
		for i, conversationID := range chunk {
			keys[i] = tally.Key(workspace, conversationID)
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

// hidden returns the conversations that are hidden and not removed yet.
func (s *Service) hidden(ctx context.Context, workspace string) (map[string]bool, error) {
	found := map[string]bool{}
	err := s.each(ctx, table.Query{
		Table: table.Conversations, PK: hiddenKey(workspace, "").PK, Consistency: table.Consistent,
	}, func(item table.Item) bool {
		found[item.SK] = true
		return true
	})
	return found, err
}

// each calls fn for every item of a query, page by page, until it returns
// false.
func (s *Service) each(ctx context.Context, q table.Query, fn func(table.Item) bool) error {
	for {
		page, err := s.Table.Query(ctx, q)
		if err != nil {
			return fmt.Errorf("reading rows of conversations: %w", err)
		}
		for _, item := range page.Items {
			if !fn(item) {
				return nil
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}
