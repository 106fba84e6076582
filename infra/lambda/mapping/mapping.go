// Package mapping connects functions to what invokes them by itself: queues,
// as Lambda's event source mappings do, and schedules.
package mapping

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"griot/infra/lambda/platform"
)

// Invoke runs a function; see [platform.Platform.Invoke].
type Invoke func(ctx context.Context, function string, event []byte) (*platform.Answer, error)

// Receive waits for messages, up to max of them. None is no error.
type Receive func(ctx context.Context, max int) ([]events.SQSMessage, error)

// Remove deletes messages for good.
type Remove func(ctx context.Context, messages []events.SQSMessage) error

// Mapping hands the messages of a queue to a function, in batches. What the
// function does not report as failed is removed; all else comes back when its
// visibility time is over, and goes to the dead letters by the queue's own
// policy.
type Mapping struct {
	Source   Source
	Function string
	Receive  Receive
	Remove   Remove
	Invoke   Invoke
}

// Source says how a function gets the messages of a queue.
type Source struct {
	QueueARN    string
	Batch       int
	Concurrency int  // most invocations at once; 0: no limit of its own
	Partial     bool // ReportBatchItemFailures
}

const (
	// usual is how many invocations at once a mapping without a limit of its
	// own gets to here. Lambda begins with five and goes up to 1,000.
	usual = 5
	// afterError is the pause when the queue does not answer.
	afterError = time.Second
)

// Run works until ctx ends, and returns when the last function has.
func (m Mapping) Run(ctx context.Context) {
	limit := m.Source.Concurrency
	if limit == 0 {
		limit = usual
	}
	slots := make(chan struct{}, limit)
	var running sync.WaitGroup
	defer running.Wait()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case slots <- struct{}{}:
		}
		batch, err := m.Receive(ctx, m.Source.Batch)
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "receiving messages", "queue", m.Source.QueueARN, "error", err)
			pause(ctx, afterError)
		}
		if len(batch) == 0 {
			<-slots
			continue
		}
		running.Go(func() {
			defer func() { <-slots }()
			m.handle(context.WithoutCancel(ctx), batch)
		})
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (m Mapping) handle(ctx context.Context, batch []events.SQSMessage) {
	event, err := json.Marshal(events.SQSEvent{Records: batch})
	if err != nil {
		panic(err) // strings always encode
	}
	answer, err := m.Invoke(ctx, m.Function, event)
	var data []byte
	if err == nil {
		data, err = io.ReadAll(answer.Body)
	}
	if err != nil {
		slog.ErrorContext(ctx, "a function failed; its messages come back", "function", m.Function, "messages", len(batch), "error", err)
		return
	}
	if done := m.done(batch, data); len(done) > 0 {
		if err := m.Remove(ctx, done); err != nil {
			slog.ErrorContext(ctx, "removing messages; they come back", "function", m.Function, "error", err)
		}
	}
}

// done returns the messages that the function's answer does not name as
// failed: all of them when it names none, also by null; none of them when it
// cannot be understood, or names what was not in the batch.
func (m Mapping) done(batch []events.SQSMessage, answer []byte) []events.SQSMessage {
	if !m.Source.Partial {
		return batch
	}
	var report *struct {
		BatchItemFailures []struct{ ItemIdentifier *string }
	}
	if len(answer) > 0 && json.Unmarshal(answer, &report) != nil {
		return nil
	}
	if report == nil {
		return batch
	}
	failed := map[string]bool{}
	for _, f := range report.BatchItemFailures {
		if f.ItemIdentifier == nil || *f.ItemIdentifier == "" {
			return nil
		}
		failed[*f.ItemIdentifier] = true
	}
	var done []events.SQSMessage
	for _, message := range batch {
		if !failed[message.MessageId] {
			done = append(done, message)
		}
		delete(failed, message.MessageId)
	}
	if len(failed) > 0 {
		return nil
	}
	return done
}
