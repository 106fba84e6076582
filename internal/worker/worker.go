// Package worker has what happens behind the queues: files are read into
// sessions, captured sessions are searched for candidates and become
// conversations, indexes are merged and tidied, deletions are carried out. A job may be delivered twice, late, or after its session has
// ended; every worker looks first.
package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"griot/internal/queue"
	"griot/internal/table"
	"griot/internal/task"
)

// Worker handles the body of one message. Nil means done, a *Drop that the
// message can never be handled, anything else that it shall come back.
type Worker func(ctx context.Context, body []byte) error

// Drop is a message that nobody can handle; the reason is logged and the
// message removed.
type Drop struct{ Reason string }

func (d *Drop) Error() string { return "dropped: " + d.Reason }

// Dropped returns the reason of a *Drop in err's chain.
func Dropped(err error) (reason string, ok bool) {
	var d *Drop
	if errors.As(err, &d) {
		return d.Reason, true
	}
	return "", false
}

// serve is the worker of a queue, whose messages are of these kinds.
func serve(from queue.Name, handlers task.Handlers) Worker {
	return func(ctx context.Context, body []byte) error {
		m, err := task.Decode(body)
		if err != nil {
			return &Drop{"the body is not a job"}
		}
		handle, ok := handlers[task.KindOf(from, m)]
		if !ok {
			return &Drop{"the body is about nothing"}
		}
		return handle(ctx, m)
	}
}

// Logged runs a worker and logs one event per message: what became of it, for how
// long it ran, and how often the table refused it.
func Logged(name string, w Worker) Worker {
	return func(ctx context.Context, body []byte) (err error) {
		start := time.Now()
		var used table.Usage
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("worker panicked: %v", p)
			}
			log(ctx, name, body, err, time.Since(start), used.Totals())
		}()
		return w(table.WithUsage(ctx, &used), body)
	}
}

func log(ctx context.Context, name string, body []byte, err error, took time.Duration, used table.Totals) {
	var job struct{ Workspace, Session, Conversation string }
	_ = json.Unmarshal(body, &job) // or it is about nothing
	attrs := []any{"worker", name, "workspace", job.Workspace, "session", job.Session, "conversation", job.Conversation, "ms", took.Milliseconds()}
	for _, a := range used.Refusals() {
		attrs = append(attrs, a)
	}
	reason, dropped := Dropped(err)
	switch {
	case err == nil:
		slog.InfoContext(ctx, "job", append(attrs, "outcome", "done")...)
	case dropped:
		slog.WarnContext(ctx, "job", append(attrs, "outcome", "dropped", "reason", reason)...)
	default:
		slog.ErrorContext(ctx, "job", append(attrs, "outcome", "retry", "error", err)...)
	}
}
