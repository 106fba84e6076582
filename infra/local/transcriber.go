package main

import (
	"context"
	"net/http"
	"os"

	"griot/internal/queue"
	"griot/internal/transcriber"
	"griot/internal/transcriber/openai"
)

// noTranscriber tells a client what its host's operator can do.
const noTranscriber = "`infra/engines/engines speech` installs and starts one on this machine; name it, or any server that has /v1/audio/transcriptions, with go run ./infra/local -transcriber URL; then POST /v1/sessions/{id}/retry takes the session up again. "

// openTranscriber opens the engine that writes recordings down, and returns
// what calls it; both are nil where the options name none. A server that ends
// does not wait for a call: the job comes back.
func (h *host) openTranscriber(o options) (call func(context.Context, transcriber.Recording) error, err error) {
	if o.transcriber == "" {
		return nil, nil
	}
	e, err := openai.New(&http.Client{}, h.Blobs, h.Queues[queue.Transcribe], openai.Config{
		URL: o.transcriber, Model: o.transcriberModel, Key: os.Getenv("GRIOT_TRANSCRIBER_KEY"),
		Diarize: o.transcriberDiarize, MaxBytes: o.transcriberMaxMB << 20, Sole: true, Now: h.now,
	})
	if err != nil {
		return nil, err
	}
	h.engine = e
	return func(ctx context.Context, r transcriber.Recording) error {
		ctx, cancel := until(ctx, h.drain)
		defer cancel()
		return e.Work(ctx, r)
	}, nil
}
