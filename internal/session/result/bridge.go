package result

import (
	"context"
	"iter"
	"time"

	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/queue"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// Unbridged is a completed session that is not, or not yet wholly, the
// conversation that it becomes.
type Unbridged struct {
	session.Session
	Result   extraction.Result
	Segments iter.Seq2[transcript.Segment, error]
	Missing  bool // passages may have to be added
	Changed  bool // what is there may rest on an earlier result
}

// Stands is the condition that Result is still the session's, for transactions
// that write what rests on it.
func (u Unbridged) Stands() table.Op {
	return table.Check(session.HeadKey(u.Ref()), table.Equal("extraction", u.ExtractionKey))
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
	sess, err := s.Sessions.Read(ctx, ref)
	if err != nil || sess.Unbridged == 0 {
		return Unbridged{}, false, session.IgnoreGone(err)
	}
	sess, res, err := s.result(ctx, sess)
	if err != nil {
		return Unbridged{}, false, session.IgnoreGone(err)
	}
	return Unbridged{
		Session: sess, Result: res, Segments: s.Capture.Decoded(ctx, sess),
		Missing: sess.Unbridged&session.PassagesMissing != 0, Changed: sess.Unbridged&session.ResultChanged != 0,
	}, true, nil
}

// RecordConversation commits the creation of a session's conversation
// together with the session's own note of it, which only a session without
// one admits. It returns the conversation that the session has afterwards: a
// twin's when that was faster, "" when there is no session any more.
func (s *Service) RecordConversation(ctx context.Context, ref record.Ref, conversation string, ops []table.Op) (string, error) {
	sess, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if h.Conversation != "" {
			return nil, nil
		}
		h.Conversation = conversation
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
	if err := s.removeResults(ctx, u.Superseded); err != nil {
		return err
	}
	_, err := s.Sessions.Update(ctx, u.Ref(), nil, func(h *session.Head) ([]table.Op, error) {
		if h.Unbridged == 0 || h.ExtractionKey != u.ExtractionKey {
			return nil, nil
		}
		h.Unbridged, h.Superseded = 0, ""
		if h.Wish == (session.Wish{}) {
			h.Attempts, h.Due = 0, s.Sessions.FirstDue(*h)
		}
		return nil, nil
	})
	return session.IgnoreGone(err)
}

// WakeBridge sends the job again. It is never given up: the session is
// complete, and what is missing is its place in search.
func (s *Service) WakeBridge(ctx context.Context, ref record.Ref) error {
	_, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if h.Unbridged > 0 && h.Wish == (session.Wish{}) {
			h.SendAgain(task.Bridge, s.Sessions.Time())
		}
		return nil, nil
	})
	if err == nil {
		s.Sessions.Jobs.Send(ctx, task.Bridge, task.Of(ref))
	}
	return err
}

// bridges reports whether completed sessions become conversations: on a host
// that has a queue for it.
func (s *Service) bridges() bool { return s.Sessions.Jobs[queue.Bridge] != nil }
