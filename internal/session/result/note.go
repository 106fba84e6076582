package result

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"griot/internal/blob"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

// Notes are what a job that may come back has done so far, by names of its own.
// They are objects beside the session's and go with it.

func jobNotes(sess session.Session) string { return session.ObjectPrefix(sess.Ref()) + "notes/" }

// maxNote is the most bytes of one note.
const maxNote = 8 << 20

// Note returns a note of a session; found is false when there is none.
func (s *Service) Note(ctx context.Context, sess session.Session, name string) (data []byte, found bool, err error) {
	body, _, err := s.Sessions.Blobs.Get(ctx, jobNotes(sess)+name)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("opening a note: %w", err)
	}
	defer body.Close()
	if data, err = io.ReadAll(io.LimitReader(body, maxNote)); err != nil {
		return nil, false, fmt.Errorf("reading a note: %w", err)
	}
	return data, true, nil
}

// PutNote keeps a note, unless the session was deleted meanwhile: then nobody
// would remove it.
func (s *Service) PutNote(ctx context.Context, sess session.Session, name string, data []byte) error {
	if err := s.put(ctx, jobNotes(sess)+name, bytes.NewReader(data), int64(len(data))); err != nil {
		return err
	}
	_, err := s.Sessions.DiscardIfDeleted(ctx, sess.Ref(), jobNotes(sess)+name)
	return err
}

// DeleteNote removes one note, if it is there.
func (s *Service) DeleteNote(ctx context.Context, sess session.Session, name string) error {
	if err := s.Sessions.Blobs.Delete(ctx, jobNotes(sess)+name); err != nil {
		return fmt.Errorf("removing a note: %w", err)
	}
	return nil
}

// DeleteNotes removes all notes of a session.
func (s *Service) DeleteNotes(ctx context.Context, sess session.Session) error {
	return s.Sessions.RemoveBelow(ctx, jobNotes(sess))
}

// removeLeft removes what a job has written beside a session whose deletion was
// done by then, if it ended before it saw that. While a deletion is under way
// all there is belongs on its receipt.
func (s *Service) removeLeft(ctx context.Context, j task.Message) error {
	if gone, _, err := s.Sessions.Gone(ctx, j.Ref()); err != nil || !gone {
		return err
	}
	return s.Sessions.RemoveBelow(ctx, session.ObjectPrefix(j.Ref()))
}

// Postpone has the sweeper send the job of a session that [Service.ToExtract]
// returned again after a while, because the model is unavailable. It counts as an
// attempt.
func (s *Service) Postpone(ctx context.Context, sess session.Session, after time.Duration) error {
	return s.postpone(ctx, sess, func(h *session.Head) { h.Due, h.PutOff = s.Sessions.Time().Add(after), 1 })
}

// Continue has such a job sent again at once: it has done a part of its work, so
// the attempts so far no longer count.
func (s *Service) Continue(ctx context.Context, sess session.Session) error {
	return s.postpone(ctx, sess, func(h *session.Head) { h.Due, h.Attempts, h.PutOff = s.Sessions.Time(), 0, 0 })
}

func (s *Service) postpone(ctx context.Context, sess session.Session, change func(*session.Head)) error {
	_, err := s.Sessions.Update(ctx, sess.Ref(), nil, func(h *session.Head) ([]table.Op, error) {
		if h.StillWanted(sess) {
			change(h)
		}
		return nil, nil
	})
	return session.IgnoreGone(err)
}
