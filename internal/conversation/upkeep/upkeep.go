// Package upkeep has the background work of conversations: it purges what was
// deleted, removes outdated words from the search index, tidies up after many
// writers, and resends jobs that are overdue.
package upkeep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Service has the jobs behind conversations.
type Service struct {
	Conversations *conversation.Service
}

func (s *Service) merges() *merge.Service { return &merge.Service{Conversations: s.Conversations} }

// Handlers returns who does the jobs of conversations.
func (s *Service) Handlers() task.Handlers {
	return task.Handlers{
		task.Tidy: func(ctx context.Context, m task.Message) error {
			if m.Weigh {
				if err := s.Conversations.Quotas().Weigh(ctx, m.Workspace); err != nil {
					return err
				}
			}
			if err := s.Tidy(ctx, m.Workspace); err != nil {
				return err
			}
			return conversation.Lists{Service: s.Conversations}.Renew(ctx, m.Workspace, m.Board)
		},
		task.PurgeConversation: s.purgeConversation,
		task.PurgeMemories:     s.purgeMemories,
		task.RenewIndex:        s.renew,
	}
}

// Tidy folds topics' deltas, seals fences, gathers lanes that nobody writes to,
// dates old conversations, merges topics that names of today say are one, and finishes merges.
func (s *Service) Tidy(ctx context.Context, workspace string) error {
	if _, err := s.Conversations.Fences().Seal(ctx, workspace); err != nil {
		return err
	}
	if _, err := s.Conversations.Topics().Fold(ctx, workspace); err != nil {
		return err
	}
	if err := s.Conversations.Tallies().Tidy(ctx, workspace); err != nil {
		return err
	}
	if err := s.date(ctx, workspace); err != nil {
		return err
	}
	if err := s.merges().Refold(ctx, workspace); err != nil {
		return err
	}
	return s.merges().Finish(ctx, workspace)
}

// Looks returns what to do about due rows of conversations: purges and merges of
// topics that have not finished, outdated words in the search index, and deleted
// conversations in the board.
func (s *Service) Looks() task.Looks {
	return task.Looks{
		id.Conversation: s.wakePurge, memory.Due: s.wakeMemory, topic.MergeDue: s.merges().Wake, conversation.RenewalDue: s.wakeRenewal,
		conversation.BoardDue: s.wakeBoard,
	}
}

// wakePurge sends the purge job of a conversation again, after longer and longer
// pauses.
func (s *Service) wakePurge(ctx context.Context, of record.Ref, at time.Time) error {
	key := conversation.HiddenKey(of)
	item, err := s.Conversations.Table.Get(ctx, key, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading a hidden conversation: %w", err)
	}
	t := conversation.ReadTomb(item)
	if !item.Found() || !t.Due.Equal(at) {
		return task.Drop(ctx, s.Conversations.Table, of, at)
	}
	next := t
	next.Attempts++
	next.Due = s.Conversations.Time().Add(task.PurgeConversation.Wait(next.Attempts))
	ops := append(task.Move(of, at, next.Due),
		table.Put(key, next.Attrs(), table.Equal("due", at.UnixMilli())))
	if err := s.Conversations.Table.Transact(ctx, ops); errors.Is(err, table.ErrCondition) {
		return nil
	} else if err != nil {
		return fmt.Errorf("moving the purge of a conversation: %w", err)
	}
	s.Conversations.SendPurge(ctx, of)
	return nil
}

// wakeMemory does the same for a single deleted memory.
func (s *Service) wakeMemory(ctx context.Context, of record.Ref, at time.Time) error {
	memoryID := strings.TrimPrefix(of.ID, memory.Due)
	item, err := s.Conversations.Table.Get(ctx, memory.IDKey(record.In(of.Workspace, memoryID)), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading a deleted memory: %w", err)
	}
	g, ok := memory.ReadGone(item)
	if !ok || !g.Due.Equal(at) {
		return task.Drop(ctx, s.Conversations.Table, of, at)
	}
	if err := s.settle(ctx, record.In(of.Workspace, memoryID), g, s.Conversations.Time().Add(task.PurgeMemories.Wait(1))); err != nil {
		return err
	}
	s.Conversations.Jobs.Send(ctx, task.PurgeMemories, task.Message{Workspace: of.Workspace, Conversation: g.Conversation, Memories: []string{memoryID}})
	return nil
}

// wakeRenewal sends the job that renews a conversation in the index.
func (s *Service) wakeRenewal(ctx context.Context, of record.Ref, at time.Time) error {
	next := s.Conversations.Time().Add(task.RenewIndex.Wait(1))
	if err := s.Conversations.Table.Transact(ctx, task.Move(of, at, next)); err != nil {
		return fmt.Errorf("moving the renewal of a conversation: %w", err)
	}
	s.Conversations.Jobs.Send(ctx, task.RenewIndex, task.Message{
		Workspace: of.Workspace, Conversation: strings.TrimPrefix(of.ID, conversation.RenewalDue), Renewal: next.UnixMilli(),
	})
	return nil
}

// wakeBoard has what was deleted leave the board.
func (s *Service) wakeBoard(ctx context.Context, of record.Ref, at time.Time) error {
	s.Conversations.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: of.Workspace})
	return task.Drop(ctx, s.Conversations.Table, of, at)
}

// renew removes from the index the words that memories, topics and titles of a
// conversation had before they were changed.
func (s *Service) renew(ctx context.Context, m task.Message) error {
	if err := s.Conversations.Index.Renew(ctx, m.Workspace, m.Conversation); err != nil {
		return fmt.Errorf("renewing a conversation in the index: %w", err)
	}
	if _, err := s.Conversations.Topics().Fold(ctx, m.Workspace); err != nil {
		return err
	}
	due := record.In(m.Workspace, conversation.RenewalDue+m.Conversation)
	return task.Drop(ctx, s.Conversations.Table, due, time.UnixMilli(m.Renewal))
}
