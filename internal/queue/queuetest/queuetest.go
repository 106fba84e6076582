// Package queuetest holds the conformance suite of the queue port and a
// decorator that makes its operations fail.
package queuetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"griot/internal/queue"
)

// Harness is what a driver gives to the suite. The truth is SQS: the suite
// asks for nothing that SQS does not promise, and waits for conditions.
type Harness struct {
	// New returns an empty queue that nobody else uses, with the settings
	// below. advance moves its clock; nil lets the suite wait in real time.
	New func(t *testing.T) (q queue.Queue, advance func(time.Duration))
	// Visibility of the queues; whole seconds, since SQS has no less.
	Visibility time.Duration
	// MaxReceive of the queues, at least 2.
	MaxReceive int
	// Skip maps the name of a test to the reason why it cannot pass.
	Skip map[string]string
}

// Run runs the suite, one subtest per promise of the port.
func Run(t *testing.T, h Harness) {
	tests := []struct {
		name string
		run  func(*bench)
	}{
		{"SendReceiveAck", testSendReceiveAck},
		{"Batch", testBatch},
		{"ReceiveAtMost", testReceiveAtMost},
		{"ReceiveNothing", testReceiveNothing},
		{"ReceiveWaitsForSend", testReceiveWaitsForSend},
		{"ReceiveWaitsForRetry", testReceiveWaitsForRetry},
		{"ReceiveEndsWithContext", testReceiveEndsWithContext},
		{"Delay", testDelay},
		{"Visibility", testVisibility},
		{"AckTwice", testAckTwice},
		{"OutdatedReceipt", testOutdatedReceipt},
		{"Retry", testRetry},
		{"RetryLater", testRetryLater},
		{"DeadLetters", testDeadLetters},
		{"DeadLettersByRetry", testDeadLettersByRetry},
		{"Redrive", testRedrive},
		{"Depth", testDepth},
		{"Limits", testLimits},
		{"AtTheLimits", testAtTheLimits},
		{"KeepsNoReference", testKeepsNoReference},
		{"ManyReceivers", testManyReceivers},
		{"Fairness", testFairness},
		{"CrowdInFlight", testCrowdInFlight},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if reason := h.Skip[test.name]; reason != "" {
				t.Skip(reason)
			}
			t.Parallel()
			q, advance := h.New(t)
			test.run(&bench{T: t, Harness: h, q: q, advance: advance})
		})
	}
}

// patience bounds every wait for something that must happen.
const patience = 30 * time.Second

// bench is one test's queue with the steps that tests are made of.
type bench struct {
	*testing.T
	Harness
	q       queue.Queue
	advance func(time.Duration)
}

func (b *bench) send(messages ...queue.Outgoing) {
	b.Helper()
	if err := b.q.Send(b.Context(), messages...); err != nil {
		b.Fatalf("Send: %v", err)
	}
}

func (b *bench) sendText(bodies ...string) {
	b.Helper()
	for _, body := range bodies {
		b.send(queue.Outgoing{Body: []byte(body)})
	}
}

// receive returns exactly n messages, however many calls that takes. One that
// comes again meanwhile, because its visibility time ran out on a slow
// machine, counts once, with its last receipt.
func (b *bench) receive(n int) []queue.Message {
	b.Helper()
	var got []queue.Message
	for end := time.Now().Add(patience); len(got) < n; {
		if time.Now().After(end) {
			b.Fatalf("received %d of %d messages within %v", len(got), n, patience)
		}
		for _, m := range b.poll(min(n-len(got), queue.MaxBatch), time.Second) {
			if i := slices.IndexFunc(got, func(old queue.Message) bool { return old.ID == m.ID }); i >= 0 {
				got[i] = m
			} else {
				got = append(got, m)
			}
		}
	}
	return got
}

func (b *bench) receiveOne() queue.Message {
	b.Helper()
	return b.receive(1)[0]
}

func (b *bench) poll(max int, wait time.Duration) []queue.Message {
	b.Helper()
	got, err := b.q.Receive(b.Context(), max, wait)
	if err != nil {
		b.Fatalf("Receive: %v", err)
	}
	if len(got) > max {
		b.Fatalf("Receive of at most %d returned %d", max, len(got))
	}
	return got
}

// margin is how far the clock of an engine may be from ours: SQS counts
// seconds, and so do its stand-ins, each from its own beginning.
const margin = time.Second

// nothing asserts that no message comes now. The assertion is void when it
// was made later than until, on a clock that runs by itself.
func (b *bench) nothing(until time.Time) {
	b.Helper()
	got := b.poll(queue.MaxBatch, 0)
	if len(got) > 0 && (b.advance != nil || time.Now().Before(until.Add(-margin))) {
		b.Fatalf("received %q (receive %d), want nothing yet", got[0].Body, got[0].Receives)
	}
}

// pass lets d go by on the queue's clock, counted from start.
func (b *bench) pass(start time.Time, d time.Duration) {
	if b.advance != nil {
		b.advance(d)
		return
	}
	select {
	case <-b.Context().Done():
	case <-time.After(time.Until(start.Add(d))):
	}
}

// none asserts that no message comes although the queue is asked thoroughly:
// SQS looks at all its servers only when the receive waits.
func (b *bench) none() {
	b.Helper()
	wait := time.Second
	if b.advance != nil {
		wait = 0
	}
	if got := b.poll(1, wait); len(got) != 0 {
		b.Fatalf("received %.20q (receive %d), want nothing", got[0].Body, got[0].Receives)
	}
}

func (b *bench) ack(messages ...queue.Message) {
	b.Helper()
	for _, m := range messages {
		if err := b.q.Ack(b.Context(), m); err != nil {
			b.Fatalf("Ack: %v", err)
		}
	}
}

func (b *bench) retry(m queue.Message, after time.Duration) {
	b.Helper()
	if err := b.q.Retry(b.Context(), m, after); err != nil {
		b.Fatalf("Retry: %v", err)
	}
}

// depth waits until the queue's depth is want; SQS is slow to count.
func (b *bench) depth(want queue.Depth) {
	b.Helper()
	b.depthBetween(want, func() {})
}

// depthBetween waits as depth does, and acts before each look.
func (b *bench) depthBetween(want queue.Depth, act func()) {
	b.Helper()
	var got queue.Depth
	b.eventually("depth", func() bool {
		act()
		var err error
		if got, err = b.q.Depth(b.Context()); err != nil {
			b.Fatalf("Depth: %v", err)
		}
		return got == want
	}, func() any { return []queue.Depth{got, want} })
}

// eventually waits until ok; state says what was seen instead.
func (b *bench) eventually(what string, ok func() bool, state func() any) {
	b.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			b.Fatalf("%s: still %+v", what, state())
		case <-tick.C:
		}
	}
}
