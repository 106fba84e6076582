package session

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"griot/internal/table"
)

// Lease keeps something for one job. A session: what the job pays for is not to
// be paid for by a twin at the same time, of which there are many where jobs wait
// for long. Or one of the turns that a workspace has at once.
type Lease struct {
	s   *Store
	key table.Key
	by  string
}

// leaseKey is the row of a lease, of a session or of one of the turns that a
// workspace has.
func leaseKey(workspace, of string) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + "#leases", SK: of}
}

// NewLease returns a lease that nobody has taken.
func NewLease(s *Store, workspace, of string) *Lease {
	return &Lease{s, leaseKey(workspace, of), s.Process + "#" + rand.Text()}
}

// Take writes the lease if the condition holds, or in place of one that a
// process before this one has left.
func (l *Lease) Take(ctx context.Context, until time.Time, free table.Cond) (bool, error) {
	_, err := l.s.Table.Write(ctx, table.Repeatable(
		table.Put(l.key, table.Attrs{"by": l.by, table.ExpiresAttr: until.Unix()}, free)))
	failed := table.Failed(err)
	switch {
	case failed == nil && err != nil:
		return false, fmt.Errorf("taking a lease: %w", err)
	case failed == nil || failed.Old.Str("by") == l.by:
		return true, nil
	}
	by := failed.Old.Str("by")
	if l.s.Process == "" || by == "" || strings.HasPrefix(by, l.s.Process+"#") {
		return false, nil
	}
	return l.Take(ctx, until, table.Equal("by", by))
}

// End gives free what was taken. It may be called again.
func (l *Lease) End(ctx context.Context) error {
	_, err := l.s.Table.Write(context.WithoutCancel(ctx), table.Repeatable(table.Delete(l.key, table.Equal("by", l.by))))
	if err != nil && table.Failed(err) == nil {
		return fmt.Errorf("ending a lease: %w", err)
	}
	return nil
}
