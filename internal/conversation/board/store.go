package board

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"griot/internal/blob"
	"griot/internal/id"
)

const root = "lists/"

func baseKey(workspace string) string { return root + workspace + "/base" }
func lateKey(workspace string) string { return root + workspace + "/late" }

// Store reads and writes the boards of all workspaces.
type Store struct {
	Blobs blob.Store

	mu    sync.Mutex
	bases map[string]*base // by workspace
}

// cachedEntries bounds what a Store keeps: 56 bytes each, and 4 for each order.
const cachedEntries = 2 << 20

func (s *Store) cached(workspace string) *base {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bases[workspace]
}

// keep keeps a base, and others as long as there is room.
func (s *Store) keep(workspace string, b *base) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bases == nil {
		s.bases = map[string]*base{}
	}
	s.bases[workspace] = b
	n := 0
	for _, b := range s.bases {
		n += len(b.entries)
	}
	for other, b := range s.bases {
		if other != workspace && n > cachedEntries {
			n -= len(b.entries)
			delete(s.bases, other)
		}
	}
}

// Read returns the board of a workspace, nil if there is none that can be read.
func (s *Store) Read(ctx context.Context, workspace string) (*Board, error) {
	late, err := s.get(ctx, lateKey(workspace))
	if err != nil || late == nil {
		return nil, err
	}
	b := s.cached(workspace)
	if b == nil || b.generation != late.generation {
		if b, err = s.get(ctx, baseKey(workspace)); err != nil || b == nil {
			return nil, err
		}
		s.keep(workspace, b)
	}
	if b.generation != late.generation { // the base was written over, and late will be
		return &Board{Through: time.UnixMilli(b.through).UTC(), base: b}, nil
	}
	return (&Board{Through: time.UnixMilli(late.through).UTC(), base: b}).With(late.entries), nil
}

// There reports whether a workspace has a board.
func (s *Store) There(ctx context.Context, workspace string) (bool, error) {
	_, err := s.Blobs.Stat(ctx, lateKey(workspace))
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for a board: %w", err)
	}
	return true, nil
}

// get reads an object; nil if there is none, or it cannot be read.
func (s *Store) get(ctx context.Context, key string) (*base, error) {
	r, _, err := s.Blobs.Get(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a board: %w", err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading a board: %w", err)
	}
	return decode(data), nil
}

// Age is how old a base becomes, if anything of it changes, before another one is
// written: without what was deleted by then.
const Age = 24 * time.Hour

// One is also written when a share of the entries has changed.
const (
	lateShare = 16
	lateLeast = 64
)

// Write stores a board.
func (s *Store) Write(ctx context.Context, workspace string, b *Board, now time.Time) error {
	old := now.Sub(time.UnixMilli(b.base.made)) > Age && len(b.late) > 0
	if b.base.generation == 0 || old || len(b.late) > len(b.base.entries)/lateShare+lateLeast {
		b = b.whole(now)
		b.base.generation = rand.Int64N(1<<62) + 1
		if err := s.put(ctx, baseKey(workspace), b.base); err != nil {
			return err
		}
		s.keep(workspace, b.base)
	}
	late := &base{generation: b.base.generation, through: b.Through.UnixMilli(), made: now.UnixMilli()}
	for _, e := range b.late {
		late.entries = append(late.entries, e)
	}
	slices.SortFunc(late.entries, byID)
	return s.put(ctx, lateKey(workspace), late)
}

func (s *Store) put(ctx context.Context, key string, b *base) error {
	data := b.encode()
	_, err := s.Blobs.Put(ctx, key, bytes.NewReader(data), int64(len(data)), blob.Put{ContentType: "application/octet-stream"})
	if err != nil {
		return fmt.Errorf("writing a board: %w", err)
	}
	return nil
}

// An object is the magic, generation, through and made, and the number of entries,
// then each: the id, flags, and if it is there its activity since its creation, its
// memories and, if it has events, the last one since the activity and the first one
// before that. Numbers are varints.
const magic = "griotbd1"

const (
	isRemoved = 1 << iota
	hasEvents
)

func (b *base) encode() []byte {
	data := make([]byte, 0, 64+32*len(b.entries))
	data = append(data, magic...)
	for _, n := range []int64{b.generation, b.through, b.made, int64(len(b.entries))} {
		data = binary.AppendVarint(data, n)
	}
	for _, e := range b.entries {
		data = append(data, e.ID[:]...)
		switch {
		case e.Removed:
			data = append(data, isRemoved)
			continue
		case e.Last != none:
			data = append(data, hasEvents)
		default:
			data = append(data, 0)
		}
		data = binary.AppendVarint(data, e.Activity-id.PackedTime(e.ID))
		data = binary.AppendVarint(data, e.Memories)
		if e.Last != none {
			data = binary.AppendVarint(data, e.Last-e.Activity)
			data = binary.AppendVarint(data, e.Last-e.First)
		}
	}
	return data
}

// reader takes numbers off the beginning of data; bad says that there were none.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) number() int64 {
	n, size := binary.Varint(r.data)
	if size <= 0 {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[size:]
	return n
}

func (r *reader) bytes(n int) []byte {
	if len(r.data) < n {
		r.bad, r.data = true, nil
		return make([]byte, n)
	}
	out := r.data[:n]
	r.data = r.data[n:]
	return out
}

// leastEntry is the size of the smallest entry.
const leastEntry = len(ID{}) + 1

// decode returns nil if the data is not what encode has made.
func decode(data []byte) *base {
	r := &reader{data: data}
	if string(r.bytes(len(magic))) != magic {
		return nil
	}
	b := &base{generation: r.number(), through: r.number(), made: r.number()}
	n := r.number()
	if r.bad || n < 0 || n > int64(len(r.data)/leastEntry) {
		return nil
	}
	b.entries = make([]Entry, n)
	for i := range b.entries {
		e := Entry{ID: ID(r.bytes(len(ID{}))), First: none, Last: none}
		flags := r.bytes(1)[0]
		if e.Removed = flags&isRemoved != 0; !e.Removed {
			e.Activity = id.PackedTime(e.ID) + r.number()
			e.Memories = r.number()
		}
		if flags&hasEvents != 0 {
			e.Last = e.Activity + r.number()
			e.First = e.Last - r.number()
		}
		b.entries[i] = e
	}
	if r.bad || len(r.data) > 0 || !slices.IsSortedFunc(b.entries, byID) {
		return nil
	}
	return b
}
