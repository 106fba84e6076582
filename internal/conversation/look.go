package conversation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"griot/internal/conversation/memory"
	"griot/internal/due"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/table"
)

// Looks returns who looks after what is due of conversations: deletions that
// are not carried out, merges of topics that are not finished and words in the
// index that were changed.
func (s *Service) Looks() map[string]due.Look {
	return map[string]due.Look{
		id.Conversation: s.wakePurge, memoryDue: s.wakeMemory, mergeDue: s.wakeMerge, renewalDue: s.wakeRenewal,
	}
}

// wakePurge sends the purge job of a conversation again, and waits longer for
// it each time.
func (s *Service) wakePurge(ctx context.Context, workspace, conversationID string, at time.Time) error {
	key := hiddenKey(workspace, conversationID)
	item, err := s.Table.Get(ctx, key, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading a hidden conversation: %w", err)
	}
	t := readTomb(item)
	if !item.Found() || !t.due.Equal(at) {
		return s.dropDue(ctx, workspace, conversationID, at)
	}
	next := t
	next.attempts++
	next.due = s.now().Add(min(purgeWait<<min(next.attempts, 6), maxPurgeWait))
	ops := append(due.Move(workspace, conversationID, at, next.due),
		table.Put(key, next.attrs(), table.Equal("due", at.UnixMilli())))
	if err := s.Table.Transact(ctx, ops); errors.Is(err, table.ErrCondition) {
		return nil
	} else if err != nil {
		return fmt.Errorf("moving the purge of a conversation: %w", err)
	}
	s.sendPurge(ctx, workspace, conversationID)
	return nil
}

// wakeMemory does the same for a memory that was deleted by itself.
func (s *Service) wakeMemory(ctx context.Context, workspace, dueID string, at time.Time) error {
	memoryID := strings.TrimPrefix(dueID, memoryDue)
	item, err := s.Table.Get(ctx, memory.IDKey(workspace, memoryID), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading a deleted memory: %w", err)
	}
	g, ok := memory.ReadGone(item)
	if !ok || !g.Due.Equal(at) {
		return s.dropDue(ctx, workspace, dueID, at)
	}
	if err := s.settle(ctx, workspace, memoryID, g, s.now().Add(maxPurgeWait)); err != nil {
		return err
	}
	s.send(ctx, queue.Purge, Job{Workspace: workspace, Conversation: g.Conversation, Memories: []string{memoryID}})
	return nil
}

// dropDue removes a due row that its thing does not know.
func (s *Service) dropDue(ctx context.Context, workspace, dueID string, at time.Time) error {
	_, err := s.Table.Write(ctx, table.Repeatable(table.Delete(due.Key(at, workspace, dueID))))
	return err
}
