package index

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
)

// A segment's object is named search/<workspace>/<rev>-<random>, where rev is
// that of the manifest from which it was made. Only the very next manifest can
// take it in; so an object of a lower revision that the manifest does not name
// is garbage, and stays so.

const root = "search/"

func objectPrefix(workspace string) string { return root + workspace + "/" }

// IsSegment reports whether an object is one of the search index.
func IsSegment(key string) bool { return strings.HasPrefix(key, root) }

// objects reads and writes the segments of a workspace.
type objects struct {
	blobs     blob.Store
	cache     *Cache
	workspace string
}

func (o objects) write(ctx context.Context, rev int64, data []byte, meta int64) (ref, error) {
	key := fmt.Sprintf("%s%d-%s", objectPrefix(o.workspace), rev, rand.Text())
	_, err := o.blobs.Put(ctx, key, bytes.NewReader(data), int64(len(data)), blob.Put{ContentType: "application/octet-stream"})
	if err != nil {
		return ref{}, fmt.Errorf("writing a search segment: %w", err)
	}
	return ref{key, int64(len(data)), meta}, nil
}

// sweep deletes the objects that no manifest names or ever will: segments
// that others replaced, and what merges left that crashed or came too late.
func (o objects) sweep(ctx context.Context, m manifest) error {
	named := map[string]bool{}
	for _, r := range m.Segments {
		named[r.Key] = true
	}
	prefix := objectPrefix(o.workspace)
	for after, more := "", true; more; {
		var listed []blob.Info
		var err error
		if listed, more, err = o.blobs.List(ctx, prefix, after); err != nil {
			return fmt.Errorf("listing search segments: %w", err)
		}
		for _, object := range listed {
			after = object.Key
			made, _, _ := strings.Cut(strings.TrimPrefix(object.Key, prefix), "-")
			if rev, err := strconv.ParseInt(made, 10, 64); named[object.Key] || err != nil || rev >= m.rev {
				continue
			}
			if err := o.blobs.Delete(ctx, object.Key); err != nil {
				return fmt.Errorf("deleting a search segment: %w", err)
			}
		}
	}
	return nil
}

// read returns a part of an object, bypassing the cache.
func (o objects) read(ctx context.Context, key string, where segment.Range) ([]byte, error) {
	r, _, err := o.blobs.GetRange(ctx, key, where.Offset, where.Length)
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

// Part is a part of a segment to load. Parse makes its Value of the bytes, and
// says about how much memory that takes; the Value depends on nothing else but
// the Variant.
type Part struct {
	Segment int // by its place in the manifest
	Where   segment.Range
	Variant string
	Parse   func(data []byte) (value any, size int64, err error)
	Value   any
}

// partsAtOnce is how many parts are read at once.
const partsAtOnce = 16

// load fills in the values of parts of these segments, from the cache or all
// at once from the objects.
func (o objects) load(ctx context.Context, refs []ref, parts []*Part) error {
	key := func(p *Part) cacheKey {
		return cacheKey{o.workspace, refs[p.Segment].Key, strconv.FormatInt(p.Where.Offset, 10) + "@" + p.Variant}
	}
	var missing []*Part
	for _, p := range parts {
		value, found := o.cache.get(key(p))
		if p.Value = value; !found && p.Where.Length > 0 {
			missing = append(missing, p)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for _, p := range missing {
		group.Go(func() error {
			data, err := o.read(ctx, refs[p.Segment].Key, p.Where)
			if err != nil {
				return err
			}
			value, size, err := p.Parse(data)
			if err != nil {
				return err
			}
			p.Value = value
			o.cache.put(key(p), value, size)
			return nil
		})
	}
	return group.Wait()
}

// metas returns what readers keep of segments.
func (o objects) metas(ctx context.Context, refs []ref) ([]*segment.Meta, error) {
	parts := make([]*Part, len(refs))
	for i, r := range refs {
		parts[i] = &Part{
			Segment: i, Where: segment.Range{Offset: r.Meta, Length: r.Size - r.Meta},
			Parse: func(data []byte) (any, int64, error) {
				m, err := segment.ParseMeta(data, r.Size)
				if err != nil {
					return nil, 0, fmt.Errorf("reading a search segment: %w", err)
				}
				return m, m.Size(), nil
			},
		}
	}
	if err := o.load(ctx, refs, parts); err != nil {
		return nil, err
	}
	metas := make([]*segment.Meta, len(parts))
	for i, p := range parts {
		metas[i] = p.Value.(*segment.Meta)
	}
	return metas, nil
}
