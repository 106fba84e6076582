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

// Lease keeps a session for one job: what it pays for is not to be paid for by
// a twin at the same time, of which there are many where jobs wait for long.
type Lease struct {
	s    *Service
	sess Session
	by   string
}

func leaseKey(sess Session) table.Key {
	return table.Key{Table: table.Sessions, PK: sess.Workspace + "#leases", SK: sess.ID}
}

// afterLease is when the sweeper looks after a session whose lease has run out.
const afterLease = time.Minute

// Lease takes a session that [Service.Captive] returned for so long; nil where
// another job has it. The sweeper sends no job for it meanwhile, and does so
// soon afterwards if the job has ended without a word.
func (s *Service) Lease(ctx context.Context, sess Session, long time.Duration) (*Lease, error) {
	l := &Lease{s, sess, s.Process + "#" + rand.Text()}
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
		table.Put(leaseKey(l.sess), table.Attrs{"by": l.by, table.ExpiresAttr: until.Unix()}, free)))
	failed := table.Failed(err)
	switch {
	case failed == nil && err != nil:
		return false, fmt.Errorf("taking the lease of a session: %w", err)
	case failed == nil || failed.Old.Str("by") == l.by:
		return true, nil
	}
	by := failed.Old.Str("by")
	if l.s.Process == "" || by == "" || strings.HasPrefix(by, l.s.Process+"#") {
		return false, nil
	}
	return l.take(ctx, until, table.Equal("by", by))
}

// End gives the session free. It may be called again.
func (l *Lease) End(ctx context.Context) error {
	_, err := l.s.Table.Write(context.WithoutCancel(ctx), table.Repeatable(table.Delete(leaseKey(l.sess), table.Equal("by", l.by))))
	if err != nil && table.Failed(err) == nil {
		return fmt.Errorf("ending the lease of a session: %w", err)
	}
	return nil
}
