package table

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"griot/internal/errs"
)

// retryBase is the ceiling of the first pause; it doubles with each try.
const retryBase = 10 * time.Millisecond

// Retry calls fn until it returns anything but ErrConflict or ErrThrottled,
// at most tries times, with full jitter in between.
func Retry(ctx context.Context, tries int, fn func() error) error {
	for try := 0; ; try++ {
		err := fn()
		if !Retryable(err) || try+1 >= tries {
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
	for try := 0; ; try++ {
		err := fn()
		if !errors.Is(err, ErrLost) && !Retryable(err) {
			return err
		}
		if try+1 == tries {
			return Crowded(err)
		}
		if err := Pause(ctx, try); err != nil {
			return err
		}
	}
}

// Crowded tells a client to come back when fewer write; cause may be nil.
func Crowded(cause error) error {
	e := errs.Wrap(errs.Unavailable, cause, "too many writers at once, try again")
	e.RetryAfter = time.Second
	return e
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
