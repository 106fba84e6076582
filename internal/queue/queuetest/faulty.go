package queuetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"griot/internal/fault"
	"griot/internal/queue"
)

// Op is an operation that can fail.
type Op int

const (
	Send Op = iota
	Receive
	Ack
	Retry
)

// Counts is true for Send, Ack and Retry: how often Receive is called depends
// on timing, so it fails only where it is named.
func (o Op) Counts() bool { return o != Receive }

// Faulty wraps a queue and makes the operations fail that are planned to. A
// Receive that fails After hides its messages. It is safe for concurrent use.
type Faulty struct {
	queue.Queue
	*fault.Plan[Op]

	mu         sync.Mutex
	duplicates []int           // messages still to be delivered until the one that comes twice
	again      []queue.Message // to be delivered a second time
}

var _ queue.Queue = (*Faulty)(nil)

// NewFaulty returns a Faulty that does not fail yet.
func NewFaulty(q queue.Queue) *Faulty { return &Faulty{Queue: q, Plan: fault.New[Op](nil)} }

// Duplicate makes the n-th message delivered from now on (1 is the next) come
// a second time, by the Receive that follows, with the same receipt: what an
// at-least-once queue may do to a message whatever happens to it meanwhile.
func (f *Faulty) Duplicate(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.duplicates = append(f.duplicates, n)
}

func (f *Faulty) do(op Op, run func() error) error {
	_, err := fault.Do(f.Plan, op, func() (struct{}, error) { return struct{}{}, run() })
	return err
}

// Send implements queue.Queue.
func (f *Faulty) Send(ctx context.Context, messages ...queue.Outgoing) error {
	return f.do(Send, func() error { return f.Queue.Send(ctx, messages...) })
}

// Ack implements queue.Queue.
func (f *Faulty) Ack(ctx context.Context, m queue.Message) error {
	return f.do(Ack, func() error { return f.Queue.Ack(ctx, m) })
}

// Retry implements queue.Queue.
func (f *Faulty) Retry(ctx context.Context, m queue.Message, after time.Duration) error {
	return f.do(Retry, func() error { return f.Queue.Retry(ctx, m, after) })
}

// Receive implements queue.Queue.
func (f *Faulty) Receive(ctx context.Context, max int, wait time.Duration) ([]queue.Message, error) {
	return fault.Do(f.Plan, Receive, func() ([]queue.Message, error) {
		if again := f.takeAgain(max); len(again) > 0 {
			return again, nil
		}
		messages, err := f.Queue.Receive(ctx, max, wait)
		f.copyDuplicates(messages)
		return messages, err
	})
}

func (f *Faulty) takeAgain(max int) []queue.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(max, len(f.again))
	taken := f.again[:n:n]
	f.again = f.again[n:]
	return taken
}

func (f *Faulty) copyDuplicates(messages []queue.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range messages {
		for i := range f.duplicates {
			if f.duplicates[i]--; f.duplicates[i] == 0 {
				m.Body = slices.Clone(m.Body)
				f.again = append(f.again, m)
			}
		}
	}
}
