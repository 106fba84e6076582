package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/fetch"
	"griot/internal/media"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/lifecycle"
	"griot/internal/session/recording"
	"griot/internal/session/upload"
	"griot/internal/task"
	"griot/internal/transcriber"
	"griot/internal/transcript/format"
)

// Failed is an error that ends the session.
type Failed struct{ session.Failure }

func (f *Failed) Error() string { return f.Code + ": " + f.Message }

// Files reads uploads, drops and fetched URLs into sessions.
type Files struct {
	Sessions *lifecycle.Service
	Blobs    blob.Store
	Fetch    fetch.Client
	// FetchesAtOnce is how many of a workspace's URLs are fetched at once, where the
	// queue does not see to that; 0: as many as there are workers.
	FetchesAtOnce int
	// Engine writes recordings down; nil where there is none.
	Engine transcriber.Engine
	// NoEngine tells clients how one is had on this host, in sentences with a
	// space behind.
	NoEngine string
	Names    Names
}

// Ingest handles the ingest queue: an object that was created, or a session
// whose bytes may be there.
func (f Files) Ingest() Worker {
	return serve(queue.Ingest, task.Handlers{task.Arrived: f.arrived, task.ReadFile: f.read})
}

func (f Files) arrived(ctx context.Context, job task.Message) error {
	ignored, err := f.Sessions.Uploads.Arrived(ctx, job.Object)
	if err == nil && ignored != "" {
		err = &Drop{ignored}
	}
	return err
}

// read takes a session's object as far as it can: to its end, or to a failure
// that the client sees.
func (f Files) read(ctx context.Context, job task.Message) error {
	reading, ok, err := f.Sessions.Uploads.Reading(ctx, job.Ref())
	if err != nil {
		return err
	}
	if job.Attempt > 0 && (!ok || !reading.IsRecording() || recording.Of(reading).Attempt != job.Attempt) {
		return f.unwanted(ctx, job)
	}
	if !ok {
		return nil
	}
	if reading.IsRecording() {
		return f.end(ctx, job, f.transcribe(ctx, job, reading))
	}
	err = f.readFile(ctx, job, reading)
	if errors.Is(err, blob.ErrNotFound) {
		return nil // its arrival sends another job
	}
	return f.end(ctx, job, err)
}

func (f Files) keep(ctx context.Context, job task.Message, p format.Parsed) error {
	if err := f.Sessions.Capture.Keep(ctx, job.Ref(), p.Turns); err != nil {
		return err
	}
	return f.Sessions.Capture.Captured(ctx, job.Ref(), capture.Media{
		Language: p.Language, DurationMS: duration(p), Reading: p.Reading,
	})
}

// duration is the end of the last segment, else the length that the transcript
// states, else -1.
func duration(p format.Parsed) int64 {
	last := int64(-1)
	for _, t := range p.Turns {
		if t.EndMS != nil {
			last = max(last, *t.EndMS)
		}
	}
	if last < 0 && p.DurationMS != nil {
		return *p.DurationMS
	}
	return last
}

// readFile opens and sniffs the object, and reads it, or hands it to the
// engine if it is a recording.
func (f Files) readFile(ctx context.Context, job task.Message, r upload.Reading) error {
	body, info, err := f.Blobs.Get(ctx, r.Object)
	if err != nil {
		return fmt.Errorf("opening the file of a session: %w", err)
	}
	defer body.Close()
	if err := unreplaced(r, info); err != nil {
		return err
	}
	buf := bufio.NewReaderSize(body, format.SniffLen)
	head, err := buf.Peek(format.SniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the file of a session: %w", err)
	}
	if kind := format.Sniff(head); kind.Recording() {
		if f.Engine == nil {
			return f.noEngine(ctx, r, kind)
		}
		facts, err := f.hear(ctx, info)
		if err != nil {
			return err
		}
		return f.recognize(ctx, job, r, facts)
	}
	parsed, err := format.Parse(buf, format.MaxText, r.Hint)
	if err != nil {
		return err
	}
	return f.keep(ctx, job, parsed)
}

// unreplaced refuses a drop that is not the version any more that its session is
// about.
func unreplaced(r upload.Reading, info blob.Info) error {
	if r.ETag == "" || info.ETag == r.ETag {
		return nil
	}
	return &Failed{session.Failure{
		Code: session.URLUnreachable, Message: "the file was replaced before it was read",
	}}
}

// hear reads the headers of a recording, and refuses one that no engine could
// write down.
func (f Files) hear(ctx context.Context, info blob.Info) (session.Facts, error) {
	facts, err := media.Read(blob.OpenAt(ctx, f.Blobs, info), info.Size)
	if err == nil {
		err = media.Any.Check(facts)
	}
	var unheard *media.Error
	if errors.As(err, &unheard) {
		return session.Facts{}, &Failed{session.Failure{Code: unheard.Code, Message: unheard.Message}}
	}
	return session.Facts{
		Kind: string(facts.Kind), DurationMS: facts.DurationMS, Channels: facts.Channels, SampleRate: facts.SampleRate,
		Estimated: facts.Estimated, CutOff: facts.CutOff,
	}, err
}

// end turns what a session's reading came to into its outcome: failures that
// the client is to know end the session, others bring the message back.
func (f Files) end(ctx context.Context, job task.Message, err error) error {
	var failed *Failed
	var broken *format.Error
	switch {
	case errors.As(err, &failed):
		return f.Sessions.Sessions.Fail(ctx, job.Ref(), failed.Failure)
	case errors.As(err, &broken):
		return f.Sessions.Sessions.Fail(ctx, job.Ref(),
			session.Failure{Code: broken.Code, Message: broken.Message})
	case errs.Is(err, errs.NotFound):
		return nil // deleted meanwhile
	case errs.Is(err, errs.Conflict):
		return f.conflict(ctx, job)
	default:
		return err
	}
}

// conflict is a session that was cancelled meanwhile, or one whose file was
// read halfway by a version of the parser that split it otherwise.
func (f Files) conflict(ctx context.Context, job task.Message) error {
	if _, ok, err := f.Sessions.Uploads.Reading(ctx, job.Ref()); err != nil || !ok {
		return err
	}
	return f.Sessions.Sessions.Fail(ctx, job.Ref(), session.Failure{
		Code: session.ParseError, Message: "the file was read by two versions of the parser; upload it again",
	})
}
