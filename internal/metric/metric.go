// Package metric marks the numbers of a log event that are added up over time.
// They are ordinary numbers in the log; a host that keeps metrics counts them.
package metric

import "log/slog"

// Counted is the value of an attribute that is counted.
type Counted int64

// LogValue is the number.
func (c Counted) LogValue() slog.Value { return slog.Int64Value(int64(c)) }

// Count returns an attribute that is counted under its name.
func Count(name string, n int64) slog.Attr { return slog.Any(name, Counted(n)) }
