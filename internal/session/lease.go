package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	l := &Lease{s, sess, rand.Text()}
	until := s.now().Add(long)
	_, err := s.Table.Write(ctx, table.Put(leaseKey(sess), table.Attrs{"by": l.by, table.ExpiresAttr: until.Unix()}, table.Absent()))
	switch failed := table.Failed(err); {
	case failed != nil && failed.Old.Str("by") != l.by:
		return nil, nil
	case failed == nil && err != nil:
		return nil, fmt.Errorf("taking the lease of a session: %w", err)
	}
	if err := s.putOff(ctx, sess, func(h *head) { h.due = until.Add(afterLease) }); err != nil {
		return nil, errors.Join(err, l.End(ctx))
	}
	return l, nil
}

// End gives the session free. It may be called again.
func (l *Lease) End(ctx context.Context) error {
	_, err := l.s.Table.Write(context.WithoutCancel(ctx), table.Delete(leaseKey(l.sess), table.Equal("by", l.by)))
	if err != nil && table.Failed(err) == nil {
		return fmt.Errorf("ending the lease of a session: %w", err)
	}
	return nil
}
