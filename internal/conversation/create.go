package conversation

import (
	"context"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/tally"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/schema"
	"griot/internal/table"
)

// Create makes an empty conversation.
func (s *Service) Create(ctx context.Context, p access.Principal, in CreateInput, claim *idempotency.Claim) (Conversation, error) {
	if err := p.Require(access.ConversationsWrite); err != nil {
		return Conversation{}, err
	}
	if err := schema.Check(in); err != nil {
		return Conversation{}, err
	}
	var c Conversation
	var ops []table.Op
	err := s.clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
		return table.Insist(ctx, conflictTries, func() (err error) {
			c, ops, err = s.tryCreate(ctx, p.Workspace, at, info{title: in.Title, summary: in.Summary, titled: givenTitle}, claim)
			return err
		})
	})
	if err == nil {
		s.written(ctx, p.Workspace, ops)
		s.sometimesTidy(ctx, p.Workspace, c.ID)
	}
	return c, err
}

// tryCreate writes a conversation with an id of its own for each attempt.
func (s *Service) tryCreate(ctx context.Context, workspace string, at time.Time, i info, claim *idempotency.Claim) (Conversation, []table.Op, error) {
	c, ops, err := s.newConversation(workspace, at, i, claim)
	if err != nil {
		return Conversation{}, nil, err
	}
	if err := s.Table.Transact(ctx, ops); err != nil {
		return Conversation{}, nil, fmt.Errorf("writing the new conversation: %w", err)
	}
	return c, ops, nil
}

// newConversation returns an empty conversation and its writes, with the
// claim's if there is one, which are as good as the time of the workspace's clock
// that its id has.
func (s *Service) newConversation(workspace string, at time.Time, i info, claim *idempotency.Claim) (Conversation, []table.Op, error) {
	t := tally.Tally{Activity: at, Bridged: i.source != ""}
	c := build(id.At(id.Conversation, at), i, t)
	claimed, err := claim.Ops(c, partitionKey(workspace, c.ID))
	if err != nil {
		return Conversation{}, nil, err
	}
	if len(claimed) > 1 {
		i.claim = claimed[1].Key.SK
	}
	return c, append(s.createOps(workspace, c.ID, i, t), claimed...), nil
}

// partitionKey is a key in the partition of a conversation, in which the records
// of claims are listed.
func partitionKey(workspace, conversationID string) table.Key {
	return row(workspace, conversationID, "-")
}
