package jobs

import (
	"context"
	"encoding/json"
	"log/slog"

	"griot/internal/transcriber"
	"griot/internal/worker"
)

// told is a worker that gets the job of an event in its place.
func told(w worker.Worker, others []Event) worker.Worker {
	return func(ctx context.Context, body []byte) error {
		for _, event := range others {
			job, ok, err := event(ctx, string(body))
			if !ok {
				continue
			}
			if err == nil {
				return w(ctx, job)
			}
			slog.WarnContext(ctx, "an event leads to no job", "error", err)
			return err
		}
		return w(ctx, body)
	}
}

// Transcribed reads the events of Amazon Transcribe, as EventBridge sends them
// when a job has ended. Of the job they have the name only: find looks it up,
// and is false where this stack has started none. Since sessions look after
// their recordings in any case, an event is dropped if that fails.
func Transcribed(find func(ctx context.Context, name string) (transcriber.Job, bool, error)) Event {
	return func(ctx context.Context, body string) ([]byte, bool, error) {
		name, ok := transcribed(body)
		if !ok {
			return nil, false, nil
		}
		job, found, err := find(ctx, name)
		if _, engine := transcriber.As(err); engine {
			return nil, true, &worker.Drop{Reason: "the engine cannot be asked about a job of its own: " + err.Error()}
		}
		if err == nil && !found {
			err = &worker.Drop{Reason: "the engine's job is none of this stack"}
		}
		return job.Encode(), true, err
	}
}

// transcribed returns the name of the job that an event is about, and whether
// the body is such an event.
func transcribed(body string) (name string, ok bool) {
	var e struct {
		Source string `json:"source"`
		Type   string `json:"detail-type"`
		Detail struct{ TranscriptionJobName string }
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return "", false
	}
	return e.Detail.TranscriptionJobName, e.Source == "aws.transcribe" && e.Type == "Transcribe Job State Change"
}
