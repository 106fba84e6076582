package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/conversation/topic"
	"griot/internal/session"
	"griot/internal/session/recording"
	"griot/internal/session/upload"
	"griot/internal/task"
	"griot/internal/transcriber"
	"griot/internal/transcript/format"
)

// Names returns what a workspace talks about most, for engines to spell it so.
// It may be nil.
type Names func(ctx context.Context, workspace string) ([]string, error)

// mostNames is how many names of a workspace an engine is told; it looks at
// fewer words than that.
const mostNames = 60

// Topics are the names of what a workspace's conversations are about: above
// all the entities that were found in its sessions.
func Topics(topics *topic.Service) Names {
	return func(ctx context.Context, workspace string) ([]string, error) {
		p := access.Principal{Workspace: workspace, Scopes: []access.Scope{access.MemoriesRead}}
		page, err := topics.List(ctx, p, topic.ListInput{Limit: mostNames, SortBy: topic.SortCount})
		if err != nil {
			return nil, fmt.Errorf("reading the topics of a workspace: %w", err)
		}
		var names []string
		for _, t := range page.Topics {
			names = append(names, t.Name)
		}
		return names, nil
	}
}

// noEngine is what comes of a recording, of whatever kind, where nobody writes
// it down: what is to be done comes before what else may be wrong with it. The
// recording itself can be heard.
func (f Files) noEngine(ctx context.Context, r upload.Reading, kind format.Kind) error {
	if _, err := f.Sessions.Recordings.Recognized(ctx, r, "", session.Facts{Kind: string(kind), DurationMS: -1}); err != nil {
		return err
	}
	return &Failed{session.Failure{
		Code: session.TranscriberUnavailable,
		Message: fmt.Sprintf("The file is a recording (%s), and no transcription engine is configured. %s"+
			"Or have it written down elsewhere, and upload the transcript (WebVTT, SRT, text, Markdown or an engine's JSON).", kind, f.NoEngine),
	}}
}

// recognize begins with a recording: what it is, and who writes it down.
func (f Files) recognize(ctx context.Context, job task.Message, r upload.Reading, facts session.Facts) error {
	r, err := f.Sessions.Recordings.Recognized(ctx, r, f.Engine.Name(), facts)
	if err != nil || !r.IsRecording() {
		return err
	}
	return f.transcribe(ctx, job, r)
}

// transcribe takes a recording a step further, and ends this attempt at it where
// that comes to a failure that the client is to know.
func (f Files) transcribe(ctx context.Context, job task.Message, r upload.Reading) error {
	err := f.step(ctx, job, r)
	var failed *Failed
	if errors.As(err, &failed) {
		return f.Sessions.Recordings.GiveUp(ctx, recording.Of(r).Job, failed.Failure)
	}
	return err
}

// step hands a recording to the engine, or looks after it there, or keeps its
// words.
func (f Files) step(ctx context.Context, job task.Message, r upload.Reading) error {
	if f.Engine == nil {
		return &Failed{session.Failure{
			Code: session.TranscriberUnavailable, Message: "The transcription engine that had the recording is not configured any more. " + f.NoEngine,
		}}
	}
	rec := recording.Of(r)
	if r.TooEarly() {
		return nil // a message that comes again does not make it sooner
	}
	if !r.HandedOver() && rec.Attempt == 1 {
		return f.handOver(ctx, r, rec)
	}
	res, err := f.Engine.Result(ctx, rec)
	_, refused := transcriber.As(err)
	switch {
	case err != nil && (r.HandedOver() || !refused):
		return f.refused(ctx, r, err)
	case !r.HandedOver() && res.State != transcriber.Done: // no attempt before has all of its answers
		return f.handOver(ctx, r, rec)
	}
	switch res.State {
	case transcriber.None:
		return f.handOver(ctx, r, rec)
	case transcriber.Running:
		return f.Sessions.Recordings.AtWork(ctx, rec.Job)
	case transcriber.Done:
		parsed, err := f.readAnswers(ctx, r, res.Answers)
		if err != nil {
			return err
		}
		return f.keep(ctx, job, parsed)
	}
	return nil
}

