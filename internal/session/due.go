package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/audit"
	"griot/internal/blob"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/table"
)

// Every session that is not finally gone has exactly one due row, and so has
// every upload that no session has taken. It is the
// time by which somebody has to look after the session if nothing happens
// until then, and it moves in the transactions that change the session.
const (
	idleAfter    = 24 * time.Hour // a live session without appends (contract E)
	objectWait   = time.Minute    // before the first look for an object that is not there
	jobWait      = 2 * time.Minute
	fetchWait    = 12 * time.Minute // above what a fetch may take, so that it runs once
	maxJobWait   = time.Hour
	maxAttempts  = 8
	retention    = 2 * 365 * 24 * time.Hour // contract D 22
	tombstoneTTL = 30 * 24 * time.Hour      // contract D 31
)

// firstDue is the due time of a session that has just come into its state.
func (s *Service) firstDue(h head) time.Time {
	switch {
	case h.status == Scheduled:
		return h.scheduled
	case h.status == InProgress && h.source == SourceLive:
		return h.idleAt()
	case h.status == InProgress, h.status == deleted:
		return s.now().Add(objectWait)
	case h.status == Processing, h.unbridged > 0, h.recording.Left > 0:
		return s.now().Add(jobWait)
	}
	begin := s.now()
	if h.status == Completed { // whatever was done with it since
		begin = h.ended
	}
	if d, shorter := h.fileKept(s.KeepMedia); shorter {
		return begin.Add(d)
	}
	return begin.Add(h.kept())
}

// Looks returns who looks after what is due of sessions: scheduled ones are
// started, idle ones ended, lost jobs sent again, what can no longer finish
// fails, what has been kept long enough is deleted, and an upload that nobody
// took is removed.
func (s *Service) Looks() map[string]due.Look {
	return map[string]due.Look{id.Session: s.look, id.Upload: s.forgetUpload}
}

// look does what a session's due row calls for. A row that the head does not
// know is left over from nothing we do, and removed.
func (s *Service) look(ctx context.Context, workspace, sessionID string, at time.Time) error {
	item, err := s.Table.Get(ctx, headKey(workspace, sessionID), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading the head of a due session: %w", err)
	}
	h := readHead(item)
	if !item.Found() || !h.due.Equal(at) {
		_, err := s.Table.Write(ctx, table.Repeatable(table.Delete(due.Key(at, workspace, sessionID))))
		return err
	}
	return ignoreGone(s.wake(ctx, workspace, sessionID, h))
}

// waitFor is how long a job that was sent again is waited for.
func waitFor(job queue.Name, attempts int64) time.Duration {
	wait := min(jobWait<<attempts, maxJobWait)
	if job == queue.Fetch {
		wait = max(wait, fetchWait)
	}
	return wait
}

func (s *Service) wake(ctx context.Context, workspace, id string, h head) error {
	switch {
	case h.status == deleted:
		return s.wakePurge(ctx, workspace, id, h)
	case h.status == Scheduled:
		_, err := s.update(ctx, workspace, id, nil, func(*head) ([]table.Op, error) { return nil, nil })
		return err
	case h.status == InProgress && h.source == SourceLive:
		return s.wakeIdle(ctx, workspace, id)
	case h.status == InProgress && h.recording.waits():
		return s.wakeRecording(ctx, workspace, id, h)
	case h.status == InProgress:
		return s.wakeReading(ctx, workspace, id)
	case h.status == Processing:
		return s.again(ctx, workspace, id, queue.Extract, Failure{ExtractionFailed,
			"the transcript is kept, but its extraction failed too often"})
	case h.wish != wish{}:
		return s.wakeWish(ctx, workspace, id)
	case h.unbridged > 0:
		return s.wakeBridge(ctx, workspace, id)
	case h.recording.Left > 0:
		return s.wakeStop(ctx, workspace, id)
	}
	if d, shorter := h.fileKept(s.KeepMedia); shorter {
		return s.dropFile(ctx, workspace, id, h.status == Failed, d)
	}
	_, err := s.beginDelete(ctx, workspace, id, audit.Retention)
	return err
}

// wakeIdle ends a live session that nobody has added to for a day.
func (s *Service) wakeIdle(ctx context.Context, workspace, id string) error {
	sess, err := s.update(ctx, workspace, id, nil, func(h *head) ([]table.Op, error) {
		switch {
		case h.status != InProgress:
		case h.idleAt().After(s.now()):
			h.due = h.idleAt()
		case h.lastSeq == 0:
			h.status = Failed
			h.failure = &Failure{CaptureAbandoned, "nothing was said for 24 hours after the start"}
		default:
			s.endCapture(h)
		}
		return nil, nil
	})
	if err == nil && sess.Status == Processing {
		s.sendExtract(ctx, workspace, id)
	}
	return err
}

// wakeReading sends the job again that reads an upload session's bytes, or
// waits on for the object, or gives up on it.
func (s *Service) wakeReading(ctx context.Context, workspace, id string) error {
	src, err := s.readSource(ctx, workspace, id)
	if err != nil {
		return err
	}
	if src.url != "" && src.object == "" {
		return s.again(ctx, workspace, id, queue.Fetch, Failure{URLUnreachable,
			"upload_url could not be fetched"})
	}
	arrived, err := blob.Exists(ctx, s.Blobs, src.object)
	if err != nil {
		return fmt.Errorf("looking for the object of a session: %w", err)
	}
	if arrived && src.upload != "" { // by an event that was lost
		up, err := s.readUpload(ctx, workspace, src.upload)
		if err == nil {
			err = s.countArrived(ctx, workspace, up)
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	if arrived {
		return s.again(ctx, workspace, id, queue.Ingest, Failure{ParseError,
			"the file could not be read, although it was tried several times"})
	}
	return s.awaitObject(ctx, workspace, id, src)
}

func (s *Service) awaitObject(ctx context.Context, workspace, id string, src source) error {
	up, err := s.readUpload(ctx, workspace, src.upload)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if err != nil || s.now().After(up.ExpiresAt.Add(uploadGrace)) {
		return s.Fail(ctx, workspace, id, Failure{UploadExpired,
			"no file arrived within an hour after the upload's URL had expired"})
	}
	_, err = s.update(ctx, workspace, id, nil, func(h *head) ([]table.Op, error) {
		if h.status == InProgress {
			h.due = nextObjectLook(h.started, s.now())
			if end := up.ExpiresAt.Add(uploadGrace + time.Millisecond); h.due.After(end) {
				h.due = end
			}
		}
		return nil, nil
	})
	return err
}

// nextObjectLook is 1, 2, 4, 8 … minutes after a session began to wait for its
// object, whichever is next. The object's arrival sends a job: looking for it is
// for the one that was lost.
func nextObjectLook(begun, now time.Time) time.Time {
	wait := objectWait
	for !begun.Add(wait).After(now) {
		wait *= 2
	}
	return begun.Add(wait)
}

// again sends a session's job once more and waits longer for it, or gives up
// after maxAttempts with the reason.
func (s *Service) again(ctx context.Context, workspace, id string, job queue.Name, reason Failure) error {
	sess, err := s.update(ctx, workspace, id, nil, func(h *head) ([]table.Op, error) {
		switch {
		case h.status.Terminal():
		case h.attempts >= maxAttempts:
			h.status, h.failure = Failed, &reason
		default:
			h.attempts++
			h.due = s.now().Add(waitFor(job, h.attempts))
		}
		return nil, nil
	})
	if err == nil && !sess.Status.Terminal() {
		s.send(ctx, job, Job{Workspace: workspace, Session: id})
	}
	return err
}
