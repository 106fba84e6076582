package table

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"griot/internal/errs"
)

const (
	// retryBase is the ceiling of the first pause; it doubles with each try, six
	// times.
	retryBase = 10 * time.Millisecond
	// retryTime is how long after the first try another one may begin. With it a
	// request that meets nothing but others, or a store that is slow to refuse,
	// has an answer before its platform's time is over (15 s; one call takes up
	// to 7 s where the store says nothing, see internal/setup).
	retryTime = 6 * time.Second
)

// Retry calls fn until it returns anything but ErrConflict or ErrThrottled,
// with full jitter in between: at most tries times, and none begins after
// retryTime.
func Retry(ctx context.Context, tries int, fn func() error) error {
	return retry(ctx, tries, Retryable, fn)
}

// retry returns the last error of fn, or that of ctx when it ended.
func retry(ctx context.Context, tries int, again func(error) bool, fn func() error) error {
	begun := time.Now()
	for try := 0; ; try++ {
		err := fn()
		if !again(err) || try+1 >= tries || time.Since(begun) >= retryTime {
			return err
		}
		if err := Pause(ctx, try); err != nil {
			return err
		}
	}
}

// ErrLost is what a caller of Insist returns for a row that somebody else
// wrote since it was read: it wants to read again.
var ErrLost = errors.New("table: changed since it was read")

// Insist is Retry on behalf of a client: it also tries again after ErrLost,
// and when that did not help either, the client is told to come back.
func Insist(ctx context.Context, tries int, fn func() error) error {
	overtaken := func(err error) bool { return errors.Is(err, ErrLost) || Retryable(err) }
	err := retry(ctx, tries, overtaken, fn)
	if overtaken(err) {
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

// Unanswered returns an ErrUnanswered with its cause, for a client to come back.
func Unanswered(cause error) error {
	return errs.Unreachable(fmt.Errorf("%w: %w", ErrUnanswered, cause))
}

// Retryable reports whether nothing was written and a later try may succeed.
func Retryable(err error) bool {
	return errors.Is(err, ErrConflict) || errors.Is(err, ErrThrottled)
}

// Pause waits before the try after number try (from 0), or until ctx ends.
func Pause(ctx context.Context, try int) error {
	d := rand.N(retryBase << min(try, 6))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
