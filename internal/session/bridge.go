package session

import (
	"context"
	"iter"
	"time"

	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// What is yet to be done of the conversation that a completed session becomes.
const (
	passagesMissing = 1 << iota // not all of them have been added once
	resultChanged               // those that are there may rest on an earlier result
)

// toBridge notes what a result calls for, again if it took another one's place.
func (h *head) toBridge(again bool) {
	if again {
		h.unbridged |= resultChanged
	}
	if h.conversation == "" {
		h.unbridged |= passagesMissing
	}
}

// Unbridged is a completed session that is not, or not yet wholly, the
// conversation that it becomes.
type Unbridged struct {
	Session
	Result   extraction.Result
	Segments iter.Seq2[transcript.Segment, error]
	Missing  bool // passages may have to be added
	Changed  bool // what is there may rest on an earlier result
}

// Stands is the condition that Result is still the session's, for transactions
// that write what rests on it.
func (u Unbridged) Stands() table.Op {
	return table.Check(headKey(u.Ref()), table.Equal("extraction", u.extractionKey))
}

// At is when it was recorded, else when it started: event times count from it.
func (u Unbridged) At() time.Time {
	if !u.RecordedAt.IsZero() {
		return u.RecordedAt
	}
	return u.StartedAt
}

// Unbridged returns what a worker needs to make a session a conversation. It
// is false when there is nothing to do any more.
func (s *Service) Unbridged(ctx context.Context, ref record.Ref) (Unbridged, bool, error) {
	sess, err := s.get(ctx, ref)
	if err != nil || sess.unbridged == 0 {
		return Unbridged{}, false, ignoreGone(err)
	}
	sess, res, err := s.result(ctx, sess)
	if err != nil {
		return Unbridged{}, false, ignoreGone(err)
	}
	return Unbridged{
		Session: sess, Result: res, Segments: s.decoded(ctx, sess),
		Missing: sess.unbridged&passagesMissing != 0, Changed: sess.unbridged&resultChanged != 0,
	}, true, nil
}

// ignoreGone is for jobs: their session may be deleted meanwhile.
func ignoreGone(err error) error {
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// RecordConversation commits the creation of a session's conversation
// together with the session's own note of it, which only a session without
// one admits. It returns the conversation that the session has afterwards: a
// twin's when that was faster, "" when there is no session any more.
func (s *Service) RecordConversation(ctx context.Context, ref record.Ref, conversation string, ops []table.Op) (string, error) {
	sess, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if h.conversation != "" {
			return nil, nil
		}
		h.conversation = conversation
		return ops, nil
	})
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	return sess.Conversation, err
}

// Bridged notes that all of a session is in its conversation, unless another
// result has taken the place of the one that is, and removes the results before
// it.
func (s *Service) Bridged(ctx context.Context, u Unbridged) error {
	if err := s.removeResults(ctx, u.superseded); err != nil {
		return err
	}
	_, err := s.update(ctx, u.Ref(), nil, func(h *head) ([]table.Op, error) {
		if h.unbridged == 0 || h.extraction != u.extractionKey {
			return nil, nil
		}
		h.unbridged, h.superseded = 0, ""
		if h.wish == (wish{}) {
			h.attempts, h.due = 0, s.firstDue(*h)
		}
		return nil, nil
	})
	return ignoreGone(err)
}

// wakeBridge sends the job again. It is never given up: the session is
// complete, and what is missing is its place in search.
func (s *Service) wakeBridge(ctx context.Context, ref record.Ref) error {
	_, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if h.unbridged > 0 && h.wish == (wish{}) {
			h.attempts++
			h.due = s.now().Add(task.Bridge.Wait(h.attempts))
		}
		return nil, nil
	})
	if err == nil {
		s.Jobs.Send(ctx, task.Bridge, task.Of(ref))
	}
	return err
}
