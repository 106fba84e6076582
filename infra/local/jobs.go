package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"griot/internal/queue"
	"griot/internal/worker"
)

// receiveWait is how long one Receive waits for a message.
const receiveWait = 20 * time.Second

// crew is how many messages of each queue are handled at once, one unless said.
// Reading and extracting hold a transcript in memory; fetching waits for others.
var crew = map[queue.Name]int{queue.Ingest: 2, queue.Extract: 2, queue.Fetch: 4, queue.Bridge: 2}

// work runs the workers until ctx ends; a message that is being handled then
// is finished first.
func work(ctx context.Context, queues map[queue.Name]queue.Queue, workers map[queue.Name]worker.Worker) *sync.WaitGroup {
	var wg sync.WaitGroup
	for name, w := range workers {
		for range max(1, crew[name]) {
			wg.Go(func() {
				for ctx.Err() == nil {
					handleNext(ctx, queues[name], worker.Logged(string(name), w))
				}
			})
		}
	}
	return &wg
}

func handleNext(ctx context.Context, q queue.Queue, w worker.Worker) {
	messages, err := q.Receive(ctx, 1, receiveWait)
	if err != nil {
		if ctx.Err() == nil {
			slog.ErrorContext(ctx, "receiving jobs", "error", err)
			pause(ctx, time.Second)
		}
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, m := range messages {
		settle(ctx, q, m, w(ctx, m.Body))
	}
}

// settle removes a message that was handled or never can be, and lets any
// other come back after a pause that grows with its receives.
func settle(ctx context.Context, q queue.Queue, m queue.Message, err error) {
	if _, dropped := worker.Dropped(err); err == nil || dropped {
		err = q.Ack(ctx, m)
	} else {
		err = q.Retry(ctx, m, time.Second<<min(m.Receives, 6))
	}
	if err != nil {
		slog.ErrorContext(ctx, "settling a job", "error", err)
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
