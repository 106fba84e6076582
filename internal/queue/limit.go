package queue

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// CheckSend reports what SQS would refuse in a Send, as an ErrLimit. Drivers
// call it first, so that they agree on it.
func CheckSend(messages []Outgoing) error {
	if len(messages) == 0 || len(messages) > MaxBatch {
		return fmt.Errorf("%w: %d messages in one send, not 1 to %d", ErrLimit, len(messages), MaxBatch)
	}
	total := 0
	for i, m := range messages {
		if err := m.check(); err != nil {
			return fmt.Errorf("message %d: %w", i, err)
		}
		total += len(m.Body)
	}
	if total > MaxSend {
		return fmt.Errorf("%w: %d bytes in one send, at most %d", ErrLimit, total, MaxSend)
	}
	return nil
}

func (m Outgoing) check() error {
	switch {
	case len(m.Body) == 0 || len(m.Body) > MaxBody:
		return fmt.Errorf("%w: body of %d bytes, not 1 to %d", ErrLimit, len(m.Body), MaxBody)
	case !text(m.Body):
		return fmt.Errorf("%w: body is not text", ErrLimit)
	case m.Delay < 0 || m.Delay > MaxDelay:
		return fmt.Errorf("%w: delay of %v, not 0 to %v", ErrLimit, m.Delay, MaxDelay)
	case len(m.Group) > MaxGroup || !printable(m.Group):
		return fmt.Errorf("%w: group is not printable ASCII of at most %d bytes", ErrLimit, MaxGroup)
	}
	return nil
}

// text reports whether b is UTF-8 of XML 1.0's characters.
func text(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1, r == 0xFFFE, r == 0xFFFF:
			return false
		case r < ' ' && r != '\t' && r != '\n' && r != '\r':
			return false
		}
		b = b[n:]
	}
	return true
}

func printable(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// CheckReceive reports a max that SQS would refuse, as an ErrLimit.
func CheckReceive(max int) error {
	if max < 1 || max > MaxBatch {
		return fmt.Errorf("%w: receive of %d messages, not 1 to %d", ErrLimit, max, MaxBatch)
	}
	return nil
}

// CheckRetry reports a delay that SQS would refuse, as an ErrLimit.
func CheckRetry(after time.Duration) error {
	if after < 0 || after > MaxRetry {
		return fmt.Errorf("%w: retry after %v, not 0 to %v", ErrLimit, after, MaxRetry)
	}
	return nil
}
