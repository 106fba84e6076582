// Package tally keeps what changes of a conversation with its memories: how
// many there are, when the last one came, which memory session goes on.
//
// That is a row of the conversation, which everything that adds, changes or
// removes a memory writes: it counts, and it is how they and a deletion of the
// conversation exclude each other. Of transactions that meet in a row DynamoDB
// cancels all but one. So a conversation in which writers meet gets lanes, rows
// one of which a writer takes by chance, until somebody gathers them again
// (decision 0021).
package tally

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"griot/internal/record"
	"griot/internal/table"
)

// Tally is what changes with memories: a conversation's row, with its lanes
// added.
type Tally struct {
	Activity time.Time // creation, or that of the last memory
	Memories int64
	Rev      int64  // counted up by every change of the row, not of lanes
	Titles   int64  // counted up when the title passes from one memory to another, or the first or last event does
	Session  string // the current memory session, "" before the first memory
	Bridged  bool   // there is a source session
	Bytes    int64  // of the memories, as far as they count
	Told     int64  // of Bytes, what the workspace's count has
	Events   Events // of its memories
	Undated  bool   // the row is older than Events, and there are memories

	lanes string // generation of the lanes that there are, "": none
	lane  int    // the writer's
}

// Delta is what a write counts more, or less.
type Delta struct {
	Memories, Bytes, Told int64
	Events                Events // of memories that are new
}

func (d Delta) in(add map[string]int64) map[string]int64 {
	add["memories"] = d.Memories
	for name, n := range map[string]int64{bytesAttr: d.Bytes, toldAttr: d.Told} {
		if n != 0 {
			add[name] = n
		}
	}
	return add
}

const (
	bytesAttr = "bytes"
	toldAttr  = "told"
)

// Untold is what the workspace's count has not of the conversation's bytes. A
// writer that writes that count anyway tells it, with what is new; it may be
// less than nothing, when several told the same.
func (t Tally) Untold() int64 { return t.Bytes - t.Told }

// Key is the row of a conversation; those of a workspace are in the order of
// creation.
func Key(of record.Ref) table.Key {
	return table.Key{Table: table.Conversations, PK: of.Workspace + "#order", SK: of.ID}
}

// Create returns the write of a new conversation's row.
func (t Tally) Create(of record.Ref) table.Op {
	a := table.Attrs{"activity": t.Activity.UnixMilli(), "memories": t.Memories, "rev": int64(1)}
	if t.Session != "" {
		a["session"] = t.Session
	}
	if t.Bridged {
		a["bridged"] = int64(1)
	}
	if t.Titles != 0 {
		a["titles"] = t.Titles
	}
	if t.Bytes != 0 {
		a[bytesAttr], a[toldAttr] = t.Bytes, t.Told
	}
	t.Events.in(a)
	return table.Put(Key(of), a, table.Absent())
}

// read decodes a row, without its lanes.
func read(row table.Item) Tally {
	e := readEvents(row)
	return Tally{
		Events: e, Undated: e.none() && row.Int("memories") > 0,
		Activity: time.UnixMilli(row.Int("activity")).UTC(), Memories: row.Int("memories"), Rev: row.Int("rev"),
		Titles: row.Int("titles"), Session: row.Str("session"), Bridged: row.Int("bridged") != 0, lanes: row.Str("lanes"),
		Bytes: row.Int(bytesAttr), Told: row.Int(toldAttr),
	}
}

// Grow returns the write that counts new memories, the last of which came at
// a time, in a conversation whose tally was read as t. It is refused when the
// conversation is gone, or when another writer began a memory session or took
// the title away. Of writers at the same time, the last to commit sets the
// activity, a few milliseconds off perhaps.
func (t Tally) Grow(of record.Ref, at time.Time, session string, d Delta) table.Op {
	if at.Before(t.Activity) {
		at = t.Activity
	}
	set := table.Attrs{"activity": at.UnixMilli()}
	if t.lanes != "" && t.Session == session {
		return t.change(of, set, d)
	}
	set["session"] = session
	op := table.Update(Key(of), set, table.Exists(), t.sameTitles())
	switch {
	case t.Session == "":
		op.If = append(op.If, table.Missing("session"))
	case t.Session != session:
		op.If = append(op.If, table.Equal("session", t.Session))
	}
	op.Add = d.in(map[string]int64{"rev": 1})
	t.widen(&op, d.Events)
	return op
}

