package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"griot/internal/table"
)

// Lease keeps something for one job. A session: what the job pays for is not to
// be paid for by a twin at the same time, of which there are many where jobs wait
// for long. Or one of the turns that a workspace has at once.
type Lease struct {
	s   *Service
	key table.Key
	by  string
}

// leaseKey is the row of a lease, of a session or of one of the turns that a
// workspace has.
func leaseKey(workspace, of string) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + "#leases", SK: of}
}

func (s *Service) newLease(workspace, of string) *Lease {
	return &Lease{s, leaseKey(workspace, of), s.Process + "#" + rand.Text()}
}

// afterLease is when the sweeper looks after a session whose lease has run out.
const afterLease = time.Minute

// Lease takes a session that [Service.Captive] returned for so long; nil where
// another job has it. The sweeper sends no job for it meanwhile, and does so
// soon afterwards if the job has ended without a word.
func (s *Service) Lease(ctx context.Context, sess Session, long time.Duration) (*Lease, error) {
	l := s.newLease(sess.Workspace, sess.ID)
	until := s.now().Add(long)
	took, err := l.take(ctx, until, table.Absent())
	if err != nil || !took {
		return nil, err
	}
	if err := s.putOff(ctx, sess, func(h *head) { h.due = until.Add(afterLease) }); err != nil {
		return nil, errors.Join(err, l.End(ctx))
	}
	return l, nil
}

// take writes the lease if the condition holds, or in place of one that a
// process before this one has left.
func (l *Lease) take(ctx context.Context, until time.Time, free table.Cond) (bool, error) {
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
	return l.take(ctx, until, table.Equal("by", by))
}

// End gives free what was taken. It may be called again.
func (l *Lease) End(ctx context.Context) error {
	_, err := l.s.Table.Write(context.WithoutCancel(ctx), table.Repeatable(table.Delete(l.key, table.Equal("by", l.by))))
	if err != nil && table.Failed(err) == nil {
		return fmt.Errorf("ending a lease: %w", err)
	}
	return nil
}
