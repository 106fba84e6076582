package openai

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"griot/internal/blob"
	"griot/internal/transcriber"
)

// Work carries out the job of a message, and returns when its note says how it
// ended. An error that is returned brings the message back. Where ctx ends
// with [transcriber.ErrUnwanted] the note is removed; answers are for the caller
// to remove, or to keep for another attempt.
func (e *Engine) Work(ctx context.Context, r transcriber.Recording) error {
	if unwanted(ctx) {
		return e.remove(context.WithoutCancel(ctx), r)
	}
	if begun, err := e.begin(ctx, r); err != nil || !begun {
		return err
	}
	answers, err := e.writeDown(ctx, r)
	failure, isFailure := transcriber.As(err)
	switch {
	case unwanted(ctx):
		return e.remove(context.WithoutCancel(ctx), r)
	case isFailure: // whoever reads the note logs it
		return e.putNote(context.WithoutCancel(ctx), r, failureNote(failure), blob.Put{})
	case err != nil:
		return err
	}
	return e.putNote(ctx, r, note{State: done, Answers: answers}, blob.Put{})
}

func unwanted(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), transcriber.ErrUnwanted)
}

// begin makes this process the one that is at a job, if it is not over and nobody
// is. Of several that have read the same note, since the job was sent twice, it is
// the first to claim that. One that dies between its claim and its note leaves the
// job to the Start that finds it lost.
func (e *Engine) begin(ctx context.Context, r transcriber.Recording) (begun bool, err error) {
	n, found, err := e.readNote(ctx, r)
	if err == nil && !found { // the message was faster than the note, which all go by
		if err = e.putNote(ctx, r, note{State: queued}, blob.Put{IfAbsent: true}); err == nil {
			n, _, err = e.readNote(ctx, r)
		}
	}
	if err != nil || n.State == done || n.State == failed || e.elsewhere(n) {
		return false, err
	}
	if !e.Sole && n.Owner != e.owner {
		_, err = e.blobs.Put(ctx, fmt.Sprintf("%sclaim-%d", r.Answer, n.AtMS), strings.NewReader(e.owner), int64(len(e.owner)), blob.Put{IfAbsent: true})
		if errors.Is(err, blob.ErrExists) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("claiming a job: %w", err)
		}
	}
	return true, e.putNote(ctx, r, note{State: running, Owner: e.owner}, blob.Put{})
}

// elsewhere is true for a job that another process is at: it has a message of
// its own, which comes back if it dies.
func (e *Engine) elsewhere(n note) bool {
	return n.State == running && n.Owner != e.owner && !e.Sole && !n.lost(e.Now())
}

// writeDown asks for every part that was not answered yet. Where the time of
// this call is over, and some were answered in it, the others are for the next.
func (e *Engine) writeDown(ctx context.Context, r transcriber.Recording) ([]transcriber.Answer, error) {
	defer e.keepAlive(ctx, r)()
	info, err := e.blobs.Stat(ctx, r.Object)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, transcriber.Fail(transcriber.Failed, "The recording was removed before it was written down.", err)
	}
	if err != nil {
		return nil, fmt.Errorf("looking at the recording: %w", err)
	}
	calls, err := e.calls(ctx, r, info)
	if err != nil {
		return nil, err
	}
	var answers []transcriber.Answer
	asked := 0
	for _, c := range calls {
		n, err := e.answer(ctx, r, c)
		asked += n
		if err != nil && asked > 1 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, fmt.Errorf("%d of %d parts of a recording are written down: %w", len(answers), len(calls), context.DeadlineExceeded)
		}
		if err != nil {
			return nil, err
		}
		answers = append(answers, c.Answer)
	}
	return answers, nil
}

// keepAlive writes again and again that somebody is at the job, until stop.
func (e *Engine) keepAlive(ctx context.Context, r transcriber.Recording) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(heartbeat):
			}
			if err := e.putNote(ctx, r, note{State: running, Owner: e.owner}, blob.Put{}); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "a job's heartbeat was not written", "session", r.Session, "error", err)
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// remove takes away what a job has stored that nobody wants.
func (e *Engine) remove(ctx context.Context, r transcriber.Recording) error {
	if err := blob.DeleteBelow(ctx, e.blobs, r.Answer); err != nil {
		return fmt.Errorf("removing what a job has stored: %w", err)
	}
	return nil
}
