package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/audit"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Every session that is not finally gone has exactly one due row, and so has
// every upload that no session has taken. It is the
// time by which somebody has to look after the session if nothing happens
// until then, and it moves in the transactions that change the session.
const (
	idleAfter = 24 * time.Hour           // a live session without appends (contract E)
	retention = 2 * 365 * 24 * time.Hour // contract D 22
)

// firstDue is the due time of a session that has just come into its state.
func (s *Service) firstDue(h head) time.Time {
	switch {
	case h.status == Scheduled:
		return h.scheduled
	case h.status == InProgress && h.source == SourceLive:
		return h.idleAt()
	case h.status == deleted:
		return s.now().Add(task.PurgeSession.Wait(0))
	case h.status == InProgress:
		return s.now().Add(task.ReadFile.Wait(0))
	case h.status == Processing:
		return s.now().Add(task.Extract.Wait(0))
	case h.unbridged > 0:
		return s.now().Add(task.Bridge.Wait(0))
	case h.recording.Left > 0:
		return s.now().Add(task.StopEngine.Wait(0))
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
func (s *Service) Looks() task.Looks {
	return task.Looks{id.Session: s.look, id.Upload: s.forgetUpload}
}

// look does what a session's due row calls for. A row that the head does not
// know is left over from nothing we do, and removed.
func (s *Service) look(ctx context.Context, ref record.Ref, at time.Time) error {
	item, err := s.Table.Get(ctx, headKey(ref), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading the head of a due session: %w", err)
	}
	h := readHead(item)
	if !item.Found() || !h.due.Equal(at) {
		return task.Drop(ctx, s.Table, ref, at)
	}
	return ignoreGone(s.wake(ctx, ref, h))
}

func (s *Service) wake(ctx context.Context, ref record.Ref, h head) error {
	switch {
	case h.status == deleted:
		return s.wakePurge(ctx, ref, h)
	case h.status == Scheduled:
		_, err := s.update(ctx, ref, nil, func(*head) ([]table.Op, error) { return nil, nil })
		return err
	case h.status == InProgress && h.source == SourceLive:
		return s.wakeIdle(ctx, ref)
	case h.status == InProgress && h.recording.waits():
		return s.wakeRecording(ctx, ref, h)
	case h.status == InProgress:
		return s.wakeReading(ctx, ref)
	case h.status == Processing:
		return s.again(ctx, ref, task.Extract, Failure{Code: ExtractionFailed, Message: "the transcript is kept, but its extraction failed too often"})
	case h.wish != wish{}:
		return s.wakeWish(ctx, ref)
	case h.unbridged > 0:
		return s.wakeBridge(ctx, ref)
	case h.recording.Left > 0:
		return s.wakeStop(ctx, ref)
	}
	if d, shorter := h.fileKept(s.KeepMedia); shorter {
		return s.dropFile(ctx, ref, h.status == Failed, d)
	}
	_, err := s.beginDelete(ctx, ref, audit.Retention)
	return err
}

// wakeIdle ends a live session that nobody has added to for a day.
func (s *Service) wakeIdle(ctx context.Context, ref record.Ref) error {
	sess, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		switch {
		case h.status != InProgress:
		case h.idleAt().After(s.now()):
			h.due = h.idleAt()
		case h.lastSeq == 0:
			h.status = Failed
			h.failure = &Failure{Code: CaptureAbandoned, Message: "nothing was said for 24 hours after the start"}
		default:
			s.endCapture(h)
		}
		return nil, nil
	})
	if err == nil && sess.Status == Processing {
		s.Jobs.Send(ctx, task.Extract, task.Of(ref))
	}
	return err
}

// wakeReading sends the job again that reads an upload session's bytes, or
// waits on for the object, or gives up on it.
func (s *Service) wakeReading(ctx context.Context, ref record.Ref) error {
	src, err := s.readSource(ctx, ref)
	if err != nil {
		return err
	}
	if src.url != "" && src.object == "" {
		return s.again(ctx, ref, task.FetchURL, Failure{Code: URLUnreachable, Message: "upload_url could not be fetched"})
	}
	arrived, err := blob.Exists(ctx, s.Blobs, src.object)
	if err != nil {
		return fmt.Errorf("looking for the object of a session: %w", err)
	}
	if arrived && src.upload != "" { // by an event that was lost
		up, err := s.readUpload(ctx, record.In(ref.Workspace, src.upload))
		if err == nil {
			err = s.countArrived(ctx, ref.Workspace, up)
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	if arrived {
		return s.again(ctx, ref, task.ReadFile, Failure{Code: ParseError, Message: "the file could not be read, although it was tried several times"})
	}
	return s.awaitObject(ctx, ref, src)
}

func (s *Service) awaitObject(ctx context.Context, ref record.Ref, src source) error {
	up, err := s.readUpload(ctx, record.In(ref.Workspace, src.upload))
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if err != nil || s.now().After(up.ExpiresAt.Add(uploadGrace)) {
		return s.Fail(ctx, ref, Failure{Code: UploadExpired, Message: "no file arrived within an hour after the upload's URL had expired"})
	}
	_, err = s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
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
	wait := task.ReadFile.Wait(0)
	for !begun.Add(wait).After(now) {
		wait *= 2
	}
	return begun.Add(wait)
}

// again sends a session's job once more and waits longer for it, or gives up
// after its last attempt, with the reason.
func (s *Service) again(ctx context.Context, ref record.Ref, work task.Kind, reason Failure) error {
	sess, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		switch {
		case h.status.Terminal():
		case work.Exhausted(h.attempts):
			h.status, h.failure = Failed, &reason
		default:
			h.attempts++
			h.due = s.now().Add(work.Wait(h.attempts))
		}
		return nil, nil
	})
	if err == nil && !sess.Status.Terminal() {
		s.Jobs.Send(ctx, work, task.Of(ref))
	}
	return err
}
