// Package board keeps a copy of what a workspace's conversations count, so that
// lists of them in any order, and counts of those with so many memories, cost
// nothing of the table but what has changed since (decision 0032).
//
// A board is two objects that are written over: base, with every conversation,
// and late, with those that have changed since base was written. Each is right by
// itself as of a time, its through: what was committed by then is in it. So
// whoever writes over another's object with an older one makes readers read more
// of the table, and nothing else.
package board

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"griot/internal/conversation/tally"
	"griot/internal/id"
)

// ID is a conversation's, packed.
type ID = [16]byte

// none is the time of no event.
const none = math.MinInt64

// Entry is a conversation as its tally was. Times are in milliseconds.
type Entry struct {
	ID          ID
	Removed     bool // it is not there any more
	Activity    int64
	Memories    int64
	First, Last int64
}

// NewEntry returns the entry of a conversation with a tally.
func NewEntry(conversation string, t tally.Tally) Entry {
	e := Entry{Activity: t.Activity.UnixMilli(), Memories: t.Memories, First: none, Last: none}
	e.ID, _ = id.Pack(conversation)
	if t.Events != (tally.Events{}) {
		e.First, e.Last = t.Events.First.UnixMilli(), t.Events.Last.UnixMilli()
	}
	return e
}

// Gone is the entry of a conversation that is not there.
func Gone(conversation string) Entry {
	e := Entry{Removed: true}
	e.ID, _ = id.Pack(conversation)
	return e
}

// Conversation is the entry's id, unpacked.
func (e Entry) Conversation() string { return id.Unpack(id.Conversation, e.ID) }

// Tally is what the entry has of a tally.
func (e Entry) Tally() tally.Tally {
	t := tally.Tally{Activity: time.UnixMilli(e.Activity).UTC(), Memories: e.Memories}
	if e.Last != none {
		t.Events = tally.Events{First: time.UnixMilli(e.First).UTC(), Last: time.UnixMilli(e.Last).UTC()}
	}
	return t
}

// Order is what a list is sorted by; ties by id.
type Order int

// The orders.
const (
	ByCreation Order = iota
	ByActivity
	ByMemories
	ByEvent // the last one; without, the creation
	orders
)

// Place is where an entry stands in an order.
type Place struct {
	By int64
	ID ID
}

// Place returns the entry's.
func (o Order) Place(e Entry) Place {
	p := Place{ID: e.ID}
	switch {
	case o == ByActivity:
		p.By = e.Activity
	case o == ByMemories:
		p.By = e.Memories
	case o == ByEvent && e.Last != none:
		p.By = e.Last
	case o == ByEvent:
		p.By = id.PackedTime(e.ID)
	}
	return p
}

func (p Place) compare(q Place) int {
	return cmp.Or(cmp.Compare(p.By, q.By), bytes.Compare(p.ID[:], q.ID[:]))
}

func byID(a, b Entry) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// base is every conversation of a workspace, by id.
type base struct {
	generation int64 // random
	through    int64
	made       int64
	entries    []Entry
	sorted     [orders]struct {
		sync.Once
		entries []int32
	}
}

// by returns the entries' numbers in an order; it is worked out once.
func (b *base) by(o Order) []int32 {
	s := &b.sorted[o]
	s.Do(func() {
		s.entries = make([]int32, len(b.entries))
		for i := range s.entries {
			s.entries[i] = int32(i)
		}
		if o != ByCreation {
			slices.SortFunc(s.entries, func(x, y int32) int {
				return o.Place(b.entries[x]).compare(o.Place(b.entries[y]))
			})
		}
	})
	return s.entries
}

func (b *base) has(conversation ID) bool {
	_, ok := slices.BinarySearchFunc(b.entries, Entry{ID: conversation}, byID)
	return ok
}

// Board is the conversations of a workspace as they were committed by Through.
type Board struct {
	Through time.Time
	base    *base
	late    map[ID]Entry // in the place of the base's
}

// New returns the board of entries, which are all that there are.
func New(entries []Entry, through, now time.Time) *Board {
	slices.SortFunc(entries, byID)
	return &Board{Through: through, base: &base{through: through.UnixMilli(), made: now.UnixMilli(), entries: entries}}
}

// With returns the board with other entries in the place of those of the same
// conversations.
func (b *Board) With(changed []Entry) *Board {
	late := make(map[ID]Entry, len(b.late)+len(changed))
	maps.Copy(late, b.late)
	for _, e := range changed {
		late[e.ID] = e
	}
	return &Board{Through: b.Through, base: b.base, late: late}
}

// whole returns a board of the same entries that are all in its base.
func (b *Board) whole(now time.Time) *Board {
	entries := make([]Entry, 0, len(b.base.entries)+len(b.late))
	for _, e := range b.base.entries {
		if _, changed := b.late[e.ID]; !changed {
			entries = append(entries, e)
		}
	}
	for _, e := range b.late {
		if !e.Removed {
			entries = append(entries, e)
		}
	}
	return New(entries, b.Through, now)
}
