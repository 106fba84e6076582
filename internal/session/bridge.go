package session

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/queue"
	"griot/internal/table"
	"griot/internal/transcript"
)

// Unbridged is a completed session that is not, or not yet wholly, the
// conversation that it becomes.
type Unbridged struct {
	Session
	Result   extraction.Result
	Segments iter.Seq2[transcript.Segment, error]
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
func (s *Service) Unbridged(ctx context.Context, workspace, id string) (Unbridged, bool, error) {
	h, err := s.readHeadRow(ctx, workspace, id, table.Consistent)
	if err != nil || h.unbridged == 0 {
		return Unbridged{}, false, ignoreGone(err)
	}
	sess, err := s.get(ctx, workspace, id)
	if err != nil {
		return Unbridged{}, false, ignoreGone(err)
	}
	u := Unbridged{Session: sess, Segments: s.decoded(ctx, sess)}
	body, _, err := s.Blobs.Get(ctx, sess.extractionKey)
	if err != nil {
		return Unbridged{}, false, fmt.Errorf("opening the candidates: %w", err)
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(&u.Result); err != nil {
		return Unbridged{}, false, fmt.Errorf("decoding the candidates: %w", err)
	}
	return u, true, nil
}

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
func (s *Service) RecordConversation(ctx context.Context, workspace, id, conversation string, ops []table.Op) (string, error) {
	sess, err := s.update(ctx, workspace, id, nil, func(h *head) ([]table.Op, error) {
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

// Bridged notes that all of a session is in its conversation.
func (s *Service) Bridged(ctx context.Context, workspace, id string) error {
	_, err := s.update(ctx, workspace, id, nil, func(h *head) ([]table.Op, error) {
		if h.unbridged > 0 {
			h.unbridged, h.attempts = 0, 0
			h.due = s.firstDue(*h)
		}
		return nil, nil
	})
	return ignoreGone(err)
}

// wakeBridge sends the job again. It is never given up: the session is
// complete, and what is missing is its place in search.
func (s *Service) wakeBridge(ctx context.Context, workspace, id string) error {
	_, err := s.update(ctx, workspace, id, nil, func(h *head) ([]table.Op, error) {
		if h.unbridged > 0 {
			h.attempts++
			h.due = s.now().Add(waitFor(queue.Bridge, min(h.attempts, maxAttempts)))
		}
		return nil, nil
	})
	if err == nil {
		s.sendBridge(ctx, workspace, id)
	}
	return err
}
