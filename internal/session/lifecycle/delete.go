package lifecycle

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"griot/internal/access"
	"griot/internal/audit"
	"griot/internal/deletion"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

// Deletion is the receipt of a session's deletion.
type Deletion = deletion.Deletion

// Delete hides a session at once, whatever its state, and has everything that
// belongs to it removed.
func (s *Service) Delete(ctx context.Context, p access.Principal, sessionID string) (Deletion, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Deletion{}, err
	}
	return s.beginDelete(ctx, session.Ref(p, sessionID), p.KeyID)
}

func (s *Service) beginDelete(ctx context.Context, ref record.Ref, actor string) (Deletion, error) {
	var del Deletion
	var conversation string
	var hidden deletion.Hidden
	var at time.Time // of all tries
	err := record.Change(ctx, record.Tries, func() error {
		old, err := s.Sessions.ReadHead(ctx, ref, table.Consistent)
		if err != nil {
			return err
		}
		if at.IsZero() {
			if at, err = s.Sessions.Clock().Next(ctx, ref.Workspace); err != nil {
				return err
			}
		}
		del, conversation = deletion.New(ref.ID, at), old.Conversation
		if hidden, err = s.hideConversation(ctx, ref.Workspace, old, del.ID); err != nil {
			return err
		}
		del.TableItems = 1 + hidden.Items
		return s.hide(ctx, ref, old, del, hidden.Ops)
	})
	if del.ID != "" { // the session was there
		audit.Record(ctx, audit.Event{
			Action: "session.deleted", Workspace: ref.Workspace, Actor: actor, Target: ref.ID,
			Details: []slog.Attr{slog.String("conversation", conversation), slog.String("deletion", del.ID)},
		}, err)
	}
	if err != nil {
		return del, err
	}
	s.Sessions.Jobs.Send(ctx, task.PurgeSession, task.Of(ref))
	if hidden.Sent != nil {
		hidden.Sent(ctx)
	}
	return del, nil
}

// hideConversation returns what hides what the session became; nothing when
// it became none or that is deleted.
func (s *Service) hideConversation(ctx context.Context, workspace string, h session.Head, deletionID string) (deletion.Hidden, error) {
	if h.Conversation == "" {
		return deletion.Hidden{}, nil
	}
	hidden, _, err := s.HideConversation(ctx, record.In(workspace, h.Conversation), deletionID)
	return hidden, err
}

// hide makes the tombstone and the receipt; the list row, which has title and
// address, goes in the same transaction, and is the receipt's first item. The
// receipt has a part more when a conversation is hidden too.
func (s *Service) hide(ctx context.Context, ref record.Ref, old session.Head, del Deletion, conversation []table.Op) error {
	tomb := session.Head{Status: session.Deleted, Source: old.Source, Rev: old.Rev + 1, Duration: -1, Deletion: del.ID, Updated: del.RequestedAt, Recording: old.Recording}
	tomb.Due = s.Sessions.FirstDue(tomb)
	givenBack := s.Sessions.GiveBack(&tomb, ref.Workspace)
	key := session.HeadKey(ref)
	ops := []table.Op{
		table.Put(key, tomb.Attrs(), table.Equal("rev", old.Rev)),
		table.Delete(session.MetaKey(ref), table.Exists()),
		deletion.Begin(ref.Workspace, del, 1+min(len(conversation), 1)),
	}
	ops = append(ops, task.Move(ref, old.Due, tomb.Due)...)
	ops = append(ops, givenBack...)
	ops = append(ops, s.Sessions.Uncount(ref, old)...)
	err := session.Stale(s.Sessions.Table.Transact(ctx, append(ops, conversation...)), key)
	if errors.Is(err, table.ErrCondition) {
		return record.ErrStale // the conversation changed
	}
	return err
}

// GetDeletion returns a receipt, of a session or a conversation.
func (s *Service) GetDeletion(ctx context.Context, p access.Principal, deletionID string) (Deletion, error) {
	if err := p.Require(access.SessionsRead, access.ConversationsRead); err != nil {
		return Deletion{}, err
	}
	return deletion.Get(ctx, s.Sessions.Table, p.Workspace, deletionID)
}
