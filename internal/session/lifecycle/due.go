package lifecycle

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
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

// Looks returns who looks after what is due of sessions: scheduled ones are
// started, idle ones ended, lost jobs sent again, what can no longer finish
// fails, what has been kept long enough is deleted, and an upload that nobody
// took is removed.
func (s *Service) Looks() task.Looks {
	return task.Looks{id.Session: s.look, id.Upload: s.Uploads.ForgetUpload}
}

// look does what a session's due row calls for. A row that the head does not
// know is left over from nothing we do, and removed.
func (s *Service) look(ctx context.Context, ref record.Ref, at time.Time) error {
	item, err := s.Sessions.Table.Get(ctx, session.HeadKey(ref), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading the head of a due session: %w", err)
	}
	h := session.HeadOf(item)
	if !item.Found() || !h.Due.Equal(at) {
		return task.Drop(ctx, s.Sessions.Table, ref, at)
	}
	return session.IgnoreGone(s.wake(ctx, ref, h))
}

func (s *Service) wake(ctx context.Context, ref record.Ref, h session.Head) error {
	switch {
	case h.Status == session.Deleted:
		return s.wakePurge(ctx, ref, h)
	case h.Status == session.Scheduled:
		_, err := s.Sessions.Update(ctx, ref, nil, func(*session.Head) ([]table.Op, error) { return nil, nil })
		return err
	case h.Status == session.InProgress && h.Source == session.SourceLive:
		return s.wakeIdle(ctx, ref)
	case h.Status == session.InProgress && h.Recording.Pending():
		return s.Recordings.WakeRecording(ctx, ref, h)
	case h.Status == session.InProgress:
		return s.wakeReading(ctx, ref)
	case h.Status == session.Processing:
		return s.again(ctx, ref, task.Extract, session.Failure{Code: session.ExtractionFailed, Message: "the transcript is kept, but its extraction failed too often"})
	case h.Wish != session.Wish{}:
		return s.Results.WakeWish(ctx, ref)
	case h.Unbridged > 0:
		return s.Results.WakeBridge(ctx, ref)
	case h.Recording.Left > 0:
		return s.Recordings.WakeStop(ctx, ref)
	}
	if d, shorter := h.FileKept(s.Sessions.KeepMedia); shorter {
		return s.Uploads.DropFile(ctx, ref, h.Status == session.Failed, d)
	}
	_, err := s.beginDelete(ctx, ref, audit.Retention)
	return err
}

// wakeIdle ends a live session that nobody has added to for a day.
func (s *Service) wakeIdle(ctx context.Context, ref record.Ref) error {
	sess, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		switch {
		case h.Status != session.InProgress:
		case h.IdleAt().After(s.Sessions.Time()):
			h.Due = h.IdleAt()
		case h.LastSeq == 0:
			h.Status = session.Failed
			h.Failure = &session.Failure{Code: session.CaptureAbandoned, Message: "nothing was said for 24 hours after the start"}
		default:
			s.Sessions.EndCapture(h)
		}
		return nil, nil
	})
	if err == nil && sess.Status == session.Processing {
		s.Sessions.Jobs.Send(ctx, task.Extract, task.Of(ref))
	}
	return err
}

// wakeReading sends the job again that reads an upload session's bytes, or
// waits on for the object, or gives up on it.
func (s *Service) wakeReading(ctx context.Context, ref record.Ref) error {
	src, err := s.Sessions.ReadOrigin(ctx, ref)
	if err != nil {
		return err
	}
	if src.URL != "" && src.Object == "" {
		return s.again(ctx, ref, task.FetchURL, session.Failure{Code: session.URLUnreachable, Message: "upload_url could not be fetched"})
	}
	arrived, err := blob.Exists(ctx, s.Sessions.Blobs, src.Object)
	if err != nil {
		return fmt.Errorf("looking for the object of a session: %w", err)
	}
	if arrived && src.Upload != "" { // by an event that was lost
		up, err := s.Uploads.ReadUpload(ctx, record.In(ref.Workspace, src.Upload))
		if err == nil {
			err = s.Uploads.CountArrived(ctx, ref.Workspace, up)
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	if arrived {
		return s.again(ctx, ref, task.ReadFile, session.Failure{Code: session.ParseError, Message: "the file could not be read, although it was tried several times"})
	}
	return s.Uploads.AwaitObject(ctx, ref, src)
}

// again sends a session's job once more and waits longer for it, or gives up
// after its last attempt, with the reason.
func (s *Service) again(ctx context.Context, ref record.Ref, work task.Kind, reason session.Failure) error {
	sess, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		switch {
		case h.Status.Terminal():
		case work.Exhausted(h.Attempts):
			h.Status, h.Failure = session.Failed, &reason
		default:
			h.SendAgain(work, s.Sessions.Time())
		}
		return nil, nil
	})
	if err == nil && !sess.Status.Terminal() {
		s.Sessions.Jobs.Send(ctx, work, task.Of(ref))
	}
	return err
}
