package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation/tally"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/schema"
	"griot/internal/table"
)

// Rename gives a conversation another title or summary, which then stay
// whatever becomes of its memories. A change of nothing is no error.
func (s *Service) Rename(ctx context.Context, p access.Principal, conversationID string, in Change) (Conversation, error) {
	if err := p.Require(access.ConversationsWrite); err != nil {
		return Conversation{}, err
	}
	if err := schema.Check(in); err != nil {
		return Conversation{}, err
	}
	if !id.Valid(id.Conversation, conversationID) {
		return Conversation{}, errNoConversation()
	}
	var c Conversation
	var ops []table.Op
	err := table.Insist(ctx, conflictTries, func() (err error) {
		c, ops, err = s.tryRename(ctx, p.Workspace, conversationID, in)
		return err
	})
	if err == nil {
		s.written(ctx, p.Workspace, ops)
	}
	return c, err
}

func (in Change) apply(i info) info {
	if in.Title != nil {
		i.title, i.titled = *in.Title, givenTitle
	}
	if in.Summary != nil {
		i.summary = *in.Summary
	}
	return i
}

func (s *Service) tryRename(ctx context.Context, workspace, conversationID string, in Change) (Conversation, []table.Op, error) {
	keys := []table.Key{infoKey(workspace, conversationID), tally.Key(workspace, conversationID)}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return Conversation{}, nil, fmt.Errorf("reading a conversation: %w", err)
	}
	t, ok, err := s.tallies().Whole(ctx, workspace, items[1])
	if err == nil && !(ok && items[0].Found()) {
		err = errNoConversation()
	}
	if err != nil {
		return Conversation{}, nil, err
	}
	old := readInfo(items[0])
	next := in.apply(old)
	if next == old {
		return build(conversationID, old, t), nil, nil
	}
	next.edited = s.now()
	ops, err := s.editOps(ctx, workspace, conversationID, old, next)
	if err != nil {
		return Conversation{}, nil, err
	}
	err = s.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return Conversation{}, nil, table.ErrLost
	}
	if err != nil {
		return Conversation{}, nil, fmt.Errorf("renaming a conversation: %w", err)
	}
	return build(conversationID, next, t), ops, nil
}

// editOps returns the writes that put a title and a summary in the place of
// others, of which no word is to stay.
func (s *Service) editOps(ctx context.Context, workspace, conversationID string, old, next info) ([]table.Op, error) {
	ops := append(s.renameOps(workspace, conversationID, old, next), s.renewLater(workspace, conversationID))
	if old.claim == "" {
		return ops, nil
	}
	pointer := partitionKey(workspace, conversationID)
	pointer.SK = old.claim
	answer, err := idempotency.Withdraw(ctx, s.Table, workspace, pointer)
	return slices.Concat(ops, answer), err
}
