package docs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"griot/internal/extraction"
	"griot/internal/queue"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/result"
	"griot/internal/session/upload"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

func sessionCosts(w *world) []operation {
	svc, p := w.sessions, w.caller
	m := &meter{t: w.T}
	var id string
	m.run("create a live session", func(ctx context.Context) (err error) {
		id, err = w.live(ctx)
		return err
	})
	m.run("append one segment", w.appending(id, 0, 1))
	m.run("append 50 segments", w.appending(id, 64, 114))
	m.run("append one segment that is known", w.appending(id, 0, 1))
	m.run("get a session", func(ctx context.Context) error { _, err := svc.Sessions.Get(ctx, p, id); return err })
	m.run("one poll of a stream", func(ctx context.Context) error {
		_, err := svc.Capture.State(ctx, p, id, table.Eventual)
		return err
	})
	m.run("a page of 51 segments", func(ctx context.Context) error {
		_, err := svc.Capture.Segments(ctx, p, id, 0, 200)
		return err
	})
	m.run("complete the capture", func(ctx context.Context) error {
		_, err := svc.Complete(ctx, p, id, nil)
		return err
	})
	m.run("store the result of extraction", w.extracting)
	m.run("the finished document", func(ctx context.Context) error {
		_, body, err := svc.Capture.OpenDocument(ctx, p, id)
		if err != nil {
			return err
		}
		defer body.Close()
		_, err = io.Copy(io.Discard, body)
		return err
	})
	var other string
	for range 51 {
		var err error
		other, err = w.live(w.Context())
		ok(w, err)
	}
	m.run("list 50 sessions", func(ctx context.Context) error {
		_, err := svc.Sessions.List(ctx, p, session.ListInput{Limit: 50})
		return err
	})
	m.run("cancel", func(ctx context.Context) error { _, err := svc.Cancel(ctx, p, other, nil); return err })
	size := int64(80_000)
	var up upload.Upload
	m.run("create an upload", func(ctx context.Context) (err error) {
		up, err = svc.Uploads.CreateUpload(ctx, p, upload.UploadInput{SizeBytes: &size}, nil)
		return err
	})
	m.run("create a session for it", func(ctx context.Context) error {
		_, err := svc.Create(ctx, p, session.CreateInput{Template: "open_exploration", Title: "File", UploadURL: up.Request.URL}, nil)
		return err
	})
	again := w.completed()
	m.run("have a session extracted again", func(ctx context.Context) error {
		_, err := svc.Results.ExtractAgain(ctx, p, again, result.ExtractInput{Extractor: session.ByRules}, nil)
		return err
	})
	m.run("store the result of that", w.extracting)
	m.run("delete a session", func(ctx context.Context) error { _, err := svc.Delete(ctx, p, id); return err })
	m.run("remove what it had", func(ctx context.Context) error { return svc.Purge(ctx, record.In(p.Workspace, id)) })
	return m.done
}

func (w *world) live(ctx context.Context) (id string, err error) {
	s, err := w.sessions.Create(ctx, w.caller, session.CreateInput{
		Template: "open_exploration", Title: "Talk", IntervieweeEmail: "ann@acme.com",
	}, nil)
	return s.ID, err
}

// completed is a session of one segment with a result.
func (w *world) completed() (id string) {
	id, err := w.live(w.Context())
	ok(w, err)
	ok(w, w.appending(id, 0, 1)(w.Context()))
	_, err = w.sessions.Complete(w.Context(), w.caller, id, nil)
	ok(w, err)
	ok(w, w.extracting(w.Context()))
	return id
}

// extracting does the job of extraction that was sent last.
func (w *world) extracting(ctx context.Context) error {
	messages, err := w.jobs[queue.Extract].Receive(ctx, 1, 0)
	if err != nil {
		return err
	}
	var job task.Message
	if err := json.Unmarshal(messages[0].Body, &job); err != nil {
		return err
	}
	s, segs, _, err := w.sessions.Results.ToExtract(ctx, job)
	if err != nil {
		return err
	}
	src := extraction.Source{SessionID: s.ID}
	return w.sessions.Results.Finish(ctx, s, extraction.Cite(src, extraction.ExtractorVersion{}, segs, extraction.Findings{}))
}

func (w *world) appending(id string, from, to int) func(context.Context) error {
	in := capture.AppendInput{Source: "a"}
	for i := from; i < to; i++ {
		turn := transcript.Turn{Speaker: "a", Text: fmt.Sprintf("a says %d, <b>&é.", i)}
		in.Segments = append(in.Segments, capture.Incoming{ClientSeq: int64(i), Turn: turn})
	}
	return func(ctx context.Context) error {
		_, err := w.sessions.Capture.Append(ctx, w.caller, id, in, nil)
		return err
	}
}
