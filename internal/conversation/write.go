package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/tally"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/search"
	"griot/internal/table"
	"griot/internal/task"
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
	err := s.Clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
		return table.Insist(ctx, Tries, func() (err error) { // each attempt has an id of its own
			c, ops, err = s.New(p.Workspace, at, Info{title: in.Title, summary: in.Summary, titled: givenTitle}, claim)
			if err != nil {
				return err
			}
			if err := s.Table.Transact(ctx, ops); err != nil {
				return fmt.Errorf("writing the new conversation: %w", err)
			}
			return nil
		})
	})
	if err != nil {
		return Conversation{}, err
	}
	s.Written(ctx, p.Workspace, ops)
	s.SometimesTidy(ctx, p.Workspace, c.ID)
	return c, nil
}

// New returns an empty conversation and its writes, with those of a claim, which
// may be nil. They are valid as long as at, a time of the workspace's clock, is.
func (s *Service) New(workspace string, at time.Time, i Info, claim *idempotency.Claim) (Conversation, []table.Op, error) {
	t := tally.Tally{Activity: at, Bridged: i.source != ""}
	c := build(id.At(id.Conversation, at), i, t)
	claimed, err := claim.Ops(c, PartitionKey(workspace, c.ID))
	if err != nil {
		return Conversation{}, nil, err
	}
	if len(claimed) > 1 {
		i.claim = claimed[1].Key.SK
	}
	return c, append(s.CreateOps(workspace, c.ID, i, t), claimed...), nil
}

// CreateOps returns the writes of a new conversation's own rows.
func (s *Service) CreateOps(workspace, conversationID string, i Info, t tally.Tally) []table.Op {
	return []table.Op{
		table.Put(InfoKey(workspace, conversationID), i.attrs(), table.Absent()),
		t.Create(workspace, conversationID),
		fence.Add(workspace, conversationID),
		s.indexName(workspace, conversationID, i),
	}
}

// Rename gives a conversation another title or summary, which from then on do
// not change with its memories. A change of nothing is no error.
func (s *Service) Rename(ctx context.Context, p access.Principal, conversationID string, in Change) (Conversation, error) {
	if err := p.Require(access.ConversationsWrite); err != nil {
		return Conversation{}, err
	}
	if err := schema.Check(in); err != nil {
		return Conversation{}, err
	}
	if !id.Valid(id.Conversation, conversationID) {
		return Conversation{}, errNotFound()
	}
	var c Conversation
	var ops []table.Op
	err := table.Insist(ctx, Tries, func() (err error) {
		c, ops, err = s.tryRename(ctx, p.Workspace, conversationID, in)
		return err
	})
	if err == nil {
		s.Written(ctx, p.Workspace, ops)
	}
	return c, err
}

func (in Change) apply(i Info) Info {
	if in.Title != nil {
		i.title, i.titled = *in.Title, givenTitle
	}
	if in.Summary != nil {
		i.summary = *in.Summary
	}
	return i
}

func (s *Service) tryRename(ctx context.Context, workspace, conversationID string, in Change) (Conversation, []table.Op, error) {
	keys := []table.Key{InfoKey(workspace, conversationID), tally.Key(workspace, conversationID)}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return Conversation{}, nil, fmt.Errorf("reading a conversation: %w", err)
	}
	t, ok, err := s.Tallies().Whole(ctx, workspace, items[1])
	if err == nil && !(ok && items[0].Found()) {
		err = errNotFound()
	}
	if err != nil {
		return Conversation{}, nil, err
	}
	old := ReadInfo(items[0])
	next := in.apply(old)
	if next == old {
		return build(conversationID, old, t), nil, nil
	}
	next.edited = s.Time()
	ops, err := s.EditOps(ctx, workspace, conversationID, old, next)
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

// EditOps returns the writes that replace a title and a summary, and remove
// every other trace of the old ones: now the stored answer that has them, later
// what the index keeps.
func (s *Service) EditOps(ctx context.Context, workspace, conversationID string, old, next Info) ([]table.Op, error) {
	ops := append(s.RenameOps(workspace, conversationID, old, next), s.RenewLater(workspace, conversationID))
	if old.claim == "" {
		return ops, nil
	}
	pointer := PartitionKey(workspace, conversationID)
	pointer.SK = old.claim
	answer, err := idempotency.Withdraw(ctx, s.Table, workspace, pointer)
	return slices.Concat(ops, answer), err
}

// RenameOps returns the writes that replace a title and a summary. They are
// refused when the info has changed since old was read.
func (s *Service) RenameOps(workspace, conversationID string, old, next Info) []table.Op {
	if next == old {
		return nil
	}
	next.rev = old.rev + 1
	conds := []table.Cond{table.Exists(), table.Missing("rev")}
	if old.rev > 0 {
		conds = []table.Cond{table.Equal("rev", old.rev)}
	}
	ops := []table.Op{table.Put(InfoKey(workspace, conversationID), next.attrs(), conds...)}
	if next.title != old.title || next.summary != old.summary {
		ops = append(ops, s.indexName(workspace, conversationID, next))
	}
	return ops
}

// indexName returns the write that makes a conversation's title and summary
// findable.
func (s *Service) indexName(workspace, conversationID string, i Info) table.Op {
	return s.Index.Put(workspace, search.Doc{
		Conversation: conversationID, Title: i.title, Summary: i.summary, At: id.Time(conversationID),
	})
}

// RenewalDue begins the ids of due rows that have a conversation renewed in the
// index.
const RenewalDue = "renewal_"

// renewWait is how long the index may keep what a memory or a title said
// before: until no merge that has read it can still be running.
const renewWait = search.RenewAfter + 2*time.Minute

// RenewLater returns the write that has a conversation's old words removed from
// the index. All changes within a minute write the same row.
func (s *Service) RenewLater(workspace, conversationID string) table.Op {
	at := s.Time().Add(renewWait).Truncate(time.Minute)
	return task.Due(at, record.In(workspace, RenewalDue+conversationID))
}
