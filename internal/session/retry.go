package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Retry takes a failed session up again where it failed: its extraction, or
// the reading of its file, which has to be there still. It is the only way out
// of a final state.
func (s *Service) Retry(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Session{}, err
	}
	sess, err := s.get(ctx, of(p, id))
	if err != nil {
		return Session{}, err
	}
	src, kept := source{}, false
	if sess.Source == SourceUpload {
		if src, kept, err = s.keptFile(ctx, of(p, id)); err != nil {
			return Session{}, err
		}
	}
	sess, err = s.update(ctx, of(p, id), claim, func(h *head) ([]table.Op, error) {
		if h.status != Failed {
			return nil, errs.New(errs.Conflict, "the session is %s: only a failed one can be tried again", h.status)
		}
		return nil, h.retry(kept)
	})
	if err != nil {
		return Session{}, err
	}
	if sess.Status == Processing {
		s.Jobs.Send(ctx, task.Extract, task.Of(of(p, id)))
	} else {
		s.sendRead(ctx, sess.Ref(), src)
	}
	return sess, nil
}

// retry makes a failed head one that goes on; kept says that its file is there.
func (h *head) retry(kept bool) error {
	switch {
	case h.failure.Code == ExtractionFailed:
		h.status = Processing
	case h.source == SourceLive:
		return errs.New(errs.Conflict, "nothing was said in the session: there is nothing to try again")
	case !kept:
		return errs.New(errs.Conflict, "the session's file is not kept any more: upload it again")
	default: // an engine that is still at the attempt before is stopped beside this one
		h.status, h.recording = InProgress, recording{Attempt: h.recording.Attempt, Left: h.recording.Left}
	}
	h.failure = nil
	return nil
}

// keptFile returns where the file of a session is, and whether it is there.
func (s *Service) keptFile(ctx context.Context, ref record.Ref) (src source, kept bool, err error) {
	if src, err = s.readSource(ctx, ref); err != nil || src.object == "" {
		return src, false, err
	}
	info, err := s.Blobs.Stat(ctx, src.object)
	if errors.Is(err, blob.ErrNotFound) {
		return src, false, nil
	}
	if err != nil {
		return src, false, fmt.Errorf("looking at the file of a session: %w", err)
	}
	return src, src.etag == "" || src.etag == info.ETag, nil
}

// failedFileKept is how long the file of a failed session is there for a retry
// (contract F3).
const failedFileKept = 7 * 24 * time.Hour

// kept is how long a session that is over is kept.
func (h head) kept() time.Duration {
	if h.retention > 0 {
		return time.Duration(h.retention) * 24 * time.Hour
	}
	return retention
}

// fileKept is how long the file of a session that is over is kept, where that
// is shorter than the session is, and not over.
func (h head) fileKept(media time.Duration) (d time.Duration, shorter bool) {
	switch {
	case h.source != SourceUpload || h.fileGone > 0:
		return 0, false
	case h.status == Failed:
		d = failedFileKept
	case h.status == Completed && h.recording.Kind != "":
		d = media
	}
	return d, d > 0 && d < h.kept()
}

// dropFile removes the file of a session that is over, and waits for the end of
// the session itself.
func (s *Service) dropFile(ctx context.Context, ref record.Ref, failed bool, after time.Duration) error {
	src, kept, err := s.keptFile(ctx, ref)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if kept {
		if err := s.Blobs.Delete(ctx, src.object); err != nil {
			return fmt.Errorf("removing the file of a session: %w", err)
		}
	}
	if err := s.uncountFile(ctx, ref, src); err != nil {
		return err
	}
	if failed { // what its engine had answered was for a retry
		if err := s.removeBelow(ctx, keptAnswers(ref)); err != nil {
			return err
		}
	}
	_, err = s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if d, shorter := h.fileKept(s.KeepMedia); shorter && d == after {
			begin := h.updated
			if h.status == Completed {
				begin = h.ended
			}
			h.fileGone, h.due = 1, begin.Add(h.kept())
			if h.due.Before(s.now()) {
				h.due = s.now()
			}
		}
		return nil, nil
	})
	return err
}
