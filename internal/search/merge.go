package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"griot/internal/blob"
	"griot/internal/search/segment"
	"griot/internal/table"
)

// Sizes in bytes.
const (
	// mergeAt is the tail that is worth a segment: until then a query reads it
	// all, 64 read units.
	mergeAt = 256 << 10
	// mergeMost is about how much of a tail becomes one segment.
	mergeMost = 4 << 20
	// maxSegment bounds what is merged into one segment, and with it the memory
	// of Merge and Purge: they hold the inputs and the result.
	maxSegment = 64 << 20
	// mergeRatio is how many times larger than what follows it a segment may
	// be and still be merged with it. It keeps segments below maxSegment to
	// about five, and writes a byte about four times for each of those.
	mergeRatio = 3
)

// Merge moves the tail into a segment if it has grown enough, and keeps
// segments few. It may be called at any time, by several at once, and again
// after any failure: the new segment is an object of its own, it counts from
// the one write of the manifest on, and rows that are still there then only
// say the same again.
func (x *Index) Merge(ctx context.Context, workspace string) error {
	for more := true; more; {
		err := again(ctx, func() (err error) {
			more, err = x.mergeTail(ctx, workspace)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// again calls fn until it has not been overtaken: a manifest that changed, or
// an object that is gone because of that.
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

// mergeTail makes a segment of the tail, or of a part when there is more. The
// manifest is read first: whoever takes a row away after that changes it, so
// a row is always newer than the segments.
func (x *Index) mergeTail(ctx context.Context, workspace string) (more bool, err error) {
	m, err := x.readManifest(ctx, workspace)
	if err != nil {
		return false, err
	}
	rows, read, err := x.readTail(ctx, workspace, "", mergeMost)
	if err != nil {
		return false, err
	}
	if read < mergeAt { // what others left that died
		return false, x.sweep(ctx, workspace, m)
	}
	// What a purge waits for is its own to remove.
	rows = slices.DeleteFunc(rows, func(r row) bool { return !m.keeps(r.conversation, r.memory) })
	if len(rows) == 0 {
		return false, nil
	}
	from := m.mergeable(int64(read))
	inputs, err := x.inputs(ctx, m.Segments[from:], rows)
	if err != nil {
		return false, err
	}
	next, err := x.replace(ctx, workspace, m, from, len(m.Segments), inputs)
	if err != nil {
		return false, err
	}
	if err := x.deleteRows(ctx, rows); err != nil {
		return false, err
	}
	return read >= mergeMost, x.sweep(ctx, workspace, next)
}

// mergeable returns the first of the last segments that should become one
// with size new bytes.
func (m manifest) mergeable(size int64) int {
	from := len(m.Segments)
	for from > 0 {
		older := m.Segments[from-1].Size
		if older > mergeRatio*size || older+size > maxSegment {
			break
		}
		size += older
		from--
	}
	return from
}

// inputs are whole segments and, as the newest, rows.
func (x *Index) inputs(ctx context.Context, refs []ref, rows []row) ([]segment.Input, error) {
	inputs := make([]segment.Input, 0, len(refs)+1)
	for _, r := range refs {
		data, err := x.read(ctx, r.Key, segment.Range{Length: r.Size})
		if err != nil {
			return nil, err
		}
		in, err := segment.Open(data, r.Meta)
		if err != nil {
			return nil, fmt.Errorf("opening a search segment: %w", err)
		}
		inputs = append(inputs, in)
	}
	if len(rows) == 0 {
		return inputs, nil
	}
	sources := make([]segment.Source, len(rows))
	for i, r := range rows {
		sources[i] = segment.Source{Conversation: r.conversation, Memory: r.memory, Unit: r.unit}
	}
	in, err := segment.Open(segment.Build(sources))
	if err != nil {
		return nil, fmt.Errorf("building a search segment: %w", err)
	}
	return append(inputs, in), nil
}

// replace puts one segment, or none if nothing is left, in the place of those
// from a number up to another, and returns the manifest as it is then.
func (x *Index) replace(ctx context.Context, workspace string, m manifest, from, to int, inputs []segment.Input) (manifest, error) {
	data, meta, err := segment.Merge(inputs, m.keeps, from > 0)
	if err != nil {
		return manifest{}, fmt.Errorf("merging search segments: %w", err)
	}
	next := m
	next.Segments = slices.Clone(m.Segments[:from])
	var made ref
	if data != nil {
		if made, err = x.write(ctx, workspace, m.rev, data, meta); err != nil {
			return manifest{}, err
		}
		next.Segments = append(next.Segments, made)
	}
	next.Segments = append(next.Segments, m.Segments[to:]...)
	next, err = x.commit(ctx, workspace, m, next)
	if errors.Is(err, errRaced) && data != nil {
		// It can count for nothing any more, and may hold what is being purged.
		return manifest{}, errors.Join(err, x.Blobs.Delete(ctx, made.Key))
	}
	return next, err
}

// deletesAtOnce is how many rows of the tail are removed between two pauses.
const deletesAtOnce = 8

// TablePause is Index.Pause where the tail is a partition of DynamoDB: with the 5
// ms that a write takes, about 320 rows leave the tail a second. That is a third of
// the 1,000 write units that a partition takes, and what at most can come in
// beside it, at two units a row.
const TablePause = 20 * time.Millisecond

// deleteRows removes rows that nobody has replaced since they were read, a few
// at a time, so that those who write to the tail meanwhile are not kept from it.
// Each is a write of its own, which costs half of what it would in a transaction.
func (x *Index) deleteRows(ctx context.Context, rows []row) error {
	first := true
	for chunk := range slices.Chunk(rows, deletesAtOnce) {
		if !first && x.Pause > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(x.Pause):
			}
		}
		first = false
		group, deleting := errgroup.WithContext(ctx)
		for _, r := range chunk {
			group.Go(func() error { return x.deleteRow(deleting, r) })
		}
		if err := group.Wait(); err != nil {
			return fmt.Errorf("removing merged rows of the search tail: %w", err)
		}
	}
	return nil
}

func (x *Index) deleteRow(ctx context.Context, r row) error {
	err := table.Retry(ctx, tries, func() error {
		_, err := x.Table.Write(ctx, table.Repeatable(table.Delete(r.key, table.Equal(stampAttr, r.stamp))))
		return err
	})
	if errors.Is(err, table.ErrCondition) {
		return nil // replaced or removed since
	}
	return err
}
