package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"griot/internal/extraction"
	"griot/internal/extraction/prompt"
	"griot/internal/llm"
	"griot/internal/session"
	"griot/internal/transcript"
)

const (
	// storing is the time that a job keeps for storing what was found.
	storing = 15 * time.Second
	// modelTime is how long a model may take where the job has no deadline.
	modelTime = 15 * time.Minute
	// Waits for a model that cannot be had: 1, 2, 4, 8, 15 and 15 minutes, or
	// as long as it says, and then the rules step in.
	firstModelWait = time.Minute
	mostModelWait  = 15 * time.Minute
	modelAttempts  = 6
)

// Extract finds the candidates of a captured session, by the model or, where
// there is none or it cannot be had, by the rules, and completes it. model may
// be nil.
func Extract(sessions *session.Service, rules extraction.Extractor, model llm.Model) Worker {
	x := extractor{sessions, rules, model}
	return func(ctx context.Context, body []byte) error {
		job, err := decode(body)
		if err != nil {
			return err
		}
		sess, segs, ok, err := sessions.Captive(ctx, job.Workspace, job.Session)
		if err != nil || !ok {
			return err
		}
		return x.extract(ctx, sess, segs)
	}
}

type extractor struct {
	sessions *session.Service
	rules    extraction.Extractor
	model    llm.Model
}

func (x extractor) extract(ctx context.Context, sess session.Session, segs []transcript.Segment) error {
	in := extraction.Input{Template: sess.Template, Title: sess.Title, Segments: segs}
	if x.model == nil {
		return x.byRules(ctx, sess, in, extraction.ModelNotConfigured,
			"No language model is configured. The rules find names and what is said outright; most procedures and risks need a model.")
	}
	kept := answers{Model: x.model, sessions: x.sessions, session: sess, stored: new(atomic.Int64)}
	by := prompt.Extractor(kept)
	found, err := byModel(ctx, by, in)
	_, known := errors.AsType[*llm.Error](err)
	switch {
	case err != nil && !known:
		return fmt.Errorf("extracting: %w", err)
	case err == nil:
		if err := x.finish(ctx, sess, in, by, found); err != nil {
			return err
		}
		return kept.forget(ctx)
	case llm.KindOf(err) == llm.Unavailable && kept.stored.Load() > 0:
		return x.sessions.GoOn(ctx, sess) // a long transcript takes several jobs
	case llm.KindOf(err) == llm.Denied || sess.Attempts >= modelAttempts:
		slog.ErrorContext(ctx, "the rules step in for the model", "session", sess.ID, "attempts", sess.Attempts, "error", err)
		return x.byRules(ctx, sess, in, extraction.ModelUnavailable,
			"The language model could not be asked, and the rules have stepped in: they find less.")
	default:
		slog.WarnContext(ctx, "the model is waited for", "session", sess.ID, "attempts", sess.Attempts, "error", err)
		return x.sessions.PutOff(ctx, sess, max(llm.After(err), min(firstModelWait<<sess.Attempts, mostModelWait)))
	}
}

// byModel leaves time to store what was found.
func byModel(ctx context.Context, by extraction.Extractor, in extraction.Input) (extraction.Findings, error) {
	end := time.Now().Add(modelTime)
	if deadline, ok := ctx.Deadline(); ok {
		end = deadline.Add(-storing)
	}
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	return by.Extract(ctx, in)
}

func (x extractor) byRules(ctx context.Context, sess session.Session, in extraction.Input, code, message string) error {
	found, err := x.rules.Extract(ctx, in)
	if err != nil {
		return fmt.Errorf("extracting: %w", err)
	}
	found.Warn(code, message)
	return x.finish(ctx, sess, in, x.rules, found)
}

func (x extractor) finish(ctx context.Context, sess session.Session, in extraction.Input, by extraction.Extractor, found extraction.Findings) error {
	res := extraction.Cite(extraction.Source{
		SessionID: sess.ID, ArtifactURI: sess.ArtifactURI(), Created: sess.CreatedAt,
	}, by.Sign(), in.Segments, found)
	return x.sessions.Finish(ctx, sess, res)
}
