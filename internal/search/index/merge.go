package index

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"griot/internal/search/segment"
)

// Sizes in bytes.
const (
	// mergeAt is the tail that is worth a segment: until then every query reads
	// it all. A quarter of it makes merges cost a quarter more (decision 0029).
	mergeAt = 64 << 10
	// mergeMost is about how much of a tail becomes one segment.
	mergeMost = 4 << 20
	// maxSegment bounds what is merged into one segment, and with it the memory
	// of Merge and Purge: they hold the inputs and the result.
	maxSegment = 64 << 20
	// mergeRatio is how many times larger than all that follows it a segment
	// may be and still be merged with that. It keeps segments below maxSegment
	// to about five, and writes a byte about four times for each of those.
	mergeRatio = 3
)

// Merge moves the tail into a segment if it has grown enough, and keeps
// segments few. It may be called at any time, by several at once, and again
// after any failure: the new segment is an object of its own, it counts from
// the write of the manifest on, and rows that are still there then only say
// the same again.
func (w *Workspace) Merge(ctx context.Context) error {
	return untilDone(ctx, func() (more bool, err error) { return w.mergeTail(ctx) })
}

// mergeTail makes a segment of the tail, or of a part when there is more. The
// manifest is read before the tail: whoever takes a row away after that
// changes it, so every row is newer than the segments.
func (w *Workspace) mergeTail(ctx context.Context) (more bool, err error) {
	m, err := readManifest(ctx, w.table, w.id)
	if err != nil {
		return false, err
	}
	rows, read, err := w.tail.read(ctx, "", mergeMost)
	if err != nil {
		return false, err
	}
	if read < mergeAt { // sweep, all the same, what merges left that died
		return false, w.objects.sweep(ctx, m)
	}
	// Rows that a purge removes are left to it: it counts them.
	rows = slices.DeleteFunc(rows, func(r Row) bool { return !m.keeps(r.Conversation, r.Memory) })
	if len(rows) == 0 {
		return false, nil
	}
	from := m.mergeFrom(int64(read))
	inputs, err := w.inputs(ctx, m.Segments[from:], rows)
	if err != nil {
		return false, err
	}
	next, err := w.replace(ctx, m, from, len(m.Segments), inputs, m.keeps)
	if err != nil {
		return false, err
	}
	if err := w.tail.remove(ctx, rows); err != nil {
		return false, err
	}
	return read >= mergeMost, w.objects.sweep(ctx, next)
}

// mergeFrom returns the first of the last segments that should become one
// together with size new bytes.
func (m manifest) mergeFrom(size int64) int {
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

// inputs are whole segments and, as the newest, one of rows.
func (w *Workspace) inputs(ctx context.Context, refs []ref, rows []Row) ([]segment.Input, error) {
	inputs := make([]segment.Input, 0, len(refs)+1)
	for _, r := range refs {
		data, err := w.objects.read(ctx, r.Key, segment.Range{Length: r.Size})
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
		sources[i] = segment.Source{Conversation: r.Conversation, Memory: r.Memory, Unit: r.Unit}
	}
	in, err := segment.Open(segment.Build(sources))
	if err != nil {
		return nil, fmt.Errorf("building a search segment: %w", err)
	}
	return append(inputs, in), nil
}

// replace puts what keep leaves of the inputs, as one segment or as none, in
// the place of the segments from a number up to another, and returns the next
// manifest. Tombstones stay as long as there are older segments.
func (w *Workspace) replace(ctx context.Context, m manifest, from, to int, inputs []segment.Input, keep segment.Keep) (manifest, error) {
	data, meta, err := segment.Merge(inputs, keep, from > 0)
	if err != nil {
		return manifest{}, fmt.Errorf("merging search segments: %w", err)
	}
	next := m
	next.Segments = slices.Clone(m.Segments[:from])
	var made ref
	if data != nil {
		if made, err = w.objects.write(ctx, m.rev, data, meta); err != nil {
			return manifest{}, err
		}
		next.Segments = append(next.Segments, made)
	}
	next.Segments = append(next.Segments, m.Segments[to:]...)
	next, err = m.commit(ctx, w.table, next)
	if errors.Is(err, errRaced) && data != nil {
		// No manifest can take it in any more, and it may hold what is being purged.
		return manifest{}, errors.Join(err, w.objects.blobs.Delete(ctx, made.Key))
	}
	return next, err
}
