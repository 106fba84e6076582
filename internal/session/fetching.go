package session

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// mostFetchPause bounds how long a URL waits between looks whether it has its
// turn.
const mostFetchPause = 8 * time.Minute

// LeaseFetch takes one of the atOnce leases that a workspace has for fetching
// URLs, for so long; nil where all of them are taken. One whose process has died
// is free when that time is over.
func (s *Service) LeaseFetch(ctx context.Context, workspace string, atOnce int, long time.Duration) (*Lease, error) {
	first := rand.IntN(atOnce)
	for i := range atOnce {
		l := s.newLease(workspace, fmt.Sprintf("fetch#%d", (first+i)%atOnce))
		if took, err := l.take(ctx, s.now().Add(long), table.Absent()); took || err != nil {
			return l, err
		}
	}
	return nil, nil
}

// FetchLater has the sweeper send a session's fetch again: its workspace has as
// many under way as it may. That is no attempt, and the pauses grow with the time
// that it has waited.
func (s *Service) FetchLater(ctx context.Context, ref record.Ref) error {
	_, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if h.status == InProgress {
			h.attempts = max(0, h.attempts-1)
			h.due = s.now().Add(min(max(s.now().Sub(h.started), task.ReadFile.Wait(0)), mostFetchPause))
		}
		return nil, nil
	})
	return ignoreGone(err)
}
