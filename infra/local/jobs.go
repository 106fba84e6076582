package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/limit"
	"griot/internal/queue"
	"griot/internal/worker"
)

// receiveWait is how long one Receive waits for a message.
const receiveWait = 20 * time.Second

// hands is how many messages of a queue are handled at once, and how many of
// these may be of one workspace. Its others wait, so that there is always a hand
// for another workspace's.
type hands struct{ all, share int }

// crew has the hands of each queue. Reading and extracting hold a transcript in
// memory; fetching waits for others. An engine for recordings on this machine has
// one call at a time.
var crew = map[queue.Name]hands{
	queue.Ingest: {3, 2}, queue.Extract: {3, 2}, queue.Bridge: {3, 2},
	queue.Fetch: {8, 3},
	queue.Tidy:  {2, 1}, queue.Merge: {2, 1}, queue.Purge: {2, 1},
	queue.Transcribe: {1, 1},
}

// elsewhere has the queues whose jobs wait for other servers most of their
// time. All other jobs are work for a processor.
var elsewhere = map[queue.Name]bool{queue.Fetch: true, queue.Transcribe: true}

// work runs the workers until ctx ends; a message that is being handled then
// is finished first. turns are those that the jobs of a queue take, with those of
// other queues that have the same; nil: none.
func work(ctx context.Context, state *disk.State, queues map[queue.Name]queue.Queue, workers map[queue.Name]worker.Worker, turns func(queue.Name) *limit.Turns) *sync.WaitGroup {
	var wg sync.WaitGroup
	for name, w := range workers {
		for range crew[name].all {
			wg.Go(func() {
				for ctx.Err() == nil {
					rest(ctx, state, name, handleNext(ctx, queues[name], worker.Logged(string(name), w), turns(name)))
				}
			})
		}
	}
	return &wg
}

// rest pauses after a failure. While the disk takes no writes there is nothing
// to do for any worker but purge, which may make room.
func rest(ctx context.Context, state *disk.State, name queue.Name, err error) {
	switch {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, disk.ErrDamaged):
		slog.ErrorContext(ctx, "receiving or settling jobs", "queue", name, "error", err)
		pause(ctx, time.Minute) // it does not get better
	case !errs.Is(err, errs.InsufficientStorage):
		slog.ErrorContext(ctx, "receiving or settling jobs", "queue", name, "error", err)
		pause(ctx, time.Second)
	case name == queue.Purge:
		pause(ctx, sweepEvery)
	default:
		_ = state.Await(ctx) // its end is the loop's
	}
}

// handleNext handles one message, if there is one. Its error is that of the
// queue, or a disk's that took no writes.
func handleNext(ctx context.Context, q queue.Queue, w worker.Worker, turns *limit.Turns) error {
	messages, err := q.Receive(ctx, 1, receiveWait)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err = handle(ctx, q, w, turns, m); err != nil {
			return err
		}
	}
	return nil
}

// handle handles a message when it is its workspace's turn; turns may be nil. One
// whose turn has not come when ctx ends goes back.
func handle(ctx context.Context, q queue.Queue, w worker.Worker, turns *limit.Turns, m queue.Message) error {
	begun := context.WithoutCancel(ctx)
	if turns != nil {
		done, err := turns.Take(ctx, m.Group)
		if err != nil {
			return q.Retry(begun, m, 0)
		}
		defer done()
	}
	err := w(begun, m.Body)
	if settled := settle(begun, q, m, err); settled != nil {
		return settled
	}
	if errs.Is(err, errs.InsufficientStorage) {
		return err
	}
	return nil
}

// settle removes a message that was handled or never can be, and lets any
// other come back after a pause that grows with its receives. A message that a
// full disk keeps from being settled comes back by itself.
func settle(ctx context.Context, q queue.Queue, m queue.Message, err error) error {
	if _, dropped := worker.Dropped(err); err == nil || dropped {
		return q.Ack(ctx, m)
	}
	return q.Retry(ctx, m, time.Second<<min(m.Receives, 6))
}

// whenWritable skips fn while the disk takes no writes.
func whenWritable(state *disk.State, fn func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		if state.Check() == nil {
			fn(ctx)
		}
	}
}

// every calls fn now and then again after each interval.
func every(ctx context.Context, interval time.Duration, fn func(context.Context)) {
	for ctx.Err() == nil {
		fn(ctx)
		pause(ctx, interval)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
