// Package openai opens the server that writes recordings down for a stack, as
// OpenAI does.
package openai

import (
	"time"

	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/setup"
	"griot/internal/transcriber/openai"
)

// Engine is the server that the environment names; jobs is the queue whose
// messages its calls are made for. The process ends where the name is no URL.
func Engine(c setup.Config, bucket blob.Store, jobs queue.Queue) *openai.Engine {
	t := c.Transcriber
	return setup.Must(openai.New(setup.PatientClient(), bucket, jobs, openai.Config{
		URL: t.Engine, Model: t.Model, Key: t.Key, Diarize: t.Diarize, MaxBytes: t.MaxBytes, Now: time.Now,
	}))
}
