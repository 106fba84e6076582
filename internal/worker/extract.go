package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"griot/internal/budget"
	"griot/internal/extraction"
	"griot/internal/extraction/prompt"
	"griot/internal/llm"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/result"
	"griot/internal/task"
	"griot/internal/transcript"
)

const (
	// storing is the time that a job keeps for storing what was found.
	storing = 15 * time.Second
	// modelTime is how long a model may take where the job has no deadline.
	modelTime = 15 * time.Minute
	// mostAfter is how long a model that says when it can be had is waited for at
	// a time. The rules step in at once for one that wants to be left alone for
	// longer than mostAway.
	mostAfter = 10 * time.Minute
	mostAway  = time.Hour
)

// Extract finds the candidates of a captured session, by the model or, where
// there is none or it cannot be had, by the rules, and completes it. model may
// be nil.
func Extract(sessions *result.Service, rules extraction.Extractor, model llm.Model) Worker {
	x := extractor{sessions, rules, model}
	return serve(queue.Extract, task.Handlers{task.Extract: func(ctx context.Context, job task.Message) error {
		sess, segs, ok, err := sessions.ToExtract(ctx, job)
		if err != nil || !ok {
			return err
		}
		return x.extract(ctx, sess, segs)
	}})
}

type extractor struct {
	sessions *result.Service
	rules    extraction.Extractor
	model    llm.Model
}

func (x extractor) extract(ctx context.Context, sess session.Session, segs []transcript.Segment) (err error) {
	in := extraction.Input{Template: sess.Template, Title: sess.Title, Segments: segs}
	switch {
	case sess.Asked == session.ByRules:
		return x.byRules(ctx, sess, in, nil, "", "")
	case x.model == nil:
		return x.byRules(ctx, sess, in, nil, extraction.ModelNotConfigured,
			"No language model is configured. The rules find names and what is said outright; most procedures and risks need a model.")
	}
	end := jobEnd(ctx)
	lease, err := x.sessions.Lease(ctx, sess, time.Until(end)+storing)
	if err != nil || lease == nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, lease.End(ctx)); err == nil && sess.Asked != "" {
			x.sessions.SendNext(ctx, sess)
		}
	}()
	return x.byModel(ctx, sess, in, end, lease)
}

// jobEnd leaves time to store what was found.
func jobEnd(ctx context.Context) time.Time {
	if deadline, ok := ctx.Deadline(); ok {
		return deadline.Add(-storing)
	}
	return time.Now().Add(modelTime)
}

// byModel asks the model, and decides what comes of a failure.
func (x extractor) byModel(ctx context.Context, sess session.Session, in extraction.Input, end time.Time, lease *session.Lease) error {
	kept, err := newAnswers(ctx, x.model, x.sessions, sess)
	if err != nil {
		return err
	}
	begin, outcome := time.Now(), ""
	defer func() { kept.log(ctx, outcome, prompt.Parts(in), time.Since(begin)) }()
	by := prompt.Extractor(kept)
	asking, cancel := context.WithDeadline(ctx, end)
	found, err := by.Extract(asking, in)
	cancel()
	_, known := errors.AsType[*llm.Error](err)
	kind, after := llm.KindOf(err), llm.After(err)
	switch {
	case errors.Is(err, errUnwanted):
		outcome = "unwanted"
		return kept.keepLost(ctx)
	case err != nil && !known:
		outcome = "failed"
		return errors.Join(fmt.Errorf("extracting: %w", err), kept.keepLost(ctx))
	case err == nil:
		outcome = "model"
		found.Usage = kept.usage()
		if err := x.finish(ctx, sess, in, by, found); err != nil {
			return err
		}
		if slices.ContainsFunc(found.Warnings, func(w extraction.Warning) bool { return w.Code == extraction.ModelBudgetSpent }) {
			return kept.close(ctx)
		}
		return kept.forget(ctx)
	case kind == llm.Unavailable && kept.account.stored > 0: // a long transcript takes several jobs
		outcome = "goes_on"
		if err := errors.Join(kept.keepLost(ctx), lease.End(ctx)); err != nil {
			return err
		}
		return x.sessions.Continue(ctx, sess)
	case kind == llm.Unavailable && !task.AskModel.Exhausted(sess.Attempts) && after <= mostAway:
		outcome = "waits"
		slog.WarnContext(ctx, "the model is waited for", "session", sess.ID, "attempts", sess.Attempts, "error", err)
		if err := errors.Join(kept.keepLost(ctx), lease.End(ctx)); err != nil {
			return err
		}
		return x.sessions.Postpone(ctx, sess, max(task.AskModel.Wait(sess.Attempts), min(after, mostAfter)))
	default:
		outcome = "rules"
		slog.ErrorContext(ctx, "the rules step in for the model", "session", sess.ID, "attempts", sess.Attempts, "error", err)
		code, message := instead(err)
		if err := x.byRules(ctx, sess, in, kept.usage(), code, message); err != nil {
			return err
		}
		return kept.close(ctx)
	}
}

// instead says why the rules have stepped in.
func instead(err error) (code, message string) {
	if spent, ok := errors.AsType[budget.Spent](err); ok {
		if spent.Alone {
			return extraction.ModelBudgetSpent, "A part of the transcript may cost more tokens of the language model than the workspace may spend in a day, " +
				"and the rules have stepped in: they find less. It takes a higher limit, of 100,000 or more, not another day."
		}
		return extraction.ModelBudgetSpent, fmt.Sprintf("The workspace has spent what it may of the language model today, and the rules have stepped in: "+
			"they find less. The budget begins anew at %s; what was answered until then is kept.", spent.Again.Format(time.RFC3339))
	}
	switch llm.KindOf(err) {
	case llm.Unavailable, llm.Denied:
		return extraction.ModelUnavailable, "The language model could not be asked, and the rules have stepped in: they find less."
	default:
		return extraction.ModelUnavailable, "The language model gave no answer that can be used, and the rules have stepped in: they find less."
	}
}

// byRules warns of why it is not the model, if that is a reason to.
func (x extractor) byRules(ctx context.Context, sess session.Session, in extraction.Input, paid *extraction.Usage, code, message string) error {
	found, err := x.rules.Extract(ctx, in)
	if err != nil {
		return fmt.Errorf("extracting: %w", err)
	}
	found.Usage = paid
	if code != "" {
		found.Warn(code, message)
	}
	return x.finish(ctx, sess, in, x.rules, found)
}

func (x extractor) finish(ctx context.Context, sess session.Session, in extraction.Input, by extraction.Extractor, found extraction.Findings) error {
	res := extraction.Cite(extraction.Source{
		SessionID: sess.ID, ArtifactURI: sess.ArtifactURI(), Created: sess.CreatedAt,
	}, by.Sign(), in.Segments, found)
	return x.sessions.Finish(ctx, sess, res)
}
