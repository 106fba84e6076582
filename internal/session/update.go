package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/budget"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Change edits a head that was just read. It returns further operations for
// the same transaction; leaving the head as it is means that nothing is to be
// done.
type Change func(h *Head) ([]table.Op, error)

// Update applies a change to a session in one transaction with its due row
// and the claim's record. Conflicts read again; a session that is not there
// or is being deleted is NotFound.
func (s *Store) Update(ctx context.Context, ref record.Ref, claim *idempotency.Claim, fn Change) (Session, error) {
	m, err := s.readInfo(ctx, ref)
	if err != nil {
		return Session{}, err
	}
	done, err := s.Turns.Take(ctx, ref)
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

func (s *Store) tryUpdate(ctx context.Context, ref record.Ref, m Info, claim *idempotency.Claim, fn Change) (Session, error) {
	old, err := s.ReadHead(ctx, ref, table.Consistent)
	if err != nil {
		return Session{}, err
	}
	next := old.StartIfDue(s.Time())
	ops, err := fn(&next)
	if err != nil {
		return Session{}, err
	}
	if next == old && len(ops) == 0 {
		sess := build(ref, m, next)
		return sess, claim.Store(ctx, s.Table, sess, HeadKey(ref))
	}
	next.Updated = s.Time()
	if next.Status != old.Status {
		ops = append(ops, s.settleRecording(&next, ref.Workspace)...)
		next.Due, next.Attempts, next.PutOff = s.FirstDue(next), 0, 0
	}
	counted, err := s.count(ctx, ref, old, &next)
	if err != nil {
		return Session{}, err
	}
	sess := build(ref, m, next)
	return sess, s.Commit(ctx, ref, old, next, append(counted, ops...), claim, sess)
}

// Commit writes the next revision of a head that was read as old, in one
// transaction with its due row, with all that the change brings along, and with
// the answer that the claim stores, which says result. Heads are replaced here
// and nowhere else. It is record.ErrStale where another writer of the head was
// faster, or of the quota; other conditions that fail stay what they are.
func (s *Store) Commit(ctx context.Context, ref record.Ref, old, next Head, ops []table.Op, claim *idempotency.Claim, result any) error {
	return s.commit(ctx, ref, old, next.Attrs(), append(task.Move(ref, old.Due, next.Due), ops...), claim, result)
}

// Bury leaves a tombstone that expires in place of one whose deletion was carried
// out, in one transaction with what closes the receipt.
func (s *Store) Bury(ctx context.Context, ref record.Ref, tomb Head, closed table.Op) error {
	now := s.Time()
	last := Head{Status: Deleted, Source: tomb.Source, Duration: -1, Deletion: tomb.Deletion, Updated: now}
	ops := append(task.Move(ref, tomb.Due, time.Time{}), closed)
	return s.commit(ctx, ref, tomb, record.Expire(last.Attrs(), now), ops, nil, nil)
}

func (s *Store) commit(ctx context.Context, ref record.Ref, old Head, attrs table.Attrs, ops []table.Op, claim *idempotency.Claim, result any) error {
	head := record.Head{Key: HeadKey(ref), Rev: old.Rev}
	err := head.Commit(ctx, s.Table, head.Replace(attrs), ops, claim, result)
	switch {
	case err == nil || errors.Is(err, record.ErrStale):
		return err
	case quota.Contested(err):
		return record.ErrStale
	}
	return fmt.Errorf("writing the session: %w", err)
}

// EndCapture moves a live session on to processing. The printed times have
// whole seconds, and the duration is their difference (contract D 5).
func (s *Store) EndCapture(h *Head) {
	h.Ended = s.Time()
	if h.Ended.Before(h.Started) {
		h.Ended = h.Started
	}
	h.Status = Processing
	h.Duration = h.Ended.Unix() - h.Started.Unix()
}

// Fail ends a session with a reason, unless it is over.
func (s *Store) Fail(ctx context.Context, ref record.Ref, f Failure) error {
	sess, err := s.Update(ctx, ref, nil, func(h *Head) ([]table.Op, error) {
		if !h.Status.Terminal() {
			h.Status, h.Failure = Failed, &f
		}
		return nil, nil
	})
	if err == nil && sess.Recording.Left > 0 {
		s.StopNow(ctx, ref)
	}
	return err
}

// settleRecording updates the recording of a session whose status changes: its
// words are there, or nobody waits for them any more. It returns the writes that
// belong into the same transaction.
func (s *Store) settleRecording(h *Head, workspace string) (ops []table.Op) {
	if !h.Recording.Pending() {
		if h.Status == Cancelled && h.Recording.Status == "" && h.Recording.Attempt > 0 { // as it was tried again
			h.Recording.leaves() // for what the attempts before were answered
		}
		return nil
	}
	switch {
	case h.Status == Processing:
		h.Recording.Status = EngineDone
		if h.Recording.Started == 0 { // nobody looked while it was at it
			h.Recording.Started = h.Recording.Asked
		}
	case h.Status.Terminal():
		h.Recording.Status = EngineFailed
		h.Recording.leaves()
		ops = s.GiveBack(h, workspace)
	default:
		return nil
	}
	h.Recording.Ended = s.Time().UnixMilli()
	return ops
}

// GiveBack returns the write by which a recording that no engine was asked for
// gives its minutes back. Nobody asks for those of a day that is over.
func (s *Store) GiveBack(h *Head, workspace string) (ops []table.Op) {
	r := &h.Recording
	if r.Day == 0 || r.Asks > 0 {
		return nil
	}
	if day := UnixMilli(r.Day); !day.Before(budget.Day(s.Time())) {
		ops = append(ops, budget.GiveBack(workspace, day, r.Seconds))
	}
	r.Day, r.Seconds = 0, 0
	return ops
}

// count returns what a change of a session counts, and notes it in the head. Only
// one that is over and is opened again needs room for it. A session of before
// there were quotas is counted at its next step.
func (s *Store) count(ctx context.Context, ref record.Ref, old Head, next *Head) ([]table.Op, error) {
	if next.Status == old.Status {
		return nil, nil
	}
	next.Open = 1
	if next.Status.Terminal() {
		next.Open, next.Said = 0, next.TextBytes
	}
	amounts := []quota.Amount{
		{Counter: quota.Open, N: next.Open - old.Open}, {Counter: quota.Stored, N: next.Said - old.Said},
	}
	if !old.Status.Terminal() {
		return s.Quotas().Change(ref.Workspace, ref.ID, amounts...), nil
	}
	op, err := s.Quotas().Take(ctx, ref.Workspace, ref.ID, amounts[0])
	return []table.Op{op}, err
}

// Uncount gives back what a session has that is deleted; its file counts until
// it is removed.
func (s *Store) Uncount(ref record.Ref, h Head) []table.Op {
	return s.Quotas().Change(ref.Workspace, ref.ID,
		quota.Amount{Counter: quota.Open, N: -h.Open}, quota.Amount{Counter: quota.Stored, N: -h.Said})
}

// Every session that is not finally gone has exactly one due row, and so has
// every upload that no session has taken. It is the
// time by which somebody has to look after the session if nothing happens
// until then, and it moves in the transactions that change the session.
const (
	idleAfter = 24 * time.Hour           // a live session without appends (contract E)
	retention = 2 * 365 * 24 * time.Hour // contract D 22
)

// FirstDue is the due time of a session that has just come into its state.
func (s *Store) FirstDue(h Head) time.Time {
	switch {
	case h.Status == Scheduled:
		return h.scheduled
	case h.Status == InProgress && h.Source == SourceLive:
		return h.IdleAt()
	case h.Status == Deleted:
		return s.Time().Add(task.PurgeSession.Wait(0))
	case h.Status == InProgress:
		return s.Time().Add(task.ReadFile.Wait(0))
	case h.Status == Processing:
		return s.Time().Add(task.Extract.Wait(0))
	case h.Unbridged > 0:
		return s.Time().Add(task.Bridge.Wait(0))
	case h.Recording.Left > 0:
		return s.Time().Add(task.StopEngine.Wait(0))
	}
	begin := s.Time()
	if h.Status == Completed { // whatever was done with it since
		begin = h.Ended
	}
	if d, shorter := h.FileKept(s.KeepMedia); shorter {
		return begin.Add(d)
	}
	return begin.Add(h.Kept())
}