func (f Files) handOver(ctx context.Context, r upload.Reading, rec transcriber.Recording) error {
	info, err := f.Blobs.Stat(ctx, rec.Object)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return &Failed{session.Failure{Code: session.TranscriberFailed, Message: "The recording was removed before it was written down."}}
	case err != nil:
		return fmt.Errorf("looking at a recording: %w", err)
	}
	if err := unreplaced(r, info); err != nil {
		return err
	}
	rec.Size = info.Size
	now, refused, err := f.Sessions.Recordings.Admit(ctx, r, rec)
	switch {
	case refused != nil:
		return &Failed{*refused}
	case err != nil || !now:
		return err
	}
	rec.Names = f.Names.add(ctx, rec)
	if err := f.Engine.Start(ctx, rec); err != nil {
		if _, ok := transcriber.As(err); ok {
			if err := f.Sessions.Recordings.Refused(ctx, r); err != nil {
				return err
			}
		}
		return f.refused(ctx, r, err)
	}
	wanted, err := f.Sessions.Recordings.HandedOver(ctx, rec.Job)
	if err == nil && !wanted { // it was cancelled or deleted just now, and perhaps stopped before it began
		return f.disown(ctx, rec)
	}
	return err
}

// disown ends an engine's work for nobody, and removes what came of it. Where
// that cannot be yet, a job of this attempt comes later.
func (f Files) disown(ctx context.Context, rec transcriber.Recording) error {
	err := f.Engine.Stop(ctx, rec)
	if e, ok := transcriber.As(err); ok && e.Kind.Passes() {
		return f.Sessions.Recordings.StopLater(ctx, rec.Job)
	}
	if err != nil {
		return err
	}
	return f.Sessions.Recordings.Discard(ctx, rec)
}

// unwanted handles the job of an attempt that its session does not wait for:
// the engine says that it is done, or could not be stopped before.
func (f Files) unwanted(ctx context.Context, job task.Message) error {
	attempt := transcriber.Job{Workspace: job.Workspace, Session: job.Session, Attempt: job.Attempt}
	rec, orphaned, err := f.Sessions.Recordings.Orphaned(ctx, attempt)
	switch {
	case err != nil:
		return err
	case !orphaned || f.Engine == nil:
		return nil // a look was faster
	}
	pending, _, err := f.Sessions.Recordings.ToStop(ctx, job.Ref())
	if err != nil {
		return err
	}
	if slices.ContainsFunc(pending, func(r transcriber.Recording) bool { return r.Attempt == job.Attempt }) { // it is counted there
		f.Sessions.Sessions.StopNow(ctx, job.Ref())
		return nil
	}
	return f.disown(ctx, rec)
}

// add returns the names that may be said in a recording; without those of the
// workspace it goes on.
func (n Names) add(ctx context.Context, rec transcriber.Recording) []string {
	if n == nil {
		return rec.Names
	}
	names, err := n(ctx, rec.Workspace)
	if err != nil {
		slog.WarnContext(ctx, "a recording is written down without the names of its workspace", "session", rec.Session, "error", err)
	}
	return append(rec.Names, names...)
}

// refused makes what an engine says into the next step.
func (f Files) refused(ctx context.Context, r upload.Reading, err error) error {
	e, ok := transcriber.As(err)
	if !ok {
		return err
	}
	slog.WarnContext(ctx, "the transcription engine refuses", "session", r.ID, "kind", e.Kind.String(), "attempts", r.Attempts, "error", e)
	code := session.TranscriberFailed
	switch e.Kind {
	case transcriber.Busy, transcriber.Unavailable:
		return f.Sessions.Recordings.AskAgain(ctx, r, e)
	case transcriber.Denied:
		code = session.TranscriberUnavailable
	case transcriber.Unsupported:
		code = session.UnsupportedFormat
	case transcriber.TooLarge:
		code = session.FileTooLarge
	}
	return &Failed{session.Failure{Code: code, Message: e.Message}}
}

