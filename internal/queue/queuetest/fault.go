package queuetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"griot/internal/queue"
)

// ErrInjected is what a failing operation returns.
var ErrInjected = errors.New("queuetest: injected failure")

// Op is an operation that can fail.
type Op int

const (
	Send Op = iota
	Receive
	Ack
	Retry
)

// When is the moment of a failure.
type When int

const (
	Before When = iota // nothing happened
	After              // it happened, but the caller is told that it failed
)

// Faults is a queue whose chosen operations fail. Operations and delivered
// messages are counted, so a scenario can be repeated with the first failing,
// the second, and so on until Fired stays 0:
//
//	for n := 1; ; n++ {
//		q := queuetest.NewFaults(open(t))
//		q.Fail(n, queuetest.After)
//		scenario(t, q)
//		if q.Fired() == 0 {
//			break
//		}
//	}
//
// It is safe for concurrent use.
type Faults struct {
	queue.Queue

	mu         sync.Mutex
	plans      []*plan
	duplicates []*plan
	again      []queue.Message // to be delivered a second time
	fired      int
}

var _ queue.Queue = (*Faults)(nil)

// plan waits for the n-th of what it counts, then fires once.
type plan struct {
	left int
	when When
	ops  []Op
}

// due counts and reports whether this was the one.
func (p *plan) due() bool {
	p.left--
	return p.left == 0
}

// NewFaults decorates q. Nothing fails until it is told to.
func NewFaults(q queue.Queue) *Faults { return &Faults{Queue: q} }

// Fail makes the n-th operation from now on (1 is the next) among ops fail
// once. No ops means Send, Ack and Retry: how often Receive is called depends
// on timing, so it counts only when named. A Receive that fails After hides
// its messages.
func (f *Faults) Fail(n int, when When, ops ...Op) {
	if len(ops) == 0 {
		ops = []Op{Send, Ack, Retry}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plans = append(f.plans, &plan{left: n, when: when, ops: ops})
}

// Duplicate makes the n-th message delivered from now on (1 is the next) come
// a second time, by the Receive that follows, with the same receipt: what an
// at-least-once queue may do to a message whatever happens to it meanwhile.
func (f *Faults) Duplicate(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.duplicates = append(f.duplicates, &plan{left: n})
}

// Fired returns how many failures and duplicates have happened.
func (f *Faults) Fired() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fired
}

// next counts an operation and says whether and when it fails.
func (f *Faults) next(op Op) (before, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.plans {
		if slices.Contains(p.ops, op) && p.due() {
			f.fired++
			before = before || p.when == Before
			after = after || p.when == After
		}
	}
	return before, after
}

// do runs an operation with its failure.
func (f *Faults) do(op Op, run func() error) error {
	before, after := f.next(op)
	if before {
		return ErrInjected
	}
	err := run()
	if err == nil && after {
		return ErrInjected
	}
	return err
}

// Send implements queue.Queue.
func (f *Faults) Send(ctx context.Context, messages ...queue.Outgoing) error {
	return f.do(Send, func() error { return f.Queue.Send(ctx, messages...) })
}

// Ack implements queue.Queue.
func (f *Faults) Ack(ctx context.Context, m queue.Message) error {
	return f.do(Ack, func() error { return f.Queue.Ack(ctx, m) })
}

// Retry implements queue.Queue.
func (f *Faults) Retry(ctx context.Context, m queue.Message, after time.Duration) error {
	return f.do(Retry, func() error { return f.Queue.Retry(ctx, m, after) })
}

// Receive implements queue.Queue.
func (f *Faults) Receive(ctx context.Context, max int, wait time.Duration) ([]queue.Message, error) {
	var messages []queue.Message
	err := f.do(Receive, func() (err error) {
		if messages = f.takeAgain(max); len(messages) == 0 {
			messages, err = f.Queue.Receive(ctx, max, wait)
			f.copyDuplicates(messages)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

func (f *Faults) takeAgain(max int) []queue.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(max, len(f.again))
	taken := f.again[:n:n]
	f.again = f.again[n:]
	return taken
}

func (f *Faults) copyDuplicates(messages []queue.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range messages {
		for _, p := range f.duplicates {
			if p.due() {
				f.fired++
				m.Body = slices.Clone(m.Body)
				f.again = append(f.again, m)
			}
		}
	}
}
