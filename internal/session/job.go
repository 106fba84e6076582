package session

import (
	"context"
	"encoding/json"
	"log/slog"

	"griot/internal/queue"
)

// Job is the body of every message: the session that it is about, or, in the
// ingest queue, an object that was created. Wish is the request to extract a
// session again. Attempt is the work of an engine on a recording that the job
// is about, where that may be over; it is as a transcriber.Job has it.
type Job struct {
	Workspace string `json:"workspace,omitempty"`
	Session   string `json:"session,omitempty"`
	Object    string `json:"object,omitempty"`
	Wish      string `json:"wish,omitempty"`
	Attempt   int64  `json:"attempt,omitempty"`
}

// Encode returns the message body of a job.
func (j Job) Encode() []byte {
	data, err := json.Marshal(j)
	if err != nil {
		panic(err) // strings always encode
	}
	return data
}

// send hands a job to its queue. That it gets there is not needed: the due
// row that was written with the state makes the sweeper send it again.
func (s *Service) send(ctx context.Context, to queue.Name, j Job) {
	err := s.Jobs[to].Send(ctx, queue.Outgoing{Body: j.Encode(), Group: j.Workspace})
	if err != nil {
		slog.WarnContext(ctx, "a job was not sent; the sweeper will", "queue", to, "session", j.Session, "error", err)
	}
}

func (s *Service) sendExtract(ctx context.Context, workspace, id string) {
	s.send(ctx, queue.Extract, Job{Workspace: workspace, Session: id})
}

func (s *Service) sendBridge(ctx context.Context, workspace, id string) {
	s.send(ctx, queue.Bridge, Job{Workspace: workspace, Session: id})
}

// sendRead sends the job that reads an upload session's bytes. An object that
// is not there yet brings a job of its own when it arrives.
func (s *Service) sendRead(ctx context.Context, workspace string, sess Session, src source) {
	switch {
	case src.object != "":
		s.send(ctx, queue.Ingest, Job{Workspace: workspace, Session: sess.ID})
	case src.url != "":
		s.send(ctx, queue.Fetch, Job{Workspace: workspace, Session: sess.ID})
	}
}
