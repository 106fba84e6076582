package result

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// OpenExtraction returns the extraction.Result of a session as JSON: pending
// while it, or another one, may still come, not_run when it never will. The
// caller closes it.
func (s *Service) OpenExtraction(ctx context.Context, p access.Principal, sessionID string) (io.ReadCloser, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return nil, err
	}
	res, err := s.Standing(ctx, p, sessionID)
	if err != nil {
		return nil, err
	}
	data, err := transcript.Marshal(res)
	return io.NopCloser(bytes.NewReader(data)), err
}

// Standing returns what OpenExtraction does, to readers and, without what is
// found in it, to those who may only have the session extracted again.
func (s *Service) Standing(ctx context.Context, p access.Principal, sessionID string) (extraction.Result, error) {
	if err := p.Require(access.SessionsRead, access.SessionsWrite); err != nil {
		return extraction.Result{}, err
	}
	sess, err := s.Sessions.Read(ctx, session.Ref(p, sessionID))
	switch {
	case err != nil:
		return extraction.Result{}, err
	case sess.Status == session.Completed:
		sess, res, err := s.result(ctx, sess)
		if sess.Asked != "" {
			res = pending(sess, res)
		}
		return shown(p, res), err
	case sess.Status.Terminal():
		return extraction.Empty(sess.ID, extraction.NotRun), nil
	default:
		return pending(sess, extraction.Empty(sess.ID, extraction.Pending)), nil
	}
}

// shown is what a caller may see of a result: a key that only writes reads no
// quotes.
func shown(p access.Principal, res extraction.Result) extraction.Result {
	if p.Require(access.SessionsRead) != nil {
		return extraction.Empty(res.SessionID, res.Status)
	}
	return res
}

// pending marks what is shown until there is a result, and says what takes it
// so long.
func pending(sess session.Session, res extraction.Result) extraction.Result {
	res.Status = extraction.Pending
	if sess.PutOff {
		res.Warnings = append(res.Warnings, extraction.Warning{Code: extraction.ModelAwaited,
			Message: "The language model cannot be had just now. It is asked again, with growing pauses, for an hour at most; then the rules step in."})
	}
	return res
}

// result reads the result of a completed session, and returns the session as
// it was then: a result that another one takes the place of may be gone before
// it is opened.
func (s *Service) result(ctx context.Context, sess session.Session) (session.Session, extraction.Result, error) {
	for {
		res, err := s.readResult(ctx, sess)
		if !errors.Is(err, blob.ErrNotFound) {
			return sess, res, err
		}
		now, again := s.Sessions.Read(ctx, sess.Ref())
		if again != nil {
			return sess, res, again
		}
		if now.ExtractionKey == sess.ExtractionKey {
			return sess, res, err
		}
		sess = now
	}
}

// readResult reads a stored result; one that was stored before a field was
// known has it empty.
func (s *Service) readResult(ctx context.Context, sess session.Session) (extraction.Result, error) {
	body, _, err := s.Sessions.Blobs.Get(ctx, sess.ExtractionKey)
	if err != nil {
		return extraction.Result{}, fmt.Errorf("opening the candidates: %w", err)
	}
	defer body.Close()
	res := extraction.Empty(sess.ID, extraction.Ready)
	if err := json.NewDecoder(body).Decode(&res); err != nil {
		return extraction.Result{}, fmt.Errorf("reading the candidates: %w", err)
	}
	if sess.Missed {
		res.Warnings = append(res.Warnings, extraction.Warning{Code: extraction.NotExtractedAgain,
			Message: "Extracting the session again failed too often: this is the result from before."})
	}
	return res, nil
}

// ToExtract returns a captured session with its segments for extraction: one
// that is in processing, or a completed one with the job's wish. It is false
// when there is nothing to extract any more. Of a session that was deleted
// meanwhile it removes what a job before this one may have left.
func (s *Service) ToExtract(ctx context.Context, j task.Message) (session.Session, []transcript.Segment, bool, error) {
	sess, err := s.Sessions.Read(ctx, j.Ref())
	if errs.Is(err, errs.NotFound) {
		return session.Session{}, nil, false, s.removeLeft(ctx, j)
	}
	wished := sess.Status == session.Completed && j.Wish != "" && j.Wish == sess.Wish.ID
	if err != nil || sess.Status != session.Processing && !wished {
		return session.Session{}, nil, false, err
	}
	segs, err := s.Capture.Transcript(ctx, j.Ref(), sess.LastSeq)
	return sess, segs, err == nil, err
}

// StillWanted reports whether anybody still waits for the extraction of a session
// that ToExtract returned. Long ones ask before they go on.
func (s *Service) StillWanted(ctx context.Context, sess session.Session) (bool, error) {
	h, err := s.Sessions.ReadHead(ctx, sess.Ref(), table.Consistent)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil && h.StillWanted(sess), err
}

