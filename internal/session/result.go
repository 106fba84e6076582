package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"griot/internal/access"
	"griot/internal/extraction"
	"griot/internal/transcript"
)

// OpenExtraction returns the extraction.Result of a session as JSON: pending
// while it may still come, not_run when it never will. The caller closes it.
func (s *Service) OpenExtraction(ctx context.Context, p access.Principal, sessionID string) (io.ReadCloser, error) {
	sess, err := s.Get(ctx, p, sessionID)
	if err != nil {
		return nil, err
	}
	if sess.Status == Completed {
		return s.openResult(ctx, sess)
	}
	status := "pending"
	if sess.Status.Terminal() {
		status = "not_run"
	}
	data, err := transcript.Marshal(extraction.Empty(sess.ID, status))
	return io.NopCloser(bytes.NewReader(data)), err
}

// openResult opens a stored result; one that was stored before a field was
// known has it empty.
func (s *Service) openResult(ctx context.Context, sess Session) (io.ReadCloser, error) {
	body, _, err := s.Blobs.Get(ctx, sess.extractionKey)
	if err != nil {
		return nil, fmt.Errorf("opening the candidates: %w", err)
	}
	defer body.Close()
	res := extraction.Empty(sess.ID, "ready")
	if err := json.NewDecoder(body).Decode(&res); err != nil {
		return nil, fmt.Errorf("reading the candidates: %w", err)
	}
	data, err := transcript.Marshal(res)
	return io.NopCloser(bytes.NewReader(data)), err
}
