package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/audit"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/table"
)

// Waits of due rows: how long a job that was sent is waited for.
const (
	purgeWait    = time.Minute
	maxPurgeWait = time.Hour
	tombKept     = 30 * 24 * time.Hour // contract D 31
)

// Prefixes of the ids of due rows that are not conversations'.
const (
	memoryDue  = "memory_"
	mergeDue   = "merge_"
	renewalDue = "renewal_"
)

// Delete hides a conversation and its memories at once, everywhere, and has
// everything that belongs to it removed.
func (s *Service) Delete(ctx context.Context, p access.Principal, conversationID string) (deletion.Deletion, error) {
	if err := p.Require(access.ConversationsWrite); err != nil {
		return deletion.Deletion{}, err
	}
	if !id.Valid(id.Conversation, conversationID) {
		return deletion.Deletion{}, errNoConversation()
	}
	var del deletion.Deletion
	err := s.clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
		return table.Insist(ctx, conflictTries, func() error {
			del = deletion.New(conversationID, at)
			return s.hide(ctx, p.Workspace, &del)
		})
	})
	audit.Record(ctx, audit.Event{
		Action: "conversation.deleted", Workspace: p.Workspace, Actor: p.KeyID, Target: conversationID,
		Details: []slog.Attr{slog.String("deletion", del.ID)},
	}, err)
	if err != nil {
		return deletion.Deletion{}, err
	}
	s.sendPurge(ctx, p.Workspace, conversationID)
	return del, nil
}

func (s *Service) sendPurge(ctx context.Context, workspace, conversationID string) {
	s.send(ctx, queue.Purge, Job{Workspace: workspace, Conversation: conversationID})
}

func (s *Service) hide(ctx context.Context, workspace string, del *deletion.Deletion) error {
	h, ok, err := s.HideOps(ctx, workspace, del.Target, del.ID)
	if err == nil && !ok {
		err = errNoConversation()
	}
	if err != nil {
		return err
	}
	del.TableItems = h.Items
	err = s.Table.Transact(ctx, append(h.Ops, deletion.Begin(workspace, *del, 1)))
	if errors.Is(err, table.ErrCondition) {
		return table.ErrLost
	}
	if err != nil {
		return fmt.Errorf("hiding a conversation: %w", err)
	}
	return nil
}

// HideOps returns what hides a conversation within somebody else's
// transaction, counting into the receipt that it begins (with one part more).
// They are 8 operations for a conversation of up to 10,000 topics; ok is
// false when there is no such conversation. When a condition fails, call it
// again.
func (s *Service) HideOps(ctx context.Context, workspace, conversationID, deletionID string) (h deletion.Hidden, ok bool, err error) {
	t, err := s.gathered(ctx, workspace, conversationID)
	if errs.Is(err, errs.NotFound) {
		return deletion.Hidden{}, false, nil
	}
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	changes, err := s.topics().Of(ctx, workspace, conversationID)
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	uncounted, row, err := s.fences().Remove(ctx, workspace, conversationID)
	if errors.Is(err, fence.ErrGone) {
		return deletion.Hidden{}, false, nil // hidden since its tally was read
	}
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	h = deletion.Hidden{Items: 2, Sent: func(ctx context.Context) { s.sendPurge(ctx, workspace, conversationID) }}
	if row {
		h.Items++
	}
	counted, err := s.countOps(ctx, counting{
		workspace: workspace, id: conversationID, Delta: tally.Delta{Memories: -t.Memories, Told: -t.Told},
	})
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	h.Ops = slices.Concat(s.hideOps(workspace, conversationID, deletionID, t), counted, []table.Op{uncounted})
	h.Ops = append(h.Ops, topic.Deltas(workspace, s.now(), changes)...)
	return h, true, nil
}

// gathered reads the tally of a conversation, and has its lanes gathered before
// if there are any.
func (s *Service) gathered(ctx context.Context, workspace, conversationID string) (t tally.Tally, err error) {
	for range conflictTries {
		t, err = s.getTally(ctx, workspace, conversationID)
		if err != nil || t.Lane() == "" {
			return t, err
		}
		if err := s.tallies().Gather(ctx, workspace, conversationID, t); err != nil {
			return t, err
		}
	}
	return t, table.Crowded(nil)
}

func (s *Service) hideOps(workspace, conversationID, deletionID string, counts tally.Tally) []table.Op {
	t := tomb{conversation: conversationID, deletion: deletionID, due: s.now().Add(purgeWait)}
	return []table.Op{
		counts.Remove(workspace, conversationID),
		table.Delete(infoKey(workspace, conversationID), table.Exists()),
		table.Put(hiddenKey(workspace, conversationID), t.attrs(), table.Absent()),
		table.Put(due.Key(t.due, workspace, conversationID), nil),
	}
}

// tomb is a hidden conversation whose purge is under way.
type tomb struct {
	conversation string
	deletion     string // its receipt
	due          time.Time
	attempts     int64
}

func (t tomb) attrs() table.Attrs {
	return table.Attrs{"deletion": t.deletion, "due": t.due.UnixMilli(), "attempts": t.attempts}
}

func readTomb(item table.Item) tomb {
	return tomb{
		conversation: item.SK, deletion: item.Str("deletion"),
		due: time.UnixMilli(item.Int("due")).UTC(), attempts: item.Int("attempts"),
	}
}
