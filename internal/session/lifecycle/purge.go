package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"griot/internal/blob"
	"griot/internal/deletion"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

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
		if err := p.List(ctx, deletion.Object(src.Object)); err != nil {
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
	item, err := p.s.Sessions.Table.Get(ctx, session.SourceKey(p.ref), table.Consistent)
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
	key := session.HeadKey(p.ref)
	now := p.s.Sessions.Time()
	last := session.Head{Status: session.Deleted, Source: tomb.Source, Rev: tomb.Rev + 1, Duration: -1, Deletion: tomb.Deletion, Updated: now}
	attrs := record.Expire(last.Attrs(), now)
	closed, err := p.Finish(ctx, now)
	if err != nil {
		return err
	}
	ops := []table.Op{table.Put(key, attrs, table.Equal("rev", tomb.Rev)), closed}
	err = p.s.Sessions.Table.Transact(ctx, append(ops, task.Move(p.ref, tomb.Due, last.Due)...))
	if errors.Is(err, table.ErrCondition) {
		return deletion.ErrTwin
	}
	if err != nil {
		return fmt.Errorf("closing the receipt: %w", err)
	}
	return nil
}

// wakePurge sends the purge job again.
func (s *Service) wakePurge(ctx context.Context, ref record.Ref, tomb session.Head) error {
	next := tomb
	next.Rev++
	next.Attempts++
	next.Due = s.Sessions.Time().Add(task.PurgeSession.Wait(next.Attempts))
	key := session.HeadKey(ref)
	ops := []table.Op{table.Put(key, next.Attrs(), table.Equal("rev", tomb.Rev))}
	err := session.Stale(s.Sessions.Table.Transact(ctx, append(ops, task.Move(ref, tomb.Due, next.Due)...)), key)
	if errors.Is(err, record.ErrStale) {
		return nil
	}
	if err == nil {
		s.Sessions.Jobs.Send(ctx, task.PurgeSession, task.Of(ref))
	}
	return err
}
