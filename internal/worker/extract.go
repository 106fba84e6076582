package worker

import (
	"context"
	"fmt"

	"griot/internal/extraction"
	"griot/internal/session"
)

// Extract finds the candidates of a captured session and completes it.
func Extract(sessions *session.Service, by extraction.Extractor) Worker {
	return func(ctx context.Context, body []byte) error {
		job, err := decode(body)
		if err != nil {
			return err
		}
		sess, segs, ok, err := sessions.Captive(ctx, job.Workspace, job.Session)
		if err != nil || !ok {
			return err
		}
		found, err := by.Extract(ctx, extraction.Input{Template: sess.Template, Title: sess.Title, Segments: segs})
		if err != nil {
			return fmt.Errorf("extracting: %w", err)
		}
		res := extraction.Cite(extraction.Source{
			SessionID: sess.ID, ArtifactURI: sess.ArtifactURI(), Created: sess.CreatedAt,
		}, by.Sign(), segs, found)
		return sessions.Finish(ctx, sess, res)
	}
}
