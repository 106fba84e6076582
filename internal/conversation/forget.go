package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"griot/internal/access"
	"griot/internal/audit"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/queue"
	"griot/internal/schema"
	"griot/internal/table"
)

// DeleteMemory removes a memory. Removing it again is no error for 30 days.
func (s *Service) DeleteMemory(ctx context.Context, p access.Principal, memoryID string) error {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return err
	}
	conversationID, err := s.forget(ctx, p, memoryID)
	if err == nil && conversationID != "" {
		s.send(ctx, queue.Purge, Job{Workspace: p.Workspace, Conversation: conversationID, Memories: []string{memoryID}})
	}
	return err
}

// DeleteMemories removes 1 to 100 memories, each on its own.
func (s *Service) DeleteMemories(ctx context.Context, p access.Principal, ids []string) (Deleted, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Deleted{}, err
	}
	if err := schema.Check(MemoryIDs{ids}); err != nil {
		return Deleted{}, err
	}
	var out Deleted
	gone := map[string][]string{}
	for _, memoryID := range ids {
		conversationID, err := s.forget(ctx, p, memoryID)
		switch {
		case errs.Is(err, errs.NotFound):
			out.Missing = append(out.Missing, memoryID)
			continue
		case err != nil:
			return out, err
		case conversationID != "":
			gone[conversationID] = append(gone[conversationID], memoryID)
		}
		out.Deleted++
	}
	for conversationID, memories := range gone {
		s.send(ctx, queue.Purge, Job{Workspace: p.Workspace, Conversation: conversationID, Memories: memories})
	}
	return out, nil
}

// forget removes a memory and returns its conversation, or "" when it was
// removed before.
func (s *Service) forget(ctx context.Context, p access.Principal, memoryID string) (conversationID string, err error) {
	workspace := p.Workspace
	var ops []table.Op
	err = table.Insist(ctx, conflictTries, func() error {
		conversationID = ""
		m, err := s.getHeld(ctx, workspace, memoryID)
		if errs.Is(err, errs.NotFound) {
			return s.wasThere(ctx, workspace, memoryID)
		}
		if err != nil {
			return err
		}
		conversationID = m.Conversation
		if ops, err = s.forgetOps(ctx, workspace, m); err != nil {
			return err
		}
		err = s.Table.Transact(ctx, ops)
		if errors.Is(err, table.ErrCondition) {
			return s.lost(ctx, workspace, err)
		}
		if err != nil {
			return fmt.Errorf("removing a memory: %w", err)
		}
		return nil
	})
	if conversationID == "" {
		return "", err
	}
	audit.Record(ctx, audit.Event{
		Action: "memory.deleted", Workspace: workspace, Actor: p.KeyID, Target: memoryID,
		Details: []slog.Attr{slog.String("conversation", conversationID)},
	}, err)
	if err != nil {
		return "", err
	}
	s.written(ctx, workspace, ops)
	return conversationID, nil
}

// wasThere is nil for a memory that was deleted by itself, else NotFound.
func (s *Service) wasThere(ctx context.Context, workspace, memoryID string) error {
	if !id.ValidUUID(memoryID) {
		return errNoMemory()
	}
	item, err := s.Table.Get(ctx, memory.IDKey(workspace, memoryID), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading whether a memory was deleted: %w", err)
	}
	if _, gone := memory.ReadGone(item); !gone {
		return errNoMemory()
	}
	return nil
}

func (s *Service) forgetOps(ctx context.Context, workspace string, m held) ([]table.Op, error) {
	now := s.now()
	next := now.Add(purgeWait)
	ops := append(m.Delete(workspace, now, next),
		s.Index.Remove(workspace, m.Conversation, m.ID),
		table.Put(due.Key(next, workspace, memoryDue+m.ID), nil),
	)
	if m.Name != "" {
		ops = append(ops, m.DropName(workspace))
	}
	answer, err := s.withdraw(ctx, workspace, m.Memory)
	if err != nil {
		return nil, err
	}
	title, err := s.forgetTitle(ctx, workspace, m)
	if err != nil {
		return nil, err
	}
	counted, err := s.countOps(ctx, counting{workspace: workspace, id: m.ID, Delta: forgotten(m.tally, m.Memory)})
	if err != nil {
		return nil, err
	}
	ops = slices.Concat(ops, counted, answer, title)
	changes := topic.Changes(m.Named(workspace), nil)
	ops = append(ops, topic.Deltas(workspace, now, changes)...)
	return s.withLinks(ctx, addition{workspace: workspace, conversation: m.Conversation}, m.tally, false, changes, ops)
}

// forgetTitle returns the writes of a conversation's own rows when a memory of
// it goes. If that gave the title the next one does, which must not change
// meanwhile.
func (s *Service) forgetTitle(ctx context.Context, workspace string, m held) ([]table.Op, error) {
	if !m.info.titledBy(m.Conversation, m.Memory) {
		return []table.Op{m.tally.Touch(workspace, m.Conversation, forgotten(m.tally, m.Memory))}, nil
	}
	t := m.tally
	if t.Lane() != "" {
		var err error
		t, err = s.gathered(ctx, workspace, m.Conversation)
		if errs.Is(err, errs.NotFound) {
			return nil, table.ErrLost // hidden since the memory was read
		}
		if err != nil {
			return nil, err
		}
	}
	next, err := s.withoutMemory(ctx, workspace, m.info, m.Memory)
	if err != nil {
		return nil, err
	}
	return append(s.renameOps(workspace, m.Conversation, m.info, next), t.PassTitle(workspace, m.Conversation, forgotten(m.tally, m.Memory))), nil
}

// withdraw returns the writes that take the words of a memory out of the
// stored answer to the request that made it.
func (s *Service) withdraw(ctx context.Context, workspace string, m memory.Memory) ([]table.Op, error) {
	pointer, ok := m.Claim(workspace)
	if !ok {
		return nil, nil
	}
	return idempotency.Withdraw(ctx, s.Table, workspace, pointer)
}
