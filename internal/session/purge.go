package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
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

// Purge carries a deletion out. It may be repeated, also while it runs: each
// thing is removed under the condition that it is still there, and counted in
// the same transaction; an object is written down before it is removed.
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
	pg := purge{s, ref, &deletion.Purge{Table: s.Table, Receipt: receipt}}
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
	} else if own {
		if err := p.note(ctx, src.object); err != nil {
			return err
		}
	}
	for after := ""; ; {
		objects, more, err := p.s.Blobs.List(ctx, objectPrefix(p.ref), after)
		if err != nil {
			return fmt.Errorf("listing a session's objects: %w", err)
		}
		for _, o := range objects {
			if err := p.note(ctx, o.Key); err != nil {
				return err
			}
			after = o.Key
		}
		if !more {
			return p.noted(ctx)
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

// note writes an object down before it is removed, so that a crash in between
// neither forgets it nor counts it twice.
func (p purge) note(ctx context.Context, object string) error {
	sum := sha256.Sum256([]byte(object))
	key := table.Key{Table: table.Sessions, PK: p.ref.Partition(),
		SK: notePrefix + base64.RawURLEncoding.EncodeToString(sum[:])}
	if _, err := p.s.Table.Write(ctx, table.Put(key, table.Attrs{"object": object})); err != nil {
		return fmt.Errorf("noting an object to remove: %w", err)
	}
	return nil
}

// noted removes the objects that are written down and counts each once.
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

// partition removes a partition's rows in full transactions.
func (p purge) partition(ctx context.Context, pk string) error {
	err := p.Each(ctx, table.Sessions, pk, "", func(item table.Item) error {
		ops, err := p.deletes(ctx, item)
		if err != nil {
			return err
		}
		return p.Add(ctx, item.Size()+2<<10, ops...) // with room for what it points to
	})
	if err != nil {
		return err
	}
	return p.Flush(ctx)
}

// deletes returns the deletions that a row calls for: itself, and what it
// points to as far as that is there.
func (p purge) deletes(ctx context.Context, item table.Item) ([]table.Op, error) {
	if item.SK == "head" || strings.HasPrefix(item.SK, notePrefix) {
		return nil, nil
	}
	ops := []table.Op{table.Delete(item.Key, table.Exists())}
	target, ok := idempotency.Records(p.ref.Workspace, item.Key)
	if item.SK == "source" {
		target, ok = uploadKey(record.In(p.ref.Workspace, item.Str("upload"))), item.Str("upload") != ""
	}
	if !ok {
		return ops, nil
	}
	if _, err := p.s.Table.Get(ctx, target, table.Consistent); errors.Is(err, table.ErrNotFound) {
		return ops, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading what a row points to: %w", err)
	}
	return append(ops, table.Delete(target, table.Exists())), nil
}

// finish closes the receipt and leaves a tombstone that expires.
func (p purge) finish(ctx context.Context, tomb head) error {
	key := headKey(p.ref)
	now := p.s.now()
	last := head{status: deleted, source: tomb.source, rev: tomb.rev + 1, duration: -1, deletion: tomb.deletion, updated: now}
	attrs := record.Expire(last.attrs(), now)
	closed, err := deletion.Close(ctx, p.s.Table, p.Receipt, now)
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
