package timestamp

import "time"

// Range is a span of time with both of its ends; a zero end is open.
type Range struct{ From, To time.Time }

// Backwards reports whether the range ends before it begins.
func (r Range) Backwards() bool { return !r.To.IsZero() && r.To.Before(r.From) }

// Holds reports whether a time lies in the range.
func (r Range) Holds(t time.Time) bool {
	return (r.From.IsZero() || !t.Before(r.From)) && (r.To.IsZero() || !t.After(r.To))
}
