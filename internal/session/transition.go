package session

import (
	"context"
	"fmt"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// change edits a head that was just read. It returns further operations for
// the same transaction; leaving the head as it is means that nothing is to be
// done.
type change func(h *head) ([]table.Op, error)

// update applies a change to a session in one transaction with its due row
// and the claim's record. Conflicts read again; a session that is not there
// or is being deleted is NotFound.
func (s *Service) update(ctx context.Context, ref record.Ref, claim *idempotency.Claim, fn change) (Session, error) {
	m, err := s.readMetaRow(ctx, ref)
	if err != nil {
		return Session{}, err
	}
	done, err := s.Turns.take(ctx, ref)
	if err != nil {
		return Session{}, err
	}
	defer done()
	var sess Session
	err = record.Change(ctx, record.Tries, func() error {
		sess, err = s.tryUpdate(ctx, ref, m, claim, fn)
		return err
	})
	return sess, err
}

func (s *Service) tryUpdate(ctx context.Context, ref record.Ref, m meta, claim *idempotency.Claim, fn change) (Session, error) {
	old, err := s.readHeadRow(ctx, ref, table.Consistent)
	if err != nil {
		return Session{}, err
	}
	next := old.startIfDue(s.now())
	ops, err := fn(&next)
	if err != nil {
		return Session{}, err
	}
	if next == old && len(ops) == 0 {
		sess := build(ref, m, next)
		return sess, claim.Store(ctx, s.Table, sess, headKey(ref))
	}
	return s.commit(ctx, ref, m, old, next, ops, claim)
}

// commit writes a new head over an old one, with the due row that belongs to
// its status and all that the change brings along.
func (s *Service) commit(ctx context.Context, ref record.Ref, m meta, old, next head, extra []table.Op, claim *idempotency.Claim) (Session, error) {
	next.rev, next.updated = old.rev+1, s.now()
	if next.status != old.status {
		extra = append(extra, s.settleRecording(&next, ref.Workspace)...)
		next.due, next.attempts, next.putOff = s.firstDue(next), 0, 0
	}
	counted, err := s.count(ctx, ref, old, &next)
	if err != nil {
		return Session{}, err
	}
	sess := build(ref, m, next)
	ops := []table.Op{table.Put(headKey(ref), next.attrs(), table.Equal("rev", old.rev))}
	ops = append(ops, counted...)
	ops = append(ops, task.Move(ref, old.due, next.due)...)
	ops = append(ops, extra...)
	claimed, err := claim.Ops(sess, headKey(ref))
	if err != nil {
		return Session{}, err
	}
	return sess, lost(s.Table.Transact(ctx, append(ops, claimed...)), headKey(ref))
}

// lost names the failed condition of the head itself, or of the quota; other conditions (a
// claim's) stay what they are.
func lost(err error, key table.Key) error {
	if failed := table.Failed(err); failed != nil && (failed.Index == 0 || failed.Old.Key == key || quota.Contested(err)) {
		return record.ErrStale
	}
	if err != nil {
		return fmt.Errorf("writing the session: %w", err)
	}
	return nil
}

// Cancel ends a session that is not over. What was transcribed stays;
// extraction is not run. Repeating it is harmless.
func (s *Service) Cancel(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Session{}, err
	}
	sess, err := s.update(ctx, of(p, id), claim, func(h *head) ([]table.Op, error) {
		switch h.status {
		case Cancelled:
			return nil, nil
		case Completed, Failed:
			return nil, errs.New(errs.Conflict, "the session is already %s", h.status)
		}
		h.status, h.cancelled = Cancelled, s.now()
		return nil, nil
	})
	if err == nil && sess.recording.Left > 0 {
		s.StopNow(ctx, of(p, id))
	}
	return sess, err
}

// Complete ends the capture of a live session and hands it to extraction.
// Repeating it is harmless.
func (s *Service) Complete(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Session{}, err
	}
	sess, err := s.update(ctx, of(p, id), claim, func(h *head) ([]table.Op, error) {
		switch {
		case h.source == SourceUpload:
			return nil, errs.New(errs.Conflict, "the session reads an upload: it completes by itself")
		case h.status == Processing, h.status == Completed:
			return nil, nil
		case h.status != InProgress:
			return nil, errs.New(errs.Conflict, "the session is %s", h.status)
		}
		s.endCapture(h)
		return nil, nil
	})
	if err == nil && sess.Status == Processing {
		s.Jobs.Send(ctx, task.Extract, task.Of(of(p, id)))
	}
	return sess, err
}

// endCapture moves a live session on to processing. The printed times have
// whole seconds, and the duration is their difference (contract D 5).
func (s *Service) endCapture(h *head) {
	h.ended = s.now()
	if h.ended.Before(h.started) {
		h.ended = h.started
	}
	h.status = Processing
	h.duration = h.ended.Unix() - h.started.Unix()
}
