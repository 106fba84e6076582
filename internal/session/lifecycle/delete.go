package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/audit"
	"griot/internal/blob"
	"griot/internal/deletion"
	"griot/internal/idempotency"
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
	tomb := session.Head{Status: session.Deleted, Source: old.Source, Duration: -1, Deletion: del.ID, Updated: del.RequestedAt, Recording: old.Recording}
	tomb.Due = s.Sessions.FirstDue(tomb)
	givenBack := s.Sessions.GiveBack(&tomb, ref.Workspace)
	ops := []table.Op{
		table.Delete(session.InfoKey(ref), table.Exists()),
		deletion.Begin(ref.Workspace, del, 1+min(len(conversation), 1)),
	}
	ops = append(ops, givenBack...)
	ops = append(ops, s.Sessions.Uncount(ref, old)...)
	err := s.Sessions.Commit(ctx, ref, old, tomb, append(ops, conversation...), nil, nil)
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

// Purge carries a deletion out. It may be repeated, also while it runs: what is
// removed is listed in the receipt before it is, and counted once.
func (s *Service) Purge(ctx context.Context, ref record.Ref) error {
	item, err := s.Sessions.Table.Get(ctx, session.HeadKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the tombstone: %w", err)
	}
	tomb := session.HeadOf(item)
	if tomb.Status != session.Deleted || tomb.Due.IsZero() {
		return nil
	}
	receipt := deletion.Key(ref.Workspace, tomb.Deletion)
	pg := purge{s, ref, &deletion.Purge{Table: s.Sessions.Table, Receipt: receipt, Blobs: s.Sessions.Blobs, Part: "session"}}
	if err := pg.Resume(ctx); err != nil {
		return err
	}
	if err := pg.noted(ctx); err != nil {
		return err
	}
	src, err := pg.source(ctx)
	if err != nil {
		return err
	}
	if err := pg.objects(ctx, src); err != nil {
		return err
	}
	if err := s.Uploads.UncountFile(ctx, ref, src); err != nil {
		return err
	}
	if err := pg.rows(ctx, src); err != nil {
		return err
	}
	return pg.finish(ctx, tomb)
}

type purge struct {
	s   *Service
	ref record.Ref
	*deletion.Purge
}

// objects removes everything that the session's workers and its client put
// into the blob store.
func (p purge) objects(ctx context.Context, src session.Origin) error {
	if own, err := p.ownSource(ctx, src); err != nil {
		return err
	} else if own && !strings.HasPrefix(src.Object, session.ObjectPrefix(p.ref)) {
		if err := p.List(ctx, deletion.Version(src.Object, src.ETag)); err != nil {
			return err
		}
	}
	for after := ""; ; {
		objects, more, err := p.s.Sessions.Blobs.List(ctx, session.ObjectPrefix(p.ref), after)
		if err != nil {
			return fmt.Errorf("listing a session's objects: %w", err)
		}
		for _, o := range objects {
			if err := p.List(ctx, deletion.Object(o.Key)); err != nil {
				return err
			}
			after = o.Key
		}
		if !more {
			return nil
		}
	}
}

func (p purge) source(ctx context.Context) (session.Origin, error) {
	item, err := p.s.Sessions.Table.Get(ctx, session.OriginKey(p.ref), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return session.Origin{}, fmt.Errorf("reading where a session's bytes are: %w", err)
	}
	return session.OriginOf(item), nil
}

// ownSource reports whether the object that the session was read from is
// there, and is still the version that was meant.
func (p purge) ownSource(ctx context.Context, src session.Origin) (bool, error) {
	if src.Object == "" {
		return false, nil
	}
	info, err := p.s.Sessions.Blobs.Stat(ctx, src.Object)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking at a session's source: %w", err)
	}
	return src.ETag == "" || src.ETag == info.ETag, nil
}

const notePrefix = "obj#"

// noted removes the objects that a version which had no lists has written down
// before it removed them, and counts each once.
func (p purge) noted(ctx context.Context) error {
	return p.Each(ctx, table.Sessions, p.ref.Partition(), notePrefix, func(note table.Item) error {
		if err := p.s.Sessions.Blobs.Delete(ctx, note.Str("object")); err != nil {
			return fmt.Errorf("removing an object: %w", err)
		}
		return p.Remove(ctx, deletion.Objects, []table.Op{table.Delete(note.Key, table.Exists())})
	})
}

// rows removes the upload's and the session's rows: the segments and blocks,
// the answers kept for repeated requests, the upload and, last because it
// names the upload, the source.
func (p purge) rows(ctx context.Context, src session.Origin) error {
	if src.Upload != "" {
		if err := p.partition(ctx, record.In(p.ref.Workspace, src.Upload).Partition()); err != nil {
			return err
		}
	}
	return p.partition(ctx, p.ref.Partition())
}

// partition removes a partition's rows.
func (p purge) partition(ctx context.Context, pk string) error {
	err := p.Each(ctx, table.Sessions, pk, "", func(row table.Item) error { return p.row(ctx, row) })
	if err != nil {
		return err
	}
	return p.Flush(ctx)
}

// row removes a row, and what it points to as far as that is there. A stored
// answer goes in a transaction with its pointer: its key is the client's, who may
// use it again, so that a purge which comes late must find the pointer.
func (p purge) row(ctx context.Context, row table.Item) error {
	if row.SK == "head" {
		return nil
	}
	answer, ok := idempotency.Records(p.ref.Workspace, row.Key)
	if ok {
		ok, err := p.has(ctx, answer)
		if err != nil {
			return err
		}
		if ok {
			const room = 2 << 10 // for the answer
			return p.Add(ctx, row.Size()+room, table.Delete(row.Key, table.Exists()), table.Delete(answer, table.Exists()))
		}
	}
	if row.SK == "source" && row.Str("upload") != "" {
		upload := session.UploadKey(record.In(p.ref.Workspace, row.Str("upload")))
		ok, err := p.has(ctx, upload)
		if err != nil {
			return err
		}
		if ok {
			return p.List(ctx, deletion.Row(upload), deletion.Row(row.Key))
		}
	}
	return p.List(ctx, deletion.Row(row.Key))
}

func (p purge) has(ctx context.Context, key table.Key) (bool, error) {
	_, err := p.s.Sessions.Table.Get(ctx, key, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading what a row points to: %w", err)
	}
	return true, nil
}

// finish closes the receipt and leaves a tombstone that expires.
func (p purge) finish(ctx context.Context, tomb session.Head) error {
	closed, err := p.Finish(ctx, p.s.Sessions.Time())
	if err != nil {
		return err
	}
	err = p.s.Sessions.Bury(ctx, p.ref, tomb, closed)
	if errors.Is(err, record.ErrStale) || errors.Is(err, table.ErrCondition) {
		return deletion.ErrTwin
	}
	return err
}

// wakePurge sends the purge job again.
func (s *Service) wakePurge(ctx context.Context, ref record.Ref, tomb session.Head) error {
	next := tomb
	next.SendAgain(task.PurgeSession, s.Sessions.Time())
	err := s.Sessions.Commit(ctx, ref, tomb, next, nil, nil, nil)
	switch {
	case errors.Is(err, record.ErrStale):
		return nil
	case err != nil:
		return err
	}
	s.Sessions.Jobs.Send(ctx, task.PurgeSession, task.Of(ref))
	return nil
}
