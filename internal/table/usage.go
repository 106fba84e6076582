package table

import (
	"context"
	"log/slog"
	"sync"

	"griot/internal/metric"
)

// Usage adds up what the operations under one context consumed, in DynamoDB's
// units: a read unit is 4 KB read consistently (half for an eventual read,
// a Query rounds its page's sum once), a write unit is 1 KB of the larger of
// the old and the new item; a transaction costs twice that per item, and its
// checks twice a consistent read. A failed condition costs like the write; a
// request over a limit costs nothing. What DynamoDB takes for a conflict it does
// not tell, and it is not in the sums.
type Usage struct {
	mu     sync.Mutex
	totals Totals
}

// Totals are a Usage's sums: units, calls to the store, items returned, and
// bytes read (those of expired items, too).
type Totals struct {
	ReadUnits, WriteUnits float64
	Reads, Writes         int // calls
	ItemsRead             int
	BytesRead             int64
	Conflicts, Throttled  int // calls that ended as ErrConflict or ErrThrottled
}

// Totals returns the sums so far.
func (u *Usage) Totals() Totals {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.totals
}

// Add adds to the sums; drivers call it once per request.
func (u *Usage) Add(t Totals) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.totals.ReadUnits += t.ReadUnits
	u.totals.WriteUnits += t.WriteUnits
	u.totals.Reads += t.Reads
	u.totals.Writes += t.Writes
	u.totals.ItemsRead += t.ItemsRead
	u.totals.BytesRead += t.BytesRead
	u.totals.Conflicts += t.Conflicts
	u.totals.Throttled += t.Throttled
}

// Refusals are the calls that were refused for what others ask of the store, for a
// log event: none where nothing was refused.
func (t Totals) Refusals() (attrs []slog.Attr) {
	if t.Conflicts > 0 {
		attrs = append(attrs, metric.Count("table_conflicts", int64(t.Conflicts)))
	}
	if t.Throttled > 0 {
		attrs = append(attrs, metric.Count("table_throttled", int64(t.Throttled)))
	}
	return attrs
}

type usageKey struct{}

// WithUsage returns a context under which drivers report to u.
func WithUsage(ctx context.Context, u *Usage) context.Context {
	return context.WithValue(ctx, usageKey{}, u)
}

// UsageFrom returns the context's Usage, or nil; Add accepts nil.
func UsageFrom(ctx context.Context) *Usage {
	u, _ := ctx.Value(usageKey{}).(*Usage)
	return u
}
