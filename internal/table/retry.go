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
	return RetryIf(ctx, tries, Retryable, fn)
}

// RetryIf is Retry for another choice of errors. It returns the last one, or that
// of ctx when it ended.
func RetryIf(ctx context.Context, tries int, again func(error) bool, fn func() error) error {
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
