package openai

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"griot/internal/blob"
	"griot/internal/media"
	"griot/internal/media/cut"
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

// formRoom is what a call has besides the file, at most: services count the
// whole body.
const formRoom = 4 << 10

// parts plans the calls for a recording; the same recording gives the same.
func (e *Engine) parts(ctx context.Context, r transcriber.Recording, info blob.Info) ([]cut.Part, error) {
	most := info.Size
	if e.MaxBytes > 0 {
		most = e.MaxBytes - formRoom
	}
	facts := media.Facts{Kind: media.Kind(r.Kind), Size: info.Size}
	common := time.Duration(0)
	if e.Diarize { // who speaks in it is known by it in the next part
		common = cut.Longest
	}
	parts, ok, err := cut.Plan(blob.OpenAt(ctx, e.blobs, info), facts, most, common)
	if err != nil {
		return nil, fmt.Errorf("dividing a recording: %w", err)
	}
	if !ok {
		return nil, e.tooLarge(info.Size)
	}
	return parts, nil
}

// check refuses a recording that neither fits nor can be divided, as far as
// its kind tells.
func (e *Engine) check(r transcriber.Recording) error {
	if e.MaxBytes > 0 && r.Size > e.MaxBytes-formRoom && !cut.Divides(media.Kind(r.Kind)) {
		return e.tooLarge(r.Size)
	}
	return nil
}

func (e *Engine) tooLarge(size int64) error {
	return transcriber.Fail(transcriber.TooLarge, fmt.Sprintf(
		"The recording has %d MB, the transcription engine at %s takes at most %d MB, and this file cannot be divided. Send it as MP3, FLAC or WAV (PCM), which are sent in parts, or in a format that needs less (Opus in OGG: 32 kbit/s are plenty for speech).",
		(size+1<<20-1)>>20, e.host, e.MaxBytes>>20), nil)
}

// answersTo begins the keys of the answers to calls for this recording, of the
// version that info is of.
func (e *Engine) answersTo(r transcriber.Recording, info blob.Info) string {
	return r.Kept + "openai-" + transcriber.Plan(e.address, e.Model, fmt.Sprint(e.Diarize), r.Language, r.Object, info.ETag) + "-"
}

// call is one part of a recording, and where its answer is kept: named by the
// bytes that it answers, so that where another limit makes other parts, the
// answers to these do not count.
type call struct {
	cut.Part
	transcriber.Answer
}

// calls are those that a recording takes.
func (e *Engine) calls(ctx context.Context, r transcriber.Recording, info blob.Info) ([]call, error) {
	parts, err := e.parts(ctx, r, info)
	if err != nil {
		return nil, err
	}
	calls := make([]call, len(parts))
	for i, p := range parts {
		calls[i] = call{p, transcriber.Answer{
			Object:  fmt.Sprintf("%s%d-%d.json", e.answersTo(r, info), p.Offset, p.Length),
			StartMS: p.StartMS, FromMS: p.FromMS, ToMS: p.ToMS,
		}}
	}
	return calls, nil
}

// kept returns the answers to all calls for a recording, if another attempt has
// them all.
func (e *Engine) kept(ctx context.Context, r transcriber.Recording) (answers []transcriber.Answer, all bool, err error) {
	info, err := e.blobs.Stat(ctx, r.Object)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("looking at the recording: %w", err)
	}
	some, _, err := e.blobs.List(ctx, e.answersTo(r, info), "")
	if err != nil || len(some) == 0 {
		return nil, false, err
	}
	calls, err := e.calls(ctx, r, info)
	if err != nil {
		return nil, false, err
	}
	for _, c := range calls {
		if !slices.ContainsFunc(some, func(o blob.Info) bool { return o.Key == c.Object }) {
			return nil, false, nil
		}
		answers = append(answers, c.Answer)
	}
	return answers, true, nil
}