// lookEvery is how often a worker that waits for a call looks whether its
// answer is still wanted.
const lookEvery = 2 * time.Second

// Transcribe handles the queue of an engine whose calls last until the words
// are there; call makes them for one recording.
func Transcribe(sessions *recording.Service, names Names, call func(context.Context, transcriber.Recording) error) Worker {
	return func(ctx context.Context, body []byte) error {
		job, err := transcriber.DecodeJob(body)
		if err != nil {
			return &Drop{"the body is not a job"}
		}
		rec, wanted, err := sessions.Wanted(ctx, job)
		if err != nil {
			return err
		}
		ctx, end := context.WithCancelCause(ctx)
		defer end(nil)
		if !wanted {
			end(transcriber.ErrUnwanted)
			return disowned(ctx, sessions, rec, call(ctx, rec))
		}
		rec.Names = names.add(ctx, rec)
		within, cancel := context.WithDeadline(ctx, deadline(ctx, recording.MaxWork(rec.DurationMS)))
		defer cancel()
		go watch(within, sessions, job, end)
		err = call(within, rec)
		switch {
		case errors.Is(context.Cause(ctx), transcriber.ErrUnwanted):
			return disowned(ctx, sessions, rec, err)
		case err != nil:
			return err
		}
		return settled(ctx, sessions, job, call)
	}
}

// disowned removes what a call has stored that nobody waits for, once it has
// ended.
func disowned(ctx context.Context, sessions *recording.Service, rec transcriber.Recording, err error) error {
	if err != nil {
		return err
	}
	return sessions.Discard(context.WithoutCancel(ctx), rec)
}

// settled has the answer looked at, or removed if nobody wants it any more.
func settled(ctx context.Context, sessions *recording.Service, job transcriber.Job, call func(context.Context, transcriber.Recording) error) error {
	rec, wanted, err := sessions.Wanted(ctx, job)
	if err != nil {
		return err
	}
	if !wanted {
		ctx, end := context.WithCancelCause(ctx)
		end(transcriber.ErrUnwanted)
		return disowned(ctx, sessions, rec, call(ctx, rec))
	}
	sessions.Look(ctx, session.Of(job))
	return nil
}

// deadline leaves time to note how a call ended.
func deadline(ctx context.Context, most time.Duration) time.Time {
	end := time.Now().Add(most)
	if limit, ok := ctx.Deadline(); ok && limit.Add(-storing).Before(end) {
		return limit.Add(-storing)
	}
	return end
}

// watch ends a call that nobody waits for any more.
func watch(ctx context.Context, sessions *recording.Service, job transcriber.Job, end context.CancelCauseFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
		if _, wanted, err := sessions.Wanted(ctx, job); err == nil && !wanted {
			end(transcriber.ErrUnwanted)
			return
		}
	}
}

// stop ends the work of an engine for a session that is over or deleted.
func stop(ctx context.Context, sessions *recording.Service, engine transcriber.Engine, job task.Message) error {
	recs, had, err := sessions.ToStop(ctx, job.Ref())
	if err != nil || len(recs) == 0 {
		return err
	}
	if engine != nil {
		var busy error // which keeps none of the others at work
		for _, rec := range recs {
			err := engine.Stop(ctx, rec)
			if e, ok := transcriber.As(err); ok && e.Kind == transcriber.Denied && had != "" && had != engine.Name() {
				err = nil // it is not used here, and may not be asked
			}
			if err != nil && busy == nil {
				busy = err
			}
		}
		if busy != nil {
			return busy
		}
	}
	return sessions.Stopped(ctx, recs)
}

// ignorePassing leaves an engine that cannot be stopped now to the due row.
func ignorePassing(ctx context.Context, job task.Message, err error) error {
	if e, ok := transcriber.As(err); ok {
		slog.WarnContext(ctx, "the transcription engine is not stopped yet", "session", job.Session, "kind", e.Kind.String(), "error", e)
		return nil
	}
	return err
}
