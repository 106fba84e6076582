package session

import (
	"bytes"
	"context"
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
		body, _, err := s.Blobs.Get(ctx, sess.extractionKey)
		if err != nil {
			return nil, fmt.Errorf("opening the candidates: %w", err)
		}
		return body, nil
	}
	status := "pending"
	if sess.Status.Terminal() {
		status = "not_run"
	}
	data, err := transcript.Marshal(extraction.Empty(sess.ID, status))
	return io.NopCloser(bytes.NewReader(data)), err
}
