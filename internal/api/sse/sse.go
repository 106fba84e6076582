// Package sse reads server-sent events, as the streams of sessions send them.
package sse

import (
	"bufio"
	"io"
	"strings"
)

// Event is one event as it was on the wire. Retry is the pause, in
// milliseconds, after which a reader that is cut off comes back.
type Event struct{ ID, Name, Data, Retry string }

// Reader reads the events of a stream.
type Reader struct {
	lines *bufio.Reader
	seen  strings.Builder
	keep  bool
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader { return &Reader{lines: bufio.NewReader(r)} }

// Keep lets Seen return every line that is read from now on.
func (r *Reader) Keep() { r.keep = true }

// Seen returns the lines of the stream that were read since Keep, comments and
// blocks without an event among them.
func (r *Reader) Seen() string { return r.seen.String() }

// Next returns the next event that has a name; comments, which keep the
// connection, and blocks that only set the pause are passed over. What the
// stream ends in the middle of is no event.
func (r *Reader) Next() (Event, error) {
	var e Event
	for {
		line, err := r.lines.ReadString('\n')
		if r.keep {
			r.seen.WriteString(line)
		}
		if err != nil {
			return Event{}, err
		}
		line = strings.TrimRight(line, "\r\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "" && e.Name != "":
			return e, nil
		case line == "":
			e = Event{}
		case field == "id":
			e.ID = value
		case field == "event":
			e.Name = value
		case field == "retry":
			e.Retry = value
		case field == "data" && e.Data != "":
			e.Data += "\n" + value
		case field == "data":
			e.Data = value
		}
	}
}
