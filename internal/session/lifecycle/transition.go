package lifecycle

import (
	"context"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

// Retry takes a failed session up again where it failed: its extraction, or
// the reading of its file, which has to be there still. It is the only way out
// of a final state.
func (s *Service) Retry(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (session.Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return session.Session{}, err
	}
	sess, err := s.Sessions.Read(ctx, session.Ref(p, id))
	if err != nil {
		return session.Session{}, err
	}
	src, kept := session.Origin{}, false
	if sess.Source == session.SourceUpload {
		if src, kept, err = s.Uploads.KeptFile(ctx, session.Ref(p, id)); err != nil {
			return session.Session{}, err
		}
	}
	sess, err = s.Sessions.Update(ctx, session.Ref(p, id), claim, func(h *session.Head) ([]table.Op, error) {
		if h.Status != session.Failed {
			return nil, errs.New(errs.Conflict, "the session is %s: only a failed one can be tried again", h.Status)
		}
		return nil, h.Retry(kept)
	})
	if err != nil {
		return session.Session{}, err
	}
	if sess.Status == session.Processing {
		s.Sessions.Jobs.Send(ctx, task.Extract, task.Of(session.Ref(p, id)))
	} else {
		s.Sessions.SendRead(ctx, sess.Ref(), src)
	}
	return sess, nil
}

// Cancel ends a session that is not over. What was transcribed stays;
// extraction is not run. Repeating it is harmless.
func (s *Service) Cancel(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (session.Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return session.Session{}, err
	}
	sess, err := s.Sessions.Update(ctx, session.Ref(p, id), claim, func(h *session.Head) ([]table.Op, error) {
		switch h.Status {
		case session.Cancelled:
			return nil, nil
		case session.Completed, session.Failed:
			return nil, errs.New(errs.Conflict, "the session is already %s", h.Status)
		}
		h.Status, h.Cancelled = session.Cancelled, s.Sessions.Time()
		return nil, nil
	})
	if err == nil && sess.Recording.Left > 0 {
		s.Sessions.StopNow(ctx, session.Ref(p, id))
	}
	return sess, err
}

// Complete ends the capture of a live session and hands it to extraction.
// Repeating it is harmless.
func (s *Service) Complete(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (session.Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return session.Session{}, err
	}
	sess, err := s.Sessions.Update(ctx, session.Ref(p, id), claim, func(h *session.Head) ([]table.Op, error) {
		switch {
		case h.Source == session.SourceUpload:
			return nil, errs.New(errs.Conflict, "the session reads an upload: it completes by itself")
		case h.Status == session.Processing, h.Status == session.Completed:
			return nil, nil
		case h.Status != session.InProgress:
			return nil, errs.New(errs.Conflict, "the session is %s", h.Status)
		}
		s.Sessions.EndCapture(h)
		return nil, nil
	})
	if err == nil && sess.Status == session.Processing {
		s.Sessions.Jobs.Send(ctx, task.Extract, task.Of(session.Ref(p, id)))
	}
	return sess, err
}
