// Package transcriber opens the engine that writes a stack's recordings down.
// What is below it opens one kind, for functions that need no other.
package transcriber

import (
	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/setup"
	"griot/internal/setup/transcriber/openai"
	"griot/internal/transcriber"
)

// None tells the client of a stack without an engine how it gets one.
const None = "Its operator names one in the stack's parameter Transcriber. "

// Open returns the engine that the environment names, nil if it names none;
// jobs is for those whose calls a worker makes.
func Open(c setup.Config, bucket blob.Store, jobs queue.Queue) transcriber.Engine {
	if c.Transcriber.Engine == "" {
		return nil
	}
	return openai.Engine(c, bucket, jobs)
}
