package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// Captive returns a captured session with its segments for extraction: one
// that is in processing, or a completed one with the job's wish. It is false
// when there is nothing to extract any more. Of a session that was deleted
// meanwhile it removes what a job before this one may have left.
func (s *Service) Captive(ctx context.Context, j task.Message) (Session, []transcript.Segment, bool, error) {
	sess, err := s.get(ctx, j.Ref())
	if errs.Is(err, errs.NotFound) {
		return Session{}, nil, false, s.removeLeft(ctx, j)
	}
	wished := sess.Status == Completed && j.Wish != "" && j.Wish == sess.wish.id
	if err != nil || sess.Status != Processing && !wished {
		return Session{}, nil, false, err
	}
	segs, err := s.segments(ctx, j.Ref(), sess.LastSeq)
	return sess, segs, err == nil, err
}

// awaits reports whether the extraction that Captive returned a session for is
// still wanted.
func (h head) awaits(sess Session) bool {
	return h.status == sess.Status && h.wish == sess.wish && (h.status == Processing || h.wish != wish{})
}

// Awaits reports whether the extraction that Captive returned a session for is
// still wanted: long ones ask, before they go on.
func (s *Service) Awaits(ctx context.Context, sess Session) (bool, error) {
	h, err := s.readHeadRow(ctx, sess.Ref(), table.Consistent)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil && h.awaits(sess), err
}

// Finish makes a result that of the session which Captive returned, and
// completes it if it was in processing. Document and candidates become objects
// that never change, and one transaction makes them the session's, if the
// extraction is still wanted. The objects of an attempt that fails or loses are
// removed.
func (s *Service) Finish(ctx context.Context, sess Session, res extraction.Result) error {
	if err := s.removeResults(ctx, sess.superseded); err != nil {
		return err
	}
	done := sess
	done.Status = Completed
	done.Counts = &Counts{SOPs: int64(len(res.SOPs)), Entities: int64(len(res.Entities)), Risks: int64(len(res.Risks))}
	attempt := objectPrefix(sess.Ref()) + id.At("", s.now())
	done.extractionKey = attempt + "/extraction.json"
	if sess.documentKey == "" {
		done.documentKey = attempt + "/transcript.json"
	}
	made := done.extractionKey
	if done.documentKey != sess.documentKey {
		made += " " + done.documentKey
	}
	if err := s.putResult(ctx, sess, done, res); err != nil {
		return s.unstored(ctx, sess, made, err)
	}
	won, err := s.finish(ctx, sess, done)
	if err != nil || won {
		return err
	}
	return s.removeResults(ctx, made)
}

// unstored removes what there is of a result that could not be stored. Where
// nobody waits for it any more that is no failure: a deletion takes the segments
// away while they are read.
func (s *Service) unstored(ctx context.Context, sess Session, made string, cause error) error {
	if err := s.removeResults(context.WithoutCancel(ctx), made); err != nil {
		return errors.Join(cause, err)
	}
	if wanted, err := s.Awaits(ctx, sess); err == nil && !wanted {
		return nil
	}
	return cause
}

func (s *Service) putResult(ctx context.Context, sess, done Session, res extraction.Result) error {
	data, err := transcript.Marshal(res)
	if err != nil {
		return fmt.Errorf("encoding the candidates: %w", err)
	}
	if err := s.put(ctx, done.extractionKey, bytes.NewReader(data), int64(len(data))); err != nil {
		return err
	}
	if done.documentKey == sess.documentKey {
		return nil // extracted again
	}
	doc := s.document(ctx, done)
	defer doc.Close()
	return s.put(ctx, done.documentKey, doc, -1)
}

func (s *Service) put(ctx context.Context, key string, r io.Reader, size int64) error {
	_, err := s.Blobs.Put(ctx, key, r, size, blob.Put{ContentType: "application/json"})
	if err != nil {
		return fmt.Errorf("storing a result: %w", err)
	}
	return nil
}

// finish is the transaction of Finish; won is false when the extraction was
// not wanted any more, or a twin was faster.
func (s *Service) finish(ctx context.Context, sess, done Session) (won bool, err error) {
	_, err = s.update(ctx, done.Ref(), nil, func(h *head) ([]table.Op, error) {
		if won = h.awaits(sess); !won {
			won = h.extraction == done.extractionKey
			return nil, nil
		}
		s.take(h, sess, done)
		return nil, nil
	})
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil || !won {
		return won, err
	}
	if s.bridges() {
		s.Jobs.Send(ctx, task.Bridge, task.Of(done.Ref()))
		return true, nil
	}
	return true, s.removeResults(ctx, sess.extractionKey)
}

// take gives a head the result of an extraction. The result before it is
// removed when the conversation has the new one.
func (s *Service) take(h *head, sess, done Session) {
	again := h.status == Completed
	if again && s.bridges() {
		h.superseded = strings.TrimSpace(strings.TrimPrefix(h.superseded, sess.superseded) + " " + h.extraction)
	}
	h.status, h.counts = Completed, done.Counts
	h.document, h.extraction = done.documentKey, done.extractionKey
	h.wish, h.missed, h.putOff = wish{}, 0, 0
	if s.bridges() {
		h.toBridge(again)
	}
	if again {
		h.attempts, h.due = 0, s.firstDue(*h)
	}
}

// removeResults removes objects, whose keys have spaces between them.
func (s *Service) removeResults(ctx context.Context, keys string) error {
	for key := range strings.FieldsSeq(keys) {
		if err := s.Blobs.Delete(ctx, key); err != nil {
			return fmt.Errorf("removing a result that does not stand: %w", err)
		}
	}
	return nil
}
