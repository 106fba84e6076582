package session

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/table"
	"griot/internal/transcript"
)

// Captive returns a captured session with its segments for extraction. It is
// false when there is nothing to extract any more.
func (s *Service) Captive(ctx context.Context, workspace, sessionID string) (Session, []transcript.Segment, bool, error) {
	sess, err := s.get(ctx, workspace, sessionID)
	if errs.Is(err, errs.NotFound) {
		return Session{}, nil, false, nil
	}
	if err != nil || sess.Status != Processing {
		return Session{}, nil, false, err
	}
	segs, err := s.segments(ctx, workspace, sessionID, sess.LastSeq)
	return sess, segs, err == nil, err
}

// Finish completes a session: the document and the candidates become objects
// that never change, and one transaction, which only a session in processing
// admits, makes them the session's. The objects of an attempt that loses are
// removed.
func (s *Service) Finish(ctx context.Context, sess Session, res extraction.Result) error {
	done := sess
	done.Status = Completed
	done.Counts = &Counts{int64(len(res.SOPs)), int64(len(res.Entities)), int64(len(res.Risks))}
	attempt := objectPrefix(sess.Workspace, sess.ID) + id.At("", s.now())
	done.documentKey, done.extractionKey = attempt+"/transcript.json", attempt+"/extraction.json"
	if err := s.putResult(ctx, done, res); err != nil {
		return err
	}
	won, err := s.complete(ctx, done)
	if err == nil && !won {
		return s.discard(ctx, done)
	}
	return err
}

func (s *Service) putResult(ctx context.Context, done Session, res extraction.Result) error {
	data, err := transcript.Marshal(res)
	if err != nil {
		return fmt.Errorf("encoding the candidates: %w", err)
	}
	if err := s.put(ctx, done.extractionKey, bytes.NewReader(data), int64(len(data))); err != nil {
		return err
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

// complete is the transaction of Finish; won is false when the session was no
// longer in processing, or completed by a twin.
func (s *Service) complete(ctx context.Context, done Session) (won bool, err error) {
	_, err = s.update(ctx, done.Workspace, done.ID, nil, func(h *head) ([]table.Op, error) {
		if won = h.status == Processing; !won {
			won = h.document == done.documentKey
			return nil, nil
		}
		h.status, h.counts = Completed, done.Counts
		h.document, h.extraction = done.documentKey, done.extractionKey
		if s.bridges() {
			h.unbridged = 1
		}
		return nil, nil
	})
	if err == nil && won && s.bridges() {
		s.sendBridge(ctx, done.Workspace, done.ID)
	}
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return won, err
}

func (s *Service) discard(ctx context.Context, lost Session) error {
	for _, key := range []string{lost.documentKey, lost.extractionKey} {
		if err := s.Blobs.Delete(ctx, key); err != nil {
			return fmt.Errorf("removing the objects of a lost attempt: %w", err)
		}
	}
	return nil
}
