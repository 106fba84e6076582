package search

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"griot/internal/blob"
	"griot/internal/search/segment"
	"griot/internal/table"
)

// A segment's object is named search/<workspace>/<rev>-<random>, where rev is
// that of the manifest it was made from. It can enter only the very next one,
// so one with a lower rev that the manifest does not name never will.

const segments = "search/"

func objectPrefix(workspace string) string { return segments + workspace + "/" }

// IsSegment reports whether an object is one of the search index.
func IsSegment(key string) bool { return strings.HasPrefix(key, segments) }

// Named returns the segments, with their sizes, that a row of the table rests
// on.
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

func (x *Index) write(ctx context.Context, workspace string, rev int64, data []byte, meta int64) (ref, error) {
	key := fmt.Sprintf("%s%d-%s", objectPrefix(workspace), rev, rand.Text())
	_, err := x.Blobs.Put(ctx, key, bytes.NewReader(data), int64(len(data)), blob.Put{ContentType: "application/octet-stream"})
	if err != nil {
		return ref{}, fmt.Errorf("writing a search segment: %w", err)
	}
	return ref{key, int64(len(data)), meta}, nil
}

// sweep deletes the objects that no manifest names or ever will: segments
// that others replaced, and what merges left that crashed or came too late.
func (x *Index) sweep(ctx context.Context, workspace string, m manifest) error {
	named := map[string]bool{}
	for _, r := range m.Segments {
		named[r.Key] = true
	}
	prefix := objectPrefix(workspace)
	for after, more := "", true; more; {
		var objects []blob.Info
		var err error
		if objects, more, err = x.Blobs.List(ctx, prefix, after); err != nil {
			return fmt.Errorf("listing search segments: %w", err)
		}
		for _, o := range objects {
			after = o.Key
			if named[o.Key] || !outdated(strings.TrimPrefix(o.Key, prefix), m.rev) {
				continue
			}
			if err := x.Blobs.Delete(ctx, o.Key); err != nil {
				return fmt.Errorf("deleting a search segment: %w", err)
			}
		}
	}
	return nil
}

func outdated(name string, rev int64) bool {
	made, _, _ := strings.Cut(name, "-")
	n, err := strconv.ParseInt(made, 10, 64)
	return err == nil && n < rev
}

// read returns a part of an object, not from the cache.
func (x *Index) read(ctx context.Context, key string, where segment.Range) ([]byte, error) {
	r, _, err := x.Blobs.GetRange(ctx, key, where.Offset, where.Length)
	if err != nil {
		return nil, fmt.Errorf("reading a search segment: %w", err)
	}
	defer r.Close()
	data := make([]byte, where.Length)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("reading a search segment: %w", err)
	}
	return data, nil
}

// need is a part of an object to load, as parse makes it of the bytes. Size
// is about what that takes in memory. What parse makes depends on nothing else
// but the variant.
type need struct {
	workspace string
	key       string
	where     segment.Range
	variant   string
	parse     func(data []byte) (value any, size int64, err error)
	value     any
}

func (n need) name() piece {
	return piece{n.workspace, n.key, strconv.FormatInt(n.where.Offset, 10) + "@" + n.variant}
}

// readers is how many parts are read at once.
const readers = 16

// load fills the values of all needs, from the cache or all at once.
func (x *Index) load(ctx context.Context, needs []*need) error {
	var missing []*need
	for _, n := range needs {
		if value, found := x.Cache.get(n.name()); found {
			n.value = value
		} else {
			missing = append(missing, n)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for _, n := range missing {
		group.Go(func() error { return x.fetch(ctx, n) })
	}
	return group.Wait()
}

func (x *Index) fetch(ctx context.Context, n *need) error {
	if n.where.Length == 0 {
		return nil
	}
	data, err := x.read(ctx, n.key, n.where)
	if err != nil {
		return err
	}
	value, size, err := n.parse(data)
	if err != nil {
		return err
	}
	n.value = value
	x.Cache.put(n.name(), value, size)
	return nil
}

// metas returns what readers keep of segments.
func (x *Index) metas(ctx context.Context, workspace string, refs []ref) ([]*segment.Meta, error) {
	needs := make([]*need, len(refs))
	for i, r := range refs {
		needs[i] = &need{
			workspace: workspace, key: r.Key, where: segment.Range{Offset: r.Meta, Length: r.Size - r.Meta},
			parse: func(data []byte) (any, int64, error) {
				m, err := segment.ParseMeta(data, r.Size)
				if err != nil {
					return nil, 0, fmt.Errorf("reading a search segment: %w", err)
				}
				return m, m.Size(), nil
			},
		}
	}
	if err := x.load(ctx, needs); err != nil {
		return nil, err
	}
	metas := make([]*segment.Meta, len(needs))
	for i, n := range needs {
		metas[i] = n.value.(*segment.Meta)
	}
	return metas, nil
}
