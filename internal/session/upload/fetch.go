package upload

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

// fetchedObject is the key under which a fetcher puts the bytes of a URL.
func fetchedObject(ref record.Ref) string { return session.ObjectPrefix(ref) + "fetched" }

// Fetched notes that the bytes of a URL are an object now, which counts once.
func (s *Service) Fetched(ctx context.Context, ref record.Ref, size int64) error {
	err := table.Retry(ctx, record.Tries, func() error {
		return s.Sessions.Table.Transact(ctx, append(
			[]table.Op{table.Update(session.OriginKey(ref),
				table.Attrs{"object": fetchedObject(ref), session.CountedAttr: size}, table.Exists(), table.Missing(session.CountedAttr))},
			s.Sessions.Quotas().Change(ref.Workspace, ref.ID, session.Stored(size))...))
	})
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("noting the fetched object: %w", err)
	}
	if gone, err := s.Sessions.DiscardIfDeleted(ctx, ref, fetchedObject(ref)); gone || err != nil {
		return err
	}
	s.Sessions.SendRead(ctx, ref, session.Origin{Object: fetchedObject(ref)})
	return nil
}

// mostFetchPause bounds how long a URL waits between looks whether it has its
// turn.
const mostFetchPause = 8 * time.Minute

// LeaseFetch takes one of the atOnce leases that a workspace has for fetching
// URLs, for so long; nil where all of them are taken. One whose process has died
// is free when that time is over.
func (s *Service) LeaseFetch(ctx context.Context, workspace string, atOnce int, long time.Duration) (*session.Lease, error) {
	first := rand.IntN(atOnce)
	for i := range atOnce {
		l := session.NewLease(s.Sessions, workspace, fmt.Sprintf("fetch#%d", (first+i)%atOnce))
		if took, err := l.Take(ctx, s.Sessions.Time().Add(long), table.Absent()); took || err != nil {
			return l, err
		}
	}
	return nil, nil
}

// FetchLater has the sweeper send a session's fetch again: its workspace has as
// many under way as it may. That is no attempt, and the pauses grow with the time
// that it has waited.
func (s *Service) FetchLater(ctx context.Context, ref record.Ref) error {
	_, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if h.Status == session.InProgress {
			h.Attempts = max(0, h.Attempts-1)
			h.Due = s.Sessions.Time().Add(min(max(s.Sessions.Time().Sub(h.Started), task.ReadFile.Wait(0)), mostFetchPause))
		}
		return nil, nil
	})
	return session.IgnoreGone(err)
}

// Unfetched removes the bytes of a URL that a fetch left which died before it
// could note them, if its session was deleted meanwhile. A deletion that is
// under way may have looked before they came: the job has to come back.
func (s *Service) Unfetched(ctx context.Context, j task.Message) error {
	gone, going, err := s.Sessions.Gone(ctx, j.Ref())
	switch {
	case err != nil:
		return err
	case going:
		return errs.New(errs.Unavailable, "the session is being deleted")
	case !gone:
		return nil
	}
	if err := s.Sessions.Blobs.Delete(ctx, fetchedObject(j.Ref())); err != nil {
		return fmt.Errorf("removing what was fetched for a deleted session: %w", err)
	}
	return nil
}

// Room refuses bytes that the workspace may not store; 0 stands for nobody knows
// how many.
func (s *Service) Room(ctx context.Context, workspace string, bytes int64) error {
	_, err := s.Sessions.Quotas().Take(ctx, workspace, "", session.Stored(max(bytes, 0)))
	return err
}