// Finish stores the result of a session that ToExtract returned, and completes the
// session if it was in processing. Document and candidates are stored as objects
// that never change; then one transaction makes them the session's, if the
// extraction is still wanted. The objects of an attempt that fails, or loses
// against another one, are removed.
func (s *Service) Finish(ctx context.Context, sess session.Session, res extraction.Result) error {
	if err := s.removeResults(ctx, sess.Superseded); err != nil {
		return err
	}
	done := sess
	done.Status = session.Completed
	done.Counts = &session.Counts{SOPs: int64(len(res.SOPs)), Entities: int64(len(res.Entities)), Risks: int64(len(res.Risks))}
	attempt := session.ObjectPrefix(sess.Ref()) + id.At("", s.Sessions.Time())
	done.ExtractionKey = attempt + "/extraction.json"
	if sess.DocumentKey == "" {
		done.DocumentKey = attempt + "/transcript.json"
	}
	made := done.ExtractionKey
	if done.DocumentKey != sess.DocumentKey {
		made += " " + done.DocumentKey
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
func (s *Service) unstored(ctx context.Context, sess session.Session, made string, cause error) error {
	if err := s.removeResults(context.WithoutCancel(ctx), made); err != nil {
		return errors.Join(cause, err)
	}
	if wanted, err := s.StillWanted(ctx, sess); err == nil && !wanted {
		return nil
	}
	return cause
}

func (s *Service) putResult(ctx context.Context, sess, done session.Session, res extraction.Result) error {
	data, err := transcript.Marshal(res)
	if err != nil {
		return fmt.Errorf("encoding the candidates: %w", err)
	}
	if err := s.put(ctx, done.ExtractionKey, bytes.NewReader(data), int64(len(data))); err != nil {
		return err
	}
	if done.DocumentKey == sess.DocumentKey {
		return nil // extracted again
	}
	doc := s.Capture.Assemble(ctx, done)
	defer doc.Close()
	return s.put(ctx, done.DocumentKey, doc, -1)
}

func (s *Service) put(ctx context.Context, key string, r io.Reader, size int64) error {
	_, err := s.Sessions.Blobs.Put(ctx, key, r, size, blob.Put{ContentType: "application/json"})
	if err != nil {
		return fmt.Errorf("storing a result: %w", err)
	}
	return nil
}

// finish is the transaction of Finish; won is false when the extraction was
// not wanted any more, or a twin was faster.
func (s *Service) finish(ctx context.Context, sess, done session.Session) (won bool, err error) {
	_, err = s.Sessions.Update(ctx, done.Ref(), nil, func(h *session.Head) ([]table.Op, error) {
		if won = h.StillWanted(sess); !won {
			won = h.ExtractionKey == done.ExtractionKey
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
		s.Sessions.Jobs.Send(ctx, task.Bridge, task.Of(done.Ref()))
		return true, nil
	}
	return true, s.removeResults(ctx, sess.ExtractionKey)
}

// take gives a head the result of an extraction. The result before it is
// removed when the conversation has the new one.
func (s *Service) take(h *session.Head, sess, done session.Session) {
	again := h.Status == session.Completed
	if again && s.bridges() {
		h.Superseded = strings.TrimSpace(strings.TrimPrefix(h.Superseded, sess.Superseded) + " " + h.ExtractionKey)
	}
	h.Status, h.Counts = session.Completed, done.Counts
	h.DocumentKey, h.ExtractionKey = done.DocumentKey, done.ExtractionKey
	h.Wish, h.Missed, h.PutOff = session.Wish{}, 0, 0
	if s.bridges() {
		h.ToBridge(again)
	}
	if again {
		h.Attempts, h.Due = 0, s.Sessions.FirstDue(*h)
	}
}

// removeResults removes objects, whose keys have spaces between them.
func (s *Service) removeResults(ctx context.Context, keys string) error {
	for key := range strings.FieldsSeq(keys) {
		if err := s.Sessions.Blobs.Delete(ctx, key); err != nil {
			return fmt.Errorf("removing a result that does not stand: %w", err)
		}
	}
	return nil
}

// afterLease is when the sweeper looks after a session whose lease has run out.
const afterLease = time.Minute

// Lease takes a session that [Service.ToExtract] returned for so long; nil where
// another job has it. The sweeper sends no job for it meanwhile, and does so
// soon afterwards if the job has ended without a word.
func (s *Service) Lease(ctx context.Context, sess session.Session, long time.Duration) (*session.Lease, error) {
	l := session.NewLease(s.Sessions, sess.Workspace, sess.ID)
	until := s.Sessions.Time().Add(long)
	took, err := l.Take(ctx, until, table.Absent())
	if err != nil || !took {
		return nil, err
	}
	if err := s.postpone(ctx, sess, func(h *session.Head) { h.Due = until.Add(afterLease) }); err != nil {
		return nil, errors.Join(err, l.End(ctx))
	}
	return l, nil
}
