package index

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/table"
	"griot/internal/task"
)

// Index is the search index of all workspaces.
type Index struct {
	Table  table.Store
	Blobs  blob.Store
	Merges queue.Queue   // of queue.Merge
	Cache  *Cache        // shared by all indexes of a process; nil: none
	Pause  time.Duration // between a few rows and the next that leave the tail; 0: none
}

// Workspace is the search index of one workspace.
type Workspace struct {
	id      string
	table   table.Store
	merges  queue.Queue
	cache   *Cache
	tail    tail
	objects objects
}

// Of returns the index of a workspace.
func (x *Index) Of(workspace string) *Workspace {
	return &Workspace{
		id: workspace, table: x.Table, merges: x.Merges, cache: x.Cache,
		tail: tail{x.Table, x.Cache, x.Pause, workspace}, objects: objects{x.Blobs, x.Cache, workspace},
	}
}

// View calls fn with a snapshot of the index. When a segment that fn wants to
// read is gone, because it was merged meanwhile, fn is called again with a
// newer one.
func (w *Workspace) View(ctx context.Context, fn func(*Snapshot) error) error {
	return again(ctx, func() error {
		s, err := w.snapshot(ctx)
		if err != nil {
			return err
		}
		return fn(s)
	})
}

// snapshot reads the tail before the manifest. A merge commits the manifest
// that takes rows in before it deletes them, so a row that is gone from the
// tail is in a segment of the manifest.
func (w *Workspace) snapshot(ctx context.Context) (*Snapshot, error) {
	rows, size, err := w.tail.read(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil {
		return nil, err
	}
	w.tail.keep(rows, size)
	w.cache.keepOnly(w.id, m.objects()...)
	segments, err := readSegments(ctx, w.objects, m.Segments)
	if err != nil {
		return nil, err
	}
	return &Snapshot{Tail: rows, Segments: segments, objects: w.objects, refs: m.Segments}, nil
}

// objects are what the cache may keep of a workspace.
func (m manifest) objects() []string {
	named := []string{tailObject, segmentsObject(m.Segments)}
	for _, r := range m.Segments {
		named = append(named, r.Key)
	}
	return named
}

// jobBytes is how much is written, on average, between two jobs for Merge.
const jobBytes = mergeAt / 2

// Written takes note of committed writes of Put: it sends a job for Merge with
// a probability in proportion to their size. So processes that know nothing
// of each other agree on when to merge. A call that is lost costs reading,
// never a hit.
func (w *Workspace) Written(ctx context.Context, ops ...table.Op) error {
	size := 0
	for _, op := range ops {
		if op.Key.PK == tailPK(w.id) {
			size += table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
		}
	}
	if size <= rand.IntN(jobBytes) {
		return nil
	}
	return w.sendJob(ctx, 0)
}

func (w *Workspace) sendJob(ctx context.Context, delay time.Duration) error {
	err := w.merges.Send(ctx, queue.Outgoing{Body: task.Message{Workspace: w.id}.Encode(), Group: w.id, Delay: delay})
	if err != nil {
		return fmt.Errorf("sending a merge job: %w", err)
	}
	return nil
}
