package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"griot/internal/blob"
	"griot/internal/deletion"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Purge carries a deletion out. It may be repeated, also while it runs: what is
// removed is listed in the receipt before it is, and counted once.
func (s *Service) Purge(ctx context.Context, ref record.Ref) error {
	item, err := s.Table.Get(ctx, headKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the tombstone: %w", err)
	}
	tomb := readHead(item)
	if tomb.status != deleted || tomb.due.IsZero() {
		return nil
	}
	receipt := deletion.Key(ref.Workspace, tomb.deletion)
	pg := purge{s, ref, &deletion.Purge{Table: s.Table, Receipt: receipt, Blobs: s.Blobs, Part: "session"}}
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
	if err := s.uncountFile(ctx, ref, src); err != nil {
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
func (p purge) objects(ctx context.Context, src source) error {
	if own, err := p.ownSource(ctx, src); err != nil {
		return err
	} else if own && !strings.HasPrefix(src.object, objectPrefix(p.ref)) {
		if err := p.List(ctx, deletion.Object(src.object)); err != nil {
			return err
		}
	}
	for after := ""; ; {
		objects, more, err := p.s.Blobs.List(ctx, objectPrefix(p.ref), after)
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

func (p purge) source(ctx context.Context) (source, error) {
	item, err := p.s.Table.Get(ctx, sourceKey(p.ref), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return source{}, fmt.Errorf("reading where a session's bytes are: %w", err)
	}
	return readSource(item), nil
}

// ownSource reports whether the object that the session was read from is
// there, and is still the version that was meant.
func (p purge) ownSource(ctx context.Context, src source) (bool, error) {
	if src.object == "" {
		return false, nil
	}
	info, err := p.s.Blobs.Stat(ctx, src.object)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking at a session's source: %w", err)
	}
	return src.etag == "" || src.etag == info.ETag, nil
}

const notePrefix = "obj#"

// noted removes the objects that a version which had no lists has written down
// before it removed them, and counts each once.
func (p purge) noted(ctx context.Context) error {
	return p.Each(ctx, table.Sessions, p.ref.Partition(), notePrefix, func(note table.Item) error {
		if err := p.s.Blobs.Delete(ctx, note.Str("object")); err != nil {
			return fmt.Errorf("removing an object: %w", err)
		}
		return p.Remove(ctx, deletion.Objects, []table.Op{table.Delete(note.Key, table.Exists())})
	})
}

// rows removes the upload's and the session's rows: the segments and blocks,
// the answers kept for repeated requests, the upload and, last because it
// names the upload, the source.
func (p purge) rows(ctx context.Context, src source) error {
	if src.upload != "" {
		if err := p.partition(ctx, record.In(p.ref.Workspace, src.upload).Partition()); err != nil {
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
		upload := uploadKey(record.In(p.ref.Workspace, row.Str("upload")))
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
	_, err := p.s.Table.Get(ctx, key, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading what a row points to: %w", err)
	}
	return true, nil
}

// finish closes the receipt and leaves a tombstone that expires.
func (p purge) finish(ctx context.Context, tomb head) error {
	key := headKey(p.ref)
	now := p.s.now()
	last := head{status: deleted, source: tomb.source, rev: tomb.rev + 1, duration: -1, deletion: tomb.deletion, updated: now}
	attrs := record.Expire(last.attrs(), now)
	closed, err := p.Finish(ctx, now)
	if err != nil {
		return err
	}
	ops := []table.Op{table.Put(key, attrs, table.Equal("rev", tomb.rev)), closed}
	err = p.s.Table.Transact(ctx, append(ops, task.Move(p.ref, tomb.due, last.due)...))
	if errors.Is(err, table.ErrCondition) {
		return deletion.ErrTwin
	}
	if err != nil {
		return fmt.Errorf("closing the receipt: %w", err)
	}
	return nil
}

// wakePurge sends the purge job again.
func (s *Service) wakePurge(ctx context.Context, ref record.Ref, tomb head) error {
	next := tomb
	next.rev++
	next.attempts++
	next.due = s.now().Add(task.PurgeSession.Wait(next.attempts))
	key := headKey(ref)
	ops := []table.Op{table.Put(key, next.attrs(), table.Equal("rev", tomb.rev))}
	err := lost(s.Table.Transact(ctx, append(ops, task.Move(ref, tomb.due, next.due)...)), key)
	if errors.Is(err, record.ErrStale) {
		return nil
	}
	if err == nil {
		s.Jobs.Send(ctx, task.PurgeSession, task.Of(ref))
	}
	return err
}
