package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/table"
	"griot/internal/task"
)

// Notes are what a job that may come back has done so far, by names of its own.
// They are objects beside the session's and go with it.

func jobNotes(sess Session) string { return objectPrefix(sess.Ref()) + "notes/" }

// maxNote is the most bytes of one note.
const maxNote = 8 << 20

// Note returns a note of a session; found is false when there is none.
func (s *Service) Note(ctx context.Context, sess Session, name string) (data []byte, found bool, err error) {
	body, _, err := s.Blobs.Get(ctx, jobNotes(sess)+name)
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
func (s *Service) PutNote(ctx context.Context, sess Session, name string, data []byte) error {
	if err := s.put(ctx, jobNotes(sess)+name, bytes.NewReader(data), int64(len(data))); err != nil {
		return err
	}
	_, err := s.disown(ctx, sess.Ref(), jobNotes(sess)+name)
	return err
}

// DeleteNote removes one note, if it is there.
func (s *Service) DeleteNote(ctx context.Context, sess Session, name string) error {
	if err := s.Blobs.Delete(ctx, jobNotes(sess)+name); err != nil {
		return fmt.Errorf("removing a note: %w", err)
	}
	return nil
}

// DeleteNotes removes all notes of a session.
func (s *Service) DeleteNotes(ctx context.Context, sess Session) error {
	return s.removeBelow(ctx, jobNotes(sess))
}

// removeLeft removes what a job has written beside a session whose deletion was
// done by then, if it ended before it saw that. While a deletion is under way
// all there is belongs on its receipt.
func (s *Service) removeLeft(ctx context.Context, j task.Message) error {
	if gone, _, err := s.gone(ctx, j); err != nil || !gone {
		return err
	}
	return s.removeBelow(ctx, objectPrefix(j.Ref()))
}

// gone reports whether a session was deleted, and nothing of it is on a receipt
// any more that is still open.
func (s *Service) gone(ctx context.Context, j task.Message) (gone, going bool, err error) {
	if !id.Valid(id.Session, j.Session) {
		return false, false, nil
	}
	item, err := s.Table.Get(ctx, headKey(j.Ref()), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return false, false, fmt.Errorf("reading a tombstone: %w", err)
	}
	h := readHead(item)
	going = h.status == deleted && !h.due.IsZero()
	return !item.Found() || h.status == deleted && !going, going, nil
}

// Unfetched removes the bytes of a URL that a fetch left which died before it
// could note them, if its session was deleted meanwhile. A deletion that is
// under way may have looked before they came: the job has to come back.
func (s *Service) Unfetched(ctx context.Context, j task.Message) error {
	gone, going, err := s.gone(ctx, j)
	switch {
	case err != nil:
		return err
	case going:
		return errs.New(errs.Unavailable, "the session is being deleted")
	case !gone:
		return nil
	}
	if err := s.Blobs.Delete(ctx, fetchedObject(j.Ref())); err != nil {
		return fmt.Errorf("removing what was fetched for a deleted session: %w", err)
	}
	return nil
}

// PutOff has the job of a session that [Service.Captive] returned come back
// after a while, by the sweeper: whom it waits for cannot be had now. It counts
// as an attempt.
func (s *Service) PutOff(ctx context.Context, sess Session, after time.Duration) error {
	return s.putOff(ctx, sess, func(h *head) { h.due, h.putOff = s.now().Add(after), 1 })
}

// GoOn has such a job come back soon: it has done a part of its work, and the
// attempts before do not count any more.
func (s *Service) GoOn(ctx context.Context, sess Session) error {
	return s.putOff(ctx, sess, func(h *head) { h.due, h.attempts, h.putOff = s.now(), 0, 0 })
}

func (s *Service) putOff(ctx context.Context, sess Session, change func(*head)) error {
	_, err := s.update(ctx, sess.Ref(), nil, func(h *head) ([]table.Op, error) {
		if h.awaits(sess) {
			change(h)
		}
		return nil, nil
	})
	return ignoreGone(err)
}
