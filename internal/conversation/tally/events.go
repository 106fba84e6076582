package tally

import (
	"time"

	"griot/internal/table"
)

// Events are the first and the last time that memories of a conversation are
// about; the zero value is that of no memories.
type Events struct{ First, Last time.Time }

// EventsOf returns the events of memories that are about some times.
func EventsOf(times ...time.Time) (e Events) {
	for _, at := range times {
		at = time.UnixMilli(at.UnixMilli()).UTC() // as rows have it
		e = e.With(Events{at, at})
	}
	return e
}

func (e Events) none() bool { return e == Events{} }

// With returns the events of two sets of memories together.
func (e Events) With(o Events) Events {
	switch {
	case o.none():
		return e
	case e.none():
		return o
	}
	if o.First.Before(e.First) {
		e.First = o.First
	}
	if o.Last.After(e.Last) {
		e.Last = o.Last
	}
	return e
}

// Attributes of rows and lanes that have events. The first time is kept negated:
// so both only grow while memories come.
const (
	firstAttr = "begin"
	lastAttr  = "end"
)

// readEvents reads those of a row or a lane. A lane that was written where only one
// of the two grew has only that: each is some memory's.
func readEvents(row table.Item) (e Events) {
	if first, ok := row.Attrs[firstAttr].(int64); ok {
		e = EventsOf(time.UnixMilli(-first))
	}
	if last := row.Time(lastAttr); !last.IsZero() {
		e = e.With(Events{last, last})
	}
	return e
}

func (e Events) in(a table.Attrs) {
	if !e.none() {
		a[firstAttr], a[lastAttr] = -e.First.UnixMilli(), e.Last.UnixMilli()
	}
}

// widen has a write of the row, or of a lane, say that memories are about more
// than is known. It is refused when others went further meanwhile. What is not
// dated stays so.
func (t Tally) widen(op *table.Op, more Events) {
	if t.Undated || more.none() {
		return
	}
	if t.Events.none() || more.First.Before(t.Events.First) {
		first := -more.First.UnixMilli()
		op.Attrs[firstAttr] = first
		op.If = append(op.If, table.MissingOrLess(firstAttr, first))
	}
	if t.Events.none() || more.Last.After(t.Events.Last) {
		last := more.Last.UnixMilli()
		op.Attrs[lastAttr] = last
		op.If = append(op.If, table.MissingOrLess(lastAttr, last))
	}
}

// Bounded reports whether the events may be others without a memory about a time.
func (t Tally) Bounded(at time.Time) bool {
	return t.Undated || !at.After(t.Events.First) || !at.Before(t.Events.Last)
}

// set returns the write with other events.
func (e Events) set(op table.Op) table.Op {
	if e.none() {
		op.Remove = append(op.Remove, firstAttr, lastAttr)
	} else {
		e.in(op.Attrs)
	}
	return op
}
