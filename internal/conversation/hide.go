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
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Tomb is a hidden conversation whose purge is under way.
type Tomb struct {
	Conversation string
	Deletion     string // its receipt
	Due          time.Time
	Attempts     int64
}

// HiddenKey is the row of a Tomb: it is there from the moment a conversation is
// hidden until nothing of it is left.
func HiddenKey(of record.Ref) table.Key { return row(of.Workspace, "hidden", of.ID) }

// TombstoneKey is the row that remembers a purged conversation for a while.
func TombstoneKey(of record.Ref) table.Key { return row(of.Workspace, "tombs", of.ID) }

// Attrs encodes the tomb's row.
func (t Tomb) Attrs() table.Attrs {
	return table.Attrs{"deletion": t.Deletion, "due": t.Due.UnixMilli(), "attempts": t.Attempts}
}

// ReadTomb decodes the row of a Tomb.
func ReadTomb(item table.Item) Tomb {
	return Tomb{
		Conversation: item.SK, Deletion: item.Str("deletion"),
		Due: time.UnixMilli(item.Int("due")).UTC(), Attempts: item.Int("attempts"),
	}
}

// Hidden returns the conversations that are hidden and not purged yet.
func (s *Service) Hidden(ctx context.Context, workspace string) (map[string]bool, error) {
	found := map[string]bool{}
	for item, err := range table.All(ctx, s.Table, table.Query{
		Table: table.Conversations, PK: HiddenKey(record.In(workspace, "")).PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return nil, fmt.Errorf("reading which conversations are hidden: %w", err)
		}
		found[item.SK] = true
	}
	return found, nil
}

// Delete hides a conversation and its memories at once, everywhere, and has
// everything that belongs to it removed.
func (s *Service) Delete(ctx context.Context, p access.Principal, conversationID string) (deletion.Deletion, error) {
	if err := p.Require(access.ConversationsWrite); err != nil {
		return deletion.Deletion{}, err
	}
	if !id.Valid(id.Conversation, conversationID) {
		return deletion.Deletion{}, errNotFound()
	}
	var del deletion.Deletion
	err := s.Clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
		return record.Change(ctx, Tries, func() error {
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
	s.SendPurge(ctx, record.In(p.Workspace, conversationID))
	return del, nil
}

// SendPurge has a hidden conversation purged.
func (s *Service) SendPurge(ctx context.Context, of record.Ref) {
	s.Jobs.Send(ctx, task.PurgeConversation, task.Message{Workspace: of.Workspace, Conversation: of.ID})
}

func (s *Service) hide(ctx context.Context, workspace string, del *deletion.Deletion) error {
	h, ok, err := s.HideOps(ctx, record.In(workspace, del.Target), del.ID)
	if err == nil && !ok {
		err = errNotFound()
	}
	if err != nil {
		return err
	}
	del.TableItems = h.Items
	err = s.Table.Transact(ctx, append(h.Ops, deletion.Begin(workspace, *del, 1)))
	if errors.Is(err, table.ErrCondition) {
		return record.ErrStale
	}
	if err != nil {
		return fmt.Errorf("hiding a conversation: %w", err)
	}
	return nil
}

// HideOps returns what hides a conversation within somebody else's
// transaction, counting into the receipt that it begins (with one part more).
// They are 9 operations for a conversation of up to 10,000 topics; ok is
// false when there is no such conversation. When a condition fails, call it
// again.
func (s *Service) HideOps(ctx context.Context, ref record.Ref, deletionID string) (h deletion.Hidden, ok bool, err error) {
	t, err := s.Gathered(ctx, ref)
	if errs.Is(err, errs.NotFound) {
		return deletion.Hidden{}, false, nil
	}
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	changes, err := s.Topics().Of(ctx, ref)
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	uncounted, row, err := s.Fences().Remove(ctx, ref)
	if errors.Is(err, fence.ErrGone) {
		return deletion.Hidden{}, false, nil // hidden since its tally was read
	}
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	counted, err := s.CountOps(ctx, Counting{
		Workspace: ref.Workspace, ID: ref.ID, Delta: tally.Delta{Memories: -t.Memories, Told: -t.Told},
	})
	if err != nil {
		return deletion.Hidden{}, false, err
	}
	of := ref
	h = deletion.Hidden{Items: 2, Sent: func(ctx context.Context) { s.SendPurge(ctx, of) }}
	if row {
		h.Items++
	}
	tomb := Tomb{Conversation: ref.ID, Deletion: deletionID, Due: s.Time().Add(task.PurgeConversation.Wait(0))}
	h.Ops = slices.Concat([]table.Op{
		t.Remove(ref),
		table.Delete(InfoKey(ref), table.Exists()),
		table.Put(HiddenKey(ref), tomb.Attrs(), table.Absent()),
		task.Due(tomb.Due, of),
		s.Moved(ref),
	}, counted, []table.Op{uncounted}, topic.Deltas(ref.Workspace, s.Time(), changes))
	return h, true, nil
}

// Gathered reads the tally of a conversation after its lanes, if it has any,
// were gathered.
func (s *Service) Gathered(ctx context.Context, of record.Ref) (t tally.Tally, err error) {
	for range Tries {
		t, err = s.Tally(ctx, of)
		if err != nil || t.Lane() == "" {
			return t, err
		}
		if err := s.Tallies().Gather(ctx, of, t); err != nil {
			return t, err
		}
	}
	return t, record.Crowded(nil)
}
