package record

import (
	"context"
	"errors"
	"time"

	"griot/internal/errs"
	"griot/internal/table"
)

// Tries is how often a change is tried where a record seldom has more than a few
// writers at once.
const Tries = 8

// ErrStale is what a change returns that was refused because somebody else has
// written since it read: it wants to read again.
var ErrStale = errors.New("record: changed since it was read")

// Change calls try, which reads a record and writes it on the condition of what
// it read, until that succeeds or fails for good: again after ErrStale and after
// what the store refuses for now, with growing pauses, at most tries times, none
// of which begins later than six seconds after the first. When that did not help
// either the client is told to come back.
func Change(ctx context.Context, tries int, try func() error) error {
	again := func(err error) bool { return errors.Is(err, ErrStale) || table.Retryable(err) }
	err := table.RetryIf(ctx, tries, again, try)
	if again(err) {
		return Crowded(err)
	}
	return err
}

// Crowded tells a client to come back when fewer write; cause may be nil.
func Crowded(cause error) error {
	e := errs.Wrap(errs.Unavailable, cause, "too many writers at once, try again")
	e.RetryAfter = time.Second
	return e
}
