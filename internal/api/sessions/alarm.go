package sessions

import (
	"context"
	"time"

	"griot/internal/errs"
)

// alarms are what interrupts a stream that waits.
type alarms struct {
	heartbeat, reverify *time.Ticker
	end                 *time.Timer // nil: never
}

func (s Streams) newAlarms() alarms {
	a := alarms{heartbeat: time.NewTicker(s.Heartbeat), reverify: time.NewTicker(s.Reverify)}
	if s.Most > 0 {
		a.end = time.NewTimer(s.Most)
	}
	return a
}

func (a alarms) stop() {
	a.heartbeat.Stop()
	a.reverify.Stop()
	if a.end != nil {
		a.end.Stop()
	}
}

func (a alarms) ended() <-chan time.Time {
	if a.end == nil {
		return nil
	}
	return a.end.C
}

// pause is how long to wait before the next step.
func (f *follower) pause() time.Duration {
	switch {
	case f.weak:
		return f.SlowPoll
	case f.sent < f.at.LastSeq || f.seen != f.at.Status || f.at.Status.Terminal():
		return 0
	case time.Since(f.news) < f.SlowAfter:
		return f.Poll
	}
	return f.SlowPoll
}

// wait reports whether there is a next step; meanwhile it sends heartbeats
// and looks after the key.
func (f *follower) wait(ctx context.Context, a alarms) bool {
	next := time.NewTimer(f.pause())
	defer next.Stop()
	for f.out.err == nil {
		select {
		case <-ctx.Done():
			return false
		case <-f.Drain:
			return false
		case <-a.ended():
			return false
		case <-a.heartbeat.C:
			f.out.heartbeat()
		case <-a.reverify.C:
			if f.revoked(ctx) {
				return false
			}
		case <-next.C:
			return true
		case <-f.changed:
			return true
		}
	}
	return false
}

// revoked reports whether the caller may no longer read, or has read as much as
// it may; a table that does not answer revokes nothing.
func (f *follower) revoked(ctx context.Context) bool {
	err := f.verify(ctx)
	return errs.Is(err, errs.Unauthenticated) || errs.Is(err, errs.PermissionDenied) || errs.Is(err, errs.ResourceExhausted)
}