// Touch returns the write that counts a change of a memory, or some of them less,
// in a conversation whose tally was read as t. It is refused when the
// conversation is gone or the title has passed to another memory since.
func (t Tally) Touch(of record.Ref, d Delta) table.Op {
	if t.lanes != "" {
		return t.change(of, nil, d)
	}
	op := table.Increment(Key(of), "rev", 1, table.Exists(), t.sameTitles())
	d.in(op.Add)
	return op
}

// PassTitle returns the write of a change by which the title passes to another
// memory, or to none, or the events are others than before, and that counts. It is
// refused when anything has changed since t was read, of which there must be no
// lanes.
func (t Tally) PassTitle(of record.Ref, d Delta, e Events) table.Op {
	op := table.Increment(Key(of), "rev", 1, table.Equal("rev", t.Rev))
	op.Add["titles"] = 1
	d.in(op.Add)
	return e.set(op)
}

// Remove returns the write that removes the row, refused when anything has
// changed since t was read, of which there must be no lanes.
func (t Tally) Remove(of record.Ref) table.Op {
	return table.Delete(Key(of), table.Equal("rev", t.Rev))
}

// sameTitles holds as long as the title does not pass to another memory, and no
// event that bounds the others goes. As long as there are lanes it cannot: that changes a row without.
func (t Tally) sameTitles() table.Cond {
	if t.Titles == 0 {
		return table.Missing("titles")
	}
	return table.Equal("titles", t.Titles)
}

// Store reads the tallies of all workspaces, and splits and gathers them.
type Store struct {
	Table table.Store
	Now   func() time.Time
}

// Get returns the tally of a conversation; ok is false when there is none.
func (s Store) Get(ctx context.Context, of record.Ref) (t Tally, ok bool, err error) {
	row, err := s.Table.Get(ctx, Key(of), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Tally{}, false, nil
	}
	if err != nil {
		return Tally{}, false, fmt.Errorf("reading a conversation: %w", err)
	}
	return s.Whole(ctx, of.Workspace, row)
}

// readTries is how often a tally is read again because its lanes were gathered
// meanwhile.
const readTries = 10

// Whole returns the tally of a row that was read, with its lanes; ok is false
// when it is not there any more. Of a row without lanes it reads nothing.
func (s Store) Whole(ctx context.Context, workspace string, row table.Item) (t Tally, ok bool, err error) {
	for range readTries {
		t = read(row)
		if !row.Found() || t.lanes == "" {
			return t, row.Found(), nil
		}
		lanes, err := s.read(ctx, workspace, row.SK+"#"+t.lanes+"#", table.Consistent)
		if err != nil {
			return Tally{}, false, err
		}
		if len(lanes) == Lanes {
			t.add(lanes)
			t.lane = rand.IntN(Lanes)
			return t, true, nil
		}
		// They were gathered since the row was read.
		row, err = s.Table.Get(ctx, row.Key, table.Consistent)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return Tally{}, false, fmt.Errorf("reading a conversation: %w", err)
		}
	}
	return Tally{}, false, record.Crowded(nil)
}

// add adds what lanes count.
func (t *Tally) add(lanes []table.Item) {
	for _, lane := range lanes {
		t.Memories += lane.Int("memories")
		t.Bytes += lane.Int(bytesAttr)
		t.Told += lane.Int(toldAttr)
		t.Events = t.Events.With(readEvents(lane))
		if at := lane.Time("activity"); at.After(t.Activity) {
			t.Activity = at
		}
	}
}

// Lane names the lane that a writer has by whom t was read, "" if there are
// none. Other rows of the conversation that writers meet in have such lanes, too.
func (t Tally) Lane() string {
	if t.lanes == "" {
		return ""
	}
	return strconv.Itoa(t.lane)
}
