package memory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"griot/internal/access"
	"griot/internal/audit"
	"griot/internal/conversation"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
	"griot/internal/task"
)

// Deleted says what became of a bulk deletion.
type Deleted struct {
	Deleted int
	Missing []string // ids and names that are no memory's
}

// IDList is the body of a request about some memories.
type IDList struct {
	// Names will do.
	IDs []string `json:"ids" is:"required 1..100"`
}

// Due begins the ids of due rows of deleted memories that the index may still
// have.
const Due = "memory_"

// Delete removes a memory, by its id or its name. Removing it again by its id is no
// error for 30 days.
func (s *Service) Delete(ctx context.Context, p access.Principal, memoryID string) error {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return err
	}
	memoryID, err := s.idOf(ctx, p.Workspace, memoryID)
	if err != nil {
		return err
	}
	conversationID, err := s.remove(ctx, p, memoryID)
	if err == nil && conversationID != "" {
		s.Conversations.Jobs.Send(ctx, task.PurgeMemories, task.Message{Workspace: p.Workspace, Conversation: conversationID, Memories: []string{memoryID}})
	}
	return err
}

// DeleteMany removes 1 to 100 memories, by their ids or names, each in a transaction of its own.
func (s *Service) DeleteMany(ctx context.Context, p access.Principal, ids []string) (Deleted, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Deleted{}, err
	}
	if err := schema.Check(IDList{ids}); err != nil {
		return Deleted{}, err
	}
	meant, err := s.idsOf(ctx, p.Workspace, ids)
	if err != nil {
		return Deleted{}, err
	}
	var out Deleted
	gone := map[string][]string{}
	for i, memoryID := range meant {
		conversationID, err := s.remove(ctx, p, memoryID)
		switch {
		case errs.Is(err, errs.NotFound):
			out.Missing = append(out.Missing, ids[i])
			continue
		case err != nil:
			return out, err
		case conversationID != "":
			gone[conversationID] = append(gone[conversationID], memoryID)
		}
		out.Deleted++
	}
	for conversationID, memories := range gone {
		s.Conversations.Jobs.Send(ctx, task.PurgeMemories, task.Message{Workspace: p.Workspace, Conversation: conversationID, Memories: memories})
	}
	return out, nil
}

// remove removes a memory and returns its conversation, or "" when it was
// removed before.
func (s *Service) remove(ctx context.Context, p access.Principal, memoryID string) (conversationID string, err error) {
	workspace := p.Workspace
	var ops []table.Op
	err = record.Change(ctx, conversation.Tries, func() error {
		conversationID = ""
		m, err := s.held(ctx, record.In(workspace, memoryID))
		if errs.Is(err, errs.NotFound) {
			return s.checkDeleted(ctx, record.In(workspace, memoryID))
		}
		if err != nil {
			return err
		}
		conversationID = m.Conversation
		if ops, err = s.removeOps(ctx, workspace, m); err != nil {
			return err
		}
		err = s.Conversations.Table.Transact(ctx, ops)
		if errors.Is(err, table.ErrCondition) {
			return s.Conversations.Lost(ctx, workspace, err)
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
	s.Conversations.Written(ctx, workspace, ops)
	return conversationID, nil
}

// checkDeleted returns nil if a memory was deleted by itself, not with its
// conversation, and NotFound otherwise.
func (s *Service) checkDeleted(ctx context.Context, of record.Ref) error {
	if !id.ValidUUID(of.ID) {
		return errNoMemory()
	}
	item, err := s.Conversations.Table.Get(ctx, IDKey(of), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading whether a memory was deleted: %w", err)
	}
	if _, gone := ReadGone(item); !gone {
		return errNoMemory()
	}
	return nil
}

func (s *Service) removeOps(ctx context.Context, workspace string, m held) ([]table.Op, error) {
	now := s.Conversations.Time()
	next := now.Add(task.PurgeMemories.Wait(0))
	ops := append(m.Delete(workspace, now, next),
		s.Conversations.Index.Remove(workspace, m.Conversation, m.ID),
		task.Due(next, record.In(workspace, Due+m.ID)),
		s.Conversations.Moved(record.In(workspace, m.Conversation)),
	)
	if m.Name != "" {
		ops = append(ops, m.DropName(workspace))
	}
	answer, err := s.withdraw(ctx, workspace, m.Memory)
	if err != nil {
		return nil, err
	}
	parted, err := s.Store().Part(ctx, workspace, m.Memory)
	if err != nil {
		return nil, err
	}
	title, err := s.passOn(ctx, workspace, m)
	if err != nil {
		return nil, err
	}
	counted, err := s.Conversations.CountOps(ctx, conversation.Counting{Workspace: workspace, ID: m.ID, Delta: forgotten(m.tally, m.Memory)})
	if err != nil {
		return nil, err
	}
	ops = slices.Concat(ops, counted, answer, title, parted)
	changes := topic.Changes(m.Named(workspace), nil)
	ops = append(ops, topic.Deltas(workspace, now, changes)...)
	return s.withLinks(ctx, record.In(workspace, m.Conversation), m.tally, false, changes, ops)
}

// passOn returns the writes of a conversation's own rows when one of its memories
// is removed. If the memory gave the conversation its title, the next one in the
// timeline takes over, and if it was about the first or the last time, another one
// is; the writes are refused when that changes first.
func (s *Service) passOn(ctx context.Context, workspace string, m held) ([]table.Op, error) {
	of := record.In(workspace, m.Conversation)
	titles := m.info.TitledBy(m.Conversation, m.ID, m.CreatedAt)
	if !titles && !m.tally.Bounded(m.At()) {
		return []table.Op{m.tally.Touch(of, forgotten(m.tally, m.Memory))}, nil
	}
	t := m.tally
	if t.Lane() != "" {
		var err error
		t, err = s.Conversations.Gathered(ctx, of)
		if errs.Is(err, errs.NotFound) {
			return nil, record.ErrStale // hidden since the memory was read
		}
		if err != nil {
			return nil, err
		}
	}
	first, ok, err := s.Store().FirstBut(ctx, of, m.ID)
	if err != nil {
		return nil, err
	}
	var ops []table.Op
	if titles {
		info := m.info.WithoutTitle()
		if ok {
			info = m.info.WithTitleOf(first.ID, first.Content)
		}
		ops = s.Conversations.RenameOps(of, m.info, info)
	}
	left := t.Events
	switch {
	case !ok:
		left = tally.Events{}
	case t.Bounded(m.At()):
		last, _, err := s.Store().LastBut(ctx, of, m.ID)
		if err != nil {
			return nil, err
		}
		left = Events(first, last)
	}
	return append(ops, t.PassTitle(of, forgotten(m.tally, m.Memory), left)), nil
}

// withdraw returns the writes that remove the words of a memory from the stored
// answer to the request that created it.
func (s *Service) withdraw(ctx context.Context, workspace string, m Memory) ([]table.Op, error) {
	pointer, ok := m.Claim(workspace)
	if !ok {
		return nil, nil
	}
	return idempotency.Withdraw(ctx, s.Conversations.Table, workspace, pointer)
}

// forgotten is what the counts change by when a memory is deleted.
func forgotten(t tally.Tally, m Memory) tally.Delta {
	return tally.Delta{Memories: -1, Bytes: -m.Counted(), Told: t.Untold() - m.Counted()}
}
