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

func (x *Index) readManifest(ctx context.Context, workspace string) (manifest, error) {
	item, err := x.Table.Get(ctx, manifestKey(workspace), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return manifest{}, nil
	}
	if err != nil {
		return manifest{}, fmt.Errorf("reading the search manifest: %w", err)
	}
	return parseManifest(item.Int(revAttr), item.Bytes(manifestAttr))
}

func parseManifest(rev int64, data []byte) (manifest, error) {
	m := manifest{rev: rev}
	if err := json.Unmarshal(data, &m); err != nil {
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
	m, err := parseManifest(row.Int(revAttr), row.Bytes(manifestAttr))
	if err != nil {
		return nil, err
	}
	var named []blob.Info
	for _, r := range m.Segments {
		named = append(named, blob.Info{Key: r.Key, Size: r.Size})
	}
	return named, nil
}

// commit replaces the manifest old by next, in one transaction with others.
func (x *Index) commit(ctx context.Context, workspace string, old, next manifest, others ...table.Op) (manifest, error) {
	next.rev = old.rev + 1
	data, err := json.Marshal(next)
	if err != nil {
		return manifest{}, fmt.Errorf("encoding the search manifest: %w", err)
	}
	cond := table.Equal(revAttr, old.rev)
	if old.rev == 0 {
		cond = table.Absent()
	}
	put := table.Put(manifestKey(workspace), table.Attrs{revAttr: next.rev, manifestAttr: data}, cond)
	err = table.Retry(ctx, tries, func() error {
		return x.Table.Transact(ctx, append([]table.Op{put}, others...))
	})
	if failed := table.Failed(err); failed != nil && failed.Index == 0 {
		return manifest{}, errRaced
	}
	if err != nil {
		return manifest{}, fmt.Errorf("changing the search manifest: %w", err)
	}
	return next, nil
}
