package result

import (
	"context"
	"log/slog"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

// ExtractInput is the body of POST /v1/sessions/{id}/extraction.
type ExtractInput struct {
	// By whom; absent, the model where one is configured, else the rules.
	Extractor string `json:"extractor" is:"given of:rules|model"`
}

// ExtractAgain has a completed session extracted again, by one of the
// extractors; "" is the model, where nothing else is wished for already. It
// returns the result that stands until the new one takes its place, as far as
// the caller may see it. Asked again meanwhile, the last wish for another
// extractor holds.
func (s *Service) ExtractAgain(ctx context.Context, p access.Principal, sessionID string, in ExtractInput, claim *idempotency.Claim) (extraction.Result, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return extraction.Result{}, err
	}
	if err := schema.Check(in); err != nil {
		return extraction.Result{}, err
	}
	sess, err := s.Sessions.Read(ctx, session.Ref(p, sessionID))
	if err == nil {
		err = sess.Status.Extractable()
	}
	if err != nil {
		return extraction.Result{}, err
	}
	_, standing, err := s.result(ctx, sess)
	if err != nil {
		return extraction.Result{}, err
	}
	if sess.Wish.GivesWay(in.Extractor) {
		sess.PutOff = false
	}
	standing = shown(p, pending(sess, standing))
	made := session.Wish{ID: id.At("", s.Sessions.Time()), By: in.Extractor}
	if made.By == "" {
		made.By = session.ByModel
	}
	sess, err = s.Sessions.Update(ctx, session.Ref(p, sessionID), claim.Answering(standing), func(h *session.Head) ([]table.Op, error) {
		if err := h.Status.Extractable(); err != nil {
			return nil, err
		}
		if h.Wish.GivesWay(in.Extractor) {
			h.Wish, h.Missed, h.PutOff = made, 0, 0
			h.Attempts, h.Due = 0, s.Sessions.Time().Add(task.ExtractAgain.Wait(0))
		}
		return nil, nil
	})
	if err == nil && sess.Wish == made {
		s.sendWish(ctx, session.Ref(p, sessionID), made)
	}
	return standing, err
}

func (s *Service) sendWish(ctx context.Context, ref record.Ref, w session.Wish) {
	s.Sessions.Jobs.Send(ctx, task.ExtractAgain, task.Message{Workspace: ref.Workspace, Session: ref.ID, Wish: w.ID})
}

// SendNext sends the job of a wish that came while a job of an earlier one had
// the session's lease: its own found that taken, and has ended.
func (s *Service) SendNext(ctx context.Context, sess session.Session) {
	now, err := s.Sessions.Read(ctx, sess.Ref())
	switch {
	case err != nil && !errs.Is(err, errs.NotFound):
		slog.WarnContext(ctx, "whether there is another wish is not known; the sweeper looks", "session", sess.ID, "error", err)
	case err == nil && now.Wish != session.Wish{} && now.Wish != sess.Wish:
		s.sendWish(ctx, sess.Ref(), now.Wish)
	}
}

// WakeWish sends the job of a wish once more and waits longer for it, or gives
// the wish up: then the result that stands stays, and says so.
func (s *Service) WakeWish(ctx context.Context, ref record.Ref) error {
	var given bool
	sess, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		given = false
		switch {
		case h.Wish == session.Wish{}:
		case task.ExtractAgain.Exhausted(h.Attempts):
			given = true
			h.Wish, h.Missed, h.PutOff = session.Wish{}, 1, 0
			h.Attempts, h.Due = 0, s.Sessions.FirstDue(*h)
		default:
			h.SendAgain(task.ExtractAgain, s.Sessions.Time())
		}
		return nil, nil
	})
	switch {
	case err != nil:
		return err
	case given:
		slog.ErrorContext(ctx, "extracting a session again is given up: it failed too often", "session", ref.ID)
	case sess.Wish != session.Wish{}:
		s.sendWish(ctx, ref, sess.Wish)
	}
	if sess.Unbridged != 0 { // its own turn comes after the wish's
		s.Sessions.Jobs.Send(ctx, task.Bridge, task.Of(ref))
	}
	return nil
}
