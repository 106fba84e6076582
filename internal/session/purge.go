package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"griot/internal/blob"
	"griot/internal/due"
	"griot/internal/idempotency"
	"griot/internal/queue"
	"griot/internal/table"
)

// Bounds of one transaction of a purge: DynamoDB's, less room for the receipt.
const (
	purgeItems = 98
	purgeBytes = 3 << 20
)

// Purge carries a deletion out. It may be repeated, also while it runs: each
// thing is removed under the condition that it is still there, and counted in
// the same transaction; an object is written down before it is removed.
func (s *Service) Purge(ctx context.Context, workspace, sessionID string) error {
	item, err := s.Table.Get(ctx, headKey(workspace, sessionID), table.Consistent)
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
	pg := purge{s, workspace, sessionID, deletionKey(workspace, tomb.deletion)}
	src, err := pg.source(ctx)
	if err != nil {
		return err
	}
	if err := pg.objects(ctx, src); err != nil {
		return err
	}
	if err := pg.rows(ctx, src); err != nil {
		return err
	}
	return pg.finish(ctx, tomb)
}

type purge struct {
	s             *Service
	workspace, id string
	receipt       table.Key
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
		objects, more, err := p.s.Blobs.List(ctx, objectPrefix(p.workspace, p.id), after)
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
	item, err := p.s.Table.Get(ctx, sourceKey(p.workspace, p.id), table.Consistent)
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
	key := table.Key{Table: table.Sessions, PK: partition(p.workspace, p.id),
		SK: notePrefix + base64.RawURLEncoding.EncodeToString(sum[:])}
	if _, err := p.s.Table.Write(ctx, table.Put(key, table.Attrs{"object": object})); err != nil {
		return fmt.Errorf("noting an object to remove: %w", err)
	}
	return nil
}

// noted removes the objects that are written down and counts each once.
func (p purge) noted(ctx context.Context) error {
	return p.each(ctx, partition(p.workspace, p.id), notePrefix, func(note table.Item) error {
		if err := p.s.Blobs.Delete(ctx, note.Str("object")); err != nil {
			return fmt.Errorf("removing an object: %w", err)
		}
		return p.remove(ctx, "objects", []table.Op{table.Delete(note.Key, table.Exists())})
	})
}

// each calls fn for every row of a partition with a prefix.
func (p purge) each(ctx context.Context, pk, prefix string, fn func(table.Item) error) error {
	q := table.Query{Table: table.Sessions, PK: pk, Prefix: prefix, Consistency: table.Consistent}
	for {
		page, err := p.s.Table.Query(ctx, q)
		if err != nil {
			return fmt.Errorf("reading the rows of a deleted session: %w", err)
		}
		for _, item := range page.Items {
			if err := fn(item); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// remove deletes rows and adds their number to the receipt in one
// transaction. A twin that was faster is no error: it counted them.
func (p purge) remove(ctx context.Context, counter string, deletes []table.Op) error {
	if len(deletes) == 0 {
		return nil
	}
	ops := append(deletes, table.Increment(p.receipt, counter, int64(len(deletes)), table.Exists()))
	err := table.Retry(ctx, conflictTries, func() error { return p.s.Table.Transact(ctx, ops) })
	if errors.Is(err, table.ErrCondition) {
		return errTwin
	}
	if err != nil {
		return fmt.Errorf("removing rows of a deleted session: %w", err)
	}
	return nil
}

// errTwin is a purge that met another one; the message comes back and sees
// what is left.
var errTwin = errors.New("session: another worker purges the session")

// rows removes the upload's and the session's rows: the segments and blocks,
// the answers kept for repeated requests, the upload and, last because it
// names the upload, the source.
func (p purge) rows(ctx context.Context, src source) error {
	if src.upload != "" {
		if err := p.partition(ctx, partition(p.workspace, src.upload)); err != nil {
			return err
		}
	}
	return p.partition(ctx, partition(p.workspace, p.id))
}

// partition removes a partition's rows in full transactions.
func (p purge) partition(ctx context.Context, pk string) error {
	var b batch
	err := p.each(ctx, pk, "", func(item table.Item) error {
		ops, err := p.deletes(ctx, item)
		if err != nil {
			return err
		}
		weight := len(item.Bytes("lines")) + 2<<10
		if b.full(len(ops), weight) {
			if err := p.remove(ctx, "table_items", b.take()); err != nil {
				return err
			}
		}
		b.ops, b.bytes = append(b.ops, ops...), b.bytes+weight
		return nil
	})
	if err != nil {
		return err
	}
	return p.remove(ctx, "table_items", b.take())
}

// batch gathers deletions for one transaction.
type batch struct {
	ops   []table.Op
	bytes int
}

func (b *batch) full(more, weight int) bool {
	return len(b.ops)+more > purgeItems || b.bytes+weight > purgeBytes
}

func (b *batch) take() []table.Op {
	ops := b.ops
	*b = batch{}
	return ops
}

// deletes returns the deletions that a row calls for: itself, and what it
// points to as far as that is there.
func (p purge) deletes(ctx context.Context, item table.Item) ([]table.Op, error) {
	if item.SK == "head" || strings.HasPrefix(item.SK, notePrefix) {
		return nil, nil
	}
	ops := []table.Op{table.Delete(item.Key, table.Exists())}
	target, ok := idempotency.Records(p.workspace, item.Key)
	if item.SK == "source" {
		target, ok = uploadKey(p.workspace, item.Str("upload")), item.Str("upload") != ""
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
	key := headKey(p.workspace, p.id)
	now := p.s.now()
	last := head{status: deleted, source: tomb.source, rev: tomb.rev + 1, duration: -1, deletion: tomb.deletion, updated: now}
	attrs := last.attrs()
	attrs[table.ExpiresAttr] = now.Add(tombstoneTTL).Unix()
	ops := []table.Op{
		table.Put(key, attrs, table.Equal("rev", tomb.rev)),
		table.Update(p.receipt, table.Attrs{"status": "done", "finished": now.UnixMilli()}, table.Exists()),
	}
	err := p.s.Table.Transact(ctx, append(ops, due.Move(p.workspace, p.id, tomb.due, last.due)...))
	if errors.Is(err, table.ErrCondition) {
		return errTwin
	}
	if err != nil {
		return fmt.Errorf("closing the receipt: %w", err)
	}
	return nil
}

// wakePurge sends the purge job again.
func (s *Service) wakePurge(ctx context.Context, workspace, id string, tomb head) error {
	next := tomb
	next.rev++
	next.attempts++
	next.due = s.now().Add(min(objectWait<<min(tomb.attempts, 6), maxJobWait))
	key := headKey(workspace, id)
	ops := []table.Op{table.Put(key, next.attrs(), table.Equal("rev", tomb.rev))}
	err := lost(s.Table.Transact(ctx, append(ops, due.Move(workspace, id, tomb.due, next.due)...)), key)
	if errors.Is(err, errLost) {
		return nil
	}
	if err == nil {
		s.send(ctx, queue.Purge, Job{Workspace: workspace, Session: id})
	}
	return err
}
