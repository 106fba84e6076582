package table

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
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
