package session

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
	"griot/internal/table"
	"griot/internal/task"
)

// Extractors that a client may ask for.
const (
	ByRules = "rules"
	ByModel = "model" // where there is none, or it cannot be had, the rules step in
)

// ExtractInput is the body of POST /v1/sessions/{id}/extraction.
type ExtractInput struct {
	// By whom; absent, the model where one is configured, else the rules.
	Extractor string `json:"extractor" is:"given of:rules|model"`
}

// wish is a request to extract a completed session again. The zero wish is
// none.
type wish struct {
	id string // its own, so that a job of an earlier wish does not fulfil it
	by string // ByRules, ByModel
}

// givesWay reports whether a request for an extractor, or "" for none by name,
// takes the place of the one that is open.
func (w wish) givesWay(by string) bool { return w == (wish{}) || by != "" && w.by != by }

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
	sess, err := s.get(ctx, of(p, sessionID))
	if err == nil {
		err = sess.Status.extractable()
	}
	if err != nil {
		return extraction.Result{}, err
	}
	_, standing, err := s.result(ctx, sess)
	if err != nil {
		return extraction.Result{}, err
	}
	if sess.wish.givesWay(in.Extractor) {
		sess.putOff = false
	}
	standing = shown(p, pending(sess, standing))
	made := wish{id: id.At("", s.now()), by: in.Extractor}
	if made.by == "" {
		made.by = ByModel
	}
	sess, err = s.update(ctx, of(p, sessionID), claim.Answering(standing), func(h *head) ([]table.Op, error) {
		if err := h.status.extractable(); err != nil {
			return nil, err
		}
		if h.wish.givesWay(in.Extractor) {
			h.wish, h.missed, h.putOff = made, 0, 0
			h.attempts, h.due = 0, s.now().Add(task.ExtractAgain.Wait(0))
		}
		return nil, nil
	})
	if err == nil && sess.wish == made {
		s.sendWish(ctx, of(p, sessionID), made)
	}
	return standing, err
}

// extractable refuses to extract a session again that has no result to take
// the place of.
func (s Status) extractable() error {
	switch s {
	case Completed:
		return nil
	case Processing:
		return errs.New(errs.Conflict, "the session is processing: its extraction is still under way")
	case Scheduled, InProgress:
		return errs.New(errs.Conflict, "the session is %s: it is extracted when it has ended", s)
	default:
		return errs.New(errs.Conflict, "the session is %s: only a completed one is extracted again", s)
	}
}

func (s *Service) sendWish(ctx context.Context, ref record.Ref, w wish) {
	s.Jobs.Send(ctx, task.ExtractAgain, task.Message{Workspace: ref.Workspace, Session: ref.ID, Wish: w.id})
}

// SendNext sends the job of a wish that came while a job of an earlier one had
// the session's lease: its own found that taken, and has ended.
func (s *Service) SendNext(ctx context.Context, sess Session) {
	now, err := s.get(ctx, sess.Ref())
	switch {
	case err != nil && !errs.Is(err, errs.NotFound):
		slog.WarnContext(ctx, "whether there is another wish is not known; the sweeper looks", "session", sess.ID, "error", err)
	case err == nil && now.wish != wish{} && now.wish != sess.wish:
		s.sendWish(ctx, sess.Ref(), now.wish)
	}
}

// wakeWish sends the job of a wish once more and waits longer for it, or gives
// the wish up: then the result that stands stays, and says so.
func (s *Service) wakeWish(ctx context.Context, ref record.Ref) error {
	var given bool
	sess, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		given = false
		switch {
		case h.wish == wish{}:
		case task.ExtractAgain.Exhausted(h.attempts):
			given = true
			h.wish, h.missed, h.putOff = wish{}, 1, 0
			h.attempts, h.due = 0, s.firstDue(*h)
		default:
			h.attempts++
			h.due = s.now().Add(task.ExtractAgain.Wait(h.attempts))
		}
		return nil, nil
	})
	switch {
	case err != nil:
		return err
	case given:
		slog.ErrorContext(ctx, "extracting a session again is given up: it failed too often", "session", ref.ID)
	case sess.wish != wish{}:
		s.sendWish(ctx, ref, sess.wish)
	}
	if sess.unbridged != 0 { // its own turn comes after the wish's
		s.Jobs.Send(ctx, task.Bridge, task.Of(ref))
	}
	return nil
}
