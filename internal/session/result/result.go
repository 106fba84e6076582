package result

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/extraction"
	"griot/internal/session"
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
