// Package transcriber opens the engine that writes a stack's recordings down.
// What is below it opens one kind, for functions that need no other.
package transcriber

import (
	"griot/internal/blob"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/setup"
	"griot/internal/setup/transcriber/amazon"
	"griot/internal/setup/transcriber/openai"
	"griot/internal/transcriber"
)

// None tells the client of a stack without an engine how it gets one.
const None = "Its operator names one in the stack's parameter Transcriber. "

// Open returns the engine that the environment names, nil if it names none, and
// what reads the events of that engine. calls is the queue of those whose calls
// a worker makes.
func Open(c setup.Config, bucket blob.Store, calls queue.Queue) (transcriber.Engine, []jobs.Event) {
	switch c.Transcriber.Engine {
	case "":
		return nil, nil
	case setup.Amazon:
		e := amazon.Engine(c, bucket)
		return e, []jobs.Event{jobs.Transcribed(e.Job)}
	}
	return openai.Engine(c, bucket, calls), nil
}
