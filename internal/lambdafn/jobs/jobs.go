// Package jobs connects workers to AWS Lambda: batches of a queue, the
// notifications of a bucket and a schedule.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/lambdafn"
	"griot/internal/queue"
	"griot/internal/worker"
)

const (
	// reserve is the time without which no further message of a batch is
	// begun: it comes back, and another invocation has all its time for it.
	reserve = 15 * time.Second
	// margin is the part of an invocation's time that is kept for reporting
	// what became of the batch.
	margin = 2 * time.Second
	// longestPause bounds how long a message is put off after a failure.
	longestPause = 64 * time.Second
)

// Event makes a job of a message by which another service tells something. It
// is false for a message that is none of those; an error that is a *worker.Drop
// says why nothing follows from it.
type Event func(ctx context.Context, body string) (job []byte, ok bool, err error)

// Queue serves the messages of a queue with a worker; from is the queue
// itself, where a failed message is put off. It does not return.
func Queue(name queue.Name, from queue.Queue, w worker.Worker, others ...Event) {
	lambdafn.Start(Batch(name, from, w, others...))
}

// Batch returns the function of [Queue]. It reports each message that failed
// or was not begun by its id, and the others are removed. A notification of
// the bucket among the messages becomes a job per object, and an event one job.
func Batch(name queue.Name, from queue.Queue, w worker.Worker, others ...Event) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	w = told(worker.Logged(string(name), w), others)
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		// Never nil: null would mean that the whole batch failed.
		out := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		for _, m := range batch.Records {
			if handle(ctx, from, m, w) != nil {
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
		}
		return out, nil
	}
}

// handle returns nil when the message is done with.
func handle(ctx context.Context, from queue.Queue, m events.SQSMessage, w worker.Worker) error {
	if deadline, ok := ctx.Deadline(); ok {
		if time.Until(deadline) < reserve {
			return fmt.Errorf("no time left: %w", context.DeadlineExceeded)
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	err := each(ctx, m.Body, w)
	if _, dropped := worker.Dropped(err); err == nil || dropped {
		return nil
	}
	putOff(ctx, from, m)
	return err
}

// putOff makes a failed message come back after a pause that grows with its
// receives, and not after the queue's whole visibility time.
func putOff(ctx context.Context, from queue.Queue, m events.SQSMessage) {
	var receives int
	_, _ = fmt.Sscan(m.Attributes["ApproximateReceiveCount"], &receives) // 0: the shortest pause
	pause := min(time.Second<<min(max(receives, 0), 30), longestPause)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), margin/2)
	defer cancel()
	err := from.Retry(ctx, queue.Message{ID: m.MessageId, Receipt: m.ReceiptHandle}, pause)
	if err != nil {
		slog.WarnContext(ctx, "a failed job comes back late", "error", err)
	}
}
