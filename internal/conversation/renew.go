package conversation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"griot/internal/due"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/table"
)

// renewWait is how long the index may keep what a memory or a title said
// before: until no merge is at work any more that has read it.
const renewWait = search.RenewAfter + 2*time.Minute

// renewLater returns the write that has a conversation's old words removed
// from the index. Within a minute that is one row, however much changes.
func (s *Service) renewLater(workspace, conversationID string) table.Op {
	at := s.now().Add(renewWait).Truncate(time.Minute)
	return table.Put(due.Key(at, workspace, renewalDue+conversationID), nil)
}

// wakeRenewal sends the job that renews a conversation in the index.
func (s *Service) wakeRenewal(ctx context.Context, workspace, dueID string, at time.Time) error {
	next := s.now().Add(maxPurgeWait)
	if err := s.Table.Transact(ctx, due.Move(workspace, dueID, at, next)); err != nil {
		return fmt.Errorf("moving the renewal of a conversation: %w", err)
	}
	s.send(ctx, queue.Purge, Job{
		Workspace: workspace, Conversation: strings.TrimPrefix(dueID, renewalDue), Renewal: next.UnixMilli(),
	})
	return nil
}

// renew removes from the index what memories, topics and titles of a
// conversation said before they were changed.
func (s *Service) renew(ctx context.Context, j Job) error {
	if err := s.Index.Renew(ctx, j.Workspace, j.Conversation); err != nil {
		return fmt.Errorf("renewing a conversation in the index: %w", err)
	}
	if _, err := s.topics().Fold(ctx, j.Workspace); err != nil {
		return err
	}
	return s.dropDue(ctx, j.Workspace, renewalDue+j.Conversation, time.UnixMilli(j.Renewal))
}
