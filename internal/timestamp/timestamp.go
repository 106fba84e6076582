// Package timestamp reads the times that clients and services write.
package timestamp

import (
	"fmt"
	"strings"
	"time"
)

// Parse reads an RFC 3339 time of any offset, its letters in either case. It
// returns it in UTC, to the millisecond.
func Parse(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, strings.ToUpper(s))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading a time: %w", err)
	}
	return inRange(t)
}

// From reads a time, or a date as the moment it begins in UTC.
func From(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return inRange(t)
	}
	return Parse(s)
}

// To reads the end of a range that includes it: a time, or a date as its last
// millisecond in UTC.
func To(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return inRange(t.AddDate(0, 0, 1).Add(-time.Millisecond))
	}
	return Parse(s)
}

// inRange refuses the zero time, which stands for none, and years that RFC
// 3339 cannot write.
func inRange(t time.Time) (time.Time, error) {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 1 || t.Year() > 9999 || t.IsZero() {
		return time.Time{}, fmt.Errorf("the year %d is out of range", t.Year())
	}
	return t, nil
}
