package sse_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"griot/internal/api/sse"
)

func TestReader(t *testing.T) {
	for name, test := range map[string]struct {
		stream string
		want   []sse.Event
	}{
		"nothing":     {"", nil},
		"one of each": {"id: 7\nevent: word\nretry: 50\ndata: {\"a\": 1}\n\n", []sse.Event{{"7", "word", `{"a": 1}`, "50"}}},
		"comments, a pause and what has no name": {
			"retry: 2000\n\n: heartbeat\n\nid: 1\ndata: x\n\nevent: a\ndata: y\n\n", []sse.Event{{Name: "a", Data: "y"}},
		},
		"several lines of data":  {"event: a\ndata: x\ndata:\ndata:  y\n\n", []sse.Event{{Name: "a", Data: "x\n\n y"}}},
		"lines of another world": {"event:a\r\ndata:x:y\r\n\r\n", []sse.Event{{Name: "a", Data: "x:y"}}},
		"cut off in an event":    {"event: a\ndata: x\n\nevent: b\ndata: y\n", []sse.Event{{Name: "a", Data: "x"}}},
		"cut off in a line":      {"event: a\ndata: x\n\nevent: b\ndata: {\"n\":", []sse.Event{{Name: "a", Data: "x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := sse.NewReader(strings.NewReader(test.stream))
			r.Keep()
			var got []sse.Event
			for {
				e, err := r.Next()
				if err != nil {
					if !errors.Is(err, io.EOF) || e != (sse.Event{}) {
						t.Errorf("at the end: %+v, %v", e, err)
					}
					break
				}
				got = append(got, e)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if r.Seen() != test.stream {
				t.Errorf("seen: %q", r.Seen())
			}
		})
	}
}

// What is kept ends with the event that was read last, whatever has arrived.
func TestSeen(t *testing.T) {
	r := sse.NewReader(strings.NewReader("event: a\n\n: kept\n\nevent: b\n\nevent: c\n\n"))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	r.Keep()
	if e, err := r.Next(); err != nil || e.Name != "b" || r.Seen() != ": kept\n\nevent: b\n\n" {
		t.Errorf("%+v, %v: %q", e, err, r.Seen())
	}
}
