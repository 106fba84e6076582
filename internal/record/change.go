package record

import (
	"context"

	"griot/internal/table"
)

// Tries is how often a change is tried where a record seldom has more than a few
// writers at once.
const Tries = 8

// ErrStale is what a change returns that was refused because somebody else has
// written since it read: it wants to read again.
var ErrStale = table.ErrLost

// Change calls try, which reads a record and writes it on the condition of what
// it read, until that succeeds or fails for good: again after ErrStale and after
// what the store refuses for now, with growing pauses, at most tries times and
// for six seconds. When that did not help either the client is told to come
// back: it is Crowded.
func Change(ctx context.Context, tries int, try func() error) error {
	return table.Insist(ctx, tries, try)
}

// Crowded tells a client to come back when fewer write; cause may be nil.
func Crowded(cause error) error { return table.Crowded(cause) }
