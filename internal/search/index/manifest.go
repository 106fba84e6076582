package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"griot/internal/blob"
	"griot/internal/table"
)

// manifest is the row that names the segments of a workspace, from the oldest
// to the newest. Every change raises its revision and is conditional on it.
type manifest struct {
	key      table.Key
	rev      int64
	Segments []ref    `json:"segments"`
	Purging  []target `json:"purging,omitempty"`
}

// ref names a segment's object.
type ref struct {
	Key  string `json:"key"`
	Size int64  `json:"size"`
	Meta int64  `json:"meta"` // where its segment.Meta begins
}

// errRaced is a manifest that is not what it was any more.
var errRaced = errors.New("search: the manifest has changed")

// tries is how often something is begun anew because others were faster.
const tries = 8

// again calls fn until no other merge or purge got in its way: by changing the
// manifest, or by deleting an object that the new manifest does not name.
func again(ctx context.Context, fn func() error) error {
	for try := 0; ; try++ {
		err := fn()
		if try == tries || !errors.Is(err, errRaced) && !errors.Is(err, blob.ErrNotFound) {
			return err
		}
		if err := table.Pause(ctx, try); err != nil {
			return err
		}
	}
}

// untilDone repeats a step, each again and again, until no more is to be done.
func untilDone(ctx context.Context, step func() (more bool, err error)) error {
	for more := true; more; {
		err := again(ctx, func() (err error) {
			more, err = step()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keeps reports whether merges keep a unit: whether no purge is under way that
// removes it.
func (m manifest) keeps(conversation, memory string) bool {
	return !slices.ContainsFunc(m.Purging, func(t target) bool { return t.covers(conversation, memory) })
}

const (
	manifestAttr = "manifest"
	revAttr      = "rev"
)

func manifestKey(workspace string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#search", SK: "manifest"}
}

func readManifest(ctx context.Context, store table.Store, workspace string) (manifest, error) {
	item, err := store.Get(ctx, manifestKey(workspace), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return manifest{key: manifestKey(workspace)}, nil
	}
	if err != nil {
		return manifest{}, fmt.Errorf("reading the search manifest: %w", err)
	}
	return parseManifest(item)
}

func parseManifest(row table.Item) (manifest, error) {
	m := manifest{key: row.Key, rev: row.Int(revAttr)}
	if err := json.Unmarshal(row.Bytes(manifestAttr), &m); err != nil {
		return manifest{}, fmt.Errorf("decoding the search manifest: %w", err)
	}
	for _, r := range m.Segments {
		if r.Key == "" || r.Meta < 0 || r.Meta > r.Size {
			return manifest{}, fmt.Errorf("the search manifest has a segment %q of %d bytes, its end at %d", r.Key, r.Size, r.Meta)
		}
	}
	return m, nil
}

// Named returns the segments' objects that a row of the table rests on, with
// their sizes; none unless the row is a manifest.
func Named(row table.Item) ([]blob.Info, error) {
	if key := manifestKey(""); row.Table != key.Table || row.SK != key.SK || !strings.HasSuffix(row.PK, key.PK) {
		return nil, nil
	}
	m, err := parseManifest(row)
	if err != nil {
		return nil, err
	}
	var named []blob.Info
	for _, r := range m.Segments {
		named = append(named, blob.Info{Key: r.Key, Size: r.Size})
	}
	return named, nil
}

// commit puts next in the place of the manifest, in one transaction with
// other writes. It fails with errRaced when the manifest has changed.
func (m manifest) commit(ctx context.Context, store table.Store, next manifest, others ...table.Op) (manifest, error) {
	next.rev = m.rev + 1
	data, err := json.Marshal(next)
	if err != nil {
		return manifest{}, fmt.Errorf("encoding the search manifest: %w", err)
	}
	cond := table.Equal(revAttr, m.rev)
	if m.rev == 0 {
		cond = table.Absent()
	}
	put := table.Put(m.key, table.Attrs{revAttr: next.rev, manifestAttr: data}, cond)
	err = table.Retry(ctx, tries, func() error {
		return store.Transact(ctx, append([]table.Op{put}, others...))
	})
	if failed := table.Failed(err); failed != nil && failed.Index == 0 {
		return manifest{}, errRaced
	}
	if err != nil {
		return manifest{}, fmt.Errorf("changing the search manifest: %w", err)
	}
	return next, nil
}
