package index

import (
	"context"
	"slices"
	"testing"

	"griot/internal/search/segment"
	"griot/internal/table"
)

// What tests of whole histories, which search, need of the inside.

type (
	Manifest = manifest
	Ref      = ref
	Target   = target
)

var (
	ErrRaced     = errRaced
	ObjectPrefix = objectPrefix
)

const (
	MaxNotes   = maxNotes
	MaxPurging = maxPurging
	JobBytes   = jobBytes
	MergeMost  = mergeMost
	RowAttr    = rowAttr
)

func Keeps(m Manifest) segment.Keep             { return m.keeps }
func Rev(m Manifest) int64                      { return m.rev }
func MergeFrom(m Manifest, size int64) int      { return m.mergeFrom(size) }
func Covers(t Target, conv, memory string) bool { return t.covers(conv, memory) }

func (x *Index) ReadManifest(ctx context.Context, workspace string) (Manifest, error) {
	return readManifest(ctx, x.Table, workspace)
}

func (x *Index) ReadTail(ctx context.Context, workspace, prefix string, limit int) ([]Row, int, error) {
	return x.Of(workspace).tail.read(ctx, prefix, limit)
}

func (x *Index) Inputs(ctx context.Context, refs []Ref, rows []Row) ([]segment.Input, error) {
	return x.Of("").inputs(ctx, refs, rows)
}

func (x *Index) Replace(ctx context.Context, workspace string, m Manifest, from, to int, inputs []segment.Input) (Manifest, error) {
	return x.Of(workspace).replace(ctx, m, from, to, inputs, m.keeps)
}

func (x *Index) WriteSegment(ctx context.Context, workspace string, rev int64, data []byte, meta int64) (Ref, error) {
	return x.Of(workspace).objects.write(ctx, rev, data, meta)
}

func (x *Index) DeleteRows(ctx context.Context, rows []Row) error {
	return x.Of("").tail.remove(ctx, rows)
}

func (x *Index) MarkPurged(ctx context.Context, workspace string, t Target, note func(int) []table.Op, waiting []Waiting) (int, error) {
	return x.Of(workspace).markPurged(ctx, t, note, waiting)
}

// Alive are the objects of which the cache may have parts.
func Alive(m Manifest) []string { return m.objects() }

// Objects lists those of which a cache has parts of a workspace.
func (c *Cache) Objects(workspace string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for object := range c.owned[workspace] {
		out = append(out, object)
	}
	slices.Sort(out)
	return out
}

// TailRows returns how many rows of a tail a cache has, -1 if it has none of it.
func (c *Cache) TailRows(workspace string) int {
	rows, found := c.get(cacheKey{workspace, tailObject, ""})
	if !found {
		return -1
	}
	return len(rows.([]Row))
}

// Check asserts that the cache's own books agree, and returns what it counts.
func (c *Cache) Check(t *testing.T) int64 {
	t.Helper()
	var size int64
	listed := 0
	for _, objects := range c.owned {
		for _, parts := range objects {
			for key, e := range parts {
				if c.entries[key] != e || e.Value.(*cacheEntry).cacheKey != key {
					t.Errorf("%v is not what is listed", key)
				}
				size += e.Value.(*cacheEntry).size
				listed++
			}
		}
	}
	if size != c.size || listed != len(c.entries) || listed != c.recent.Len() {
		t.Errorf("%d bytes of %d, %d entries of %d and %d", size, c.size, listed, len(c.entries), c.recent.Len())
	}
	return size
}
