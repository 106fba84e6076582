package queuetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"griot/internal/queue"
)

// tally holds when each body was received, and ends the receivers when all
// are there.
type tally struct {
	mu   sync.Mutex
	got  map[string][]span
	want int
	end  context.CancelFunc
}

// span is the time of one Receive.
type span struct{ begin, end time.Time }

func (t *tally) add(messages []queue.Message, received span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range messages {
		t.got[string(m.Body)] = append(t.got[string(m.Body)], received)
	}
	if len(t.got) == t.want {
		t.end()
	}
}

// early returns how many receives of one message came while it was hidden. On
// a clock that runs by itself a machine may be so slow that the message comes
// back before it is acknowledged.
func (b *bench) early(receives []span) (n int) {
	for i, r := range receives[1:] {
		if b.advance != nil || r.end.Before(receives[i].begin.Add(b.Visibility-margin)) {
			n++
		}
	}
	return n
}

func testManyReceivers(b *bench) {
	const receivers, senders, each = 8, 4, 25
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	t := &tally{got: map[string][]span{}, want: senders * each, end: cancel}
	var all sync.WaitGroup
	for range receivers {
		all.Go(func() { b.work(ctx, t) })
	}
	for s := range senders {
		all.Go(func() { b.produce(fmt.Sprint("ws_", s), each) })
	}
	all.Wait()
	if len(t.got) != t.want {
		b.Errorf("received %d of %d messages", len(t.got), t.want)
	}
	for body, receives := range t.got {
		if n := b.early(receives); n > 0 {
			b.Errorf("%s was received %d times while it was hidden", body, n)
		}
	}
	b.depth(queue.Depth{})
}

// work receives and acknowledges until ctx ends.
func (b *bench) work(ctx context.Context, t *tally) {
	for {
		begin := time.Now()
		messages, err := b.q.Receive(ctx, 3, time.Second)
		received := span{begin, time.Now()}
		if ctx.Err() != nil && len(messages) == 0 {
			return
		}
		if err != nil {
			b.Errorf("Receive: %v", err)
			return
		}
		for _, m := range messages {
			if err := b.q.Ack(b.Context(), m); err != nil {
				b.Errorf("Ack: %v", err)
			}
		}
		t.add(messages, received)
	}
}

func (b *bench) produce(group string, n int) {
	for i := range n {
		m := queue.Outgoing{Body: fmt.Appendf(nil, "%s/%d", group, i), Group: group}
		if err := b.q.Send(b.Context(), m); err != nil {
			b.Errorf("Send: %v", err)
		}
	}
}

// testFairness asks that one tenant's backlog does not hold up another's
// single message.
func testFairness(b *bench) {
	const backlog = 40
	b.produce("noisy", backlog)
	b.produce("quiet", 1)
	for range backlog / 2 {
		if b.receiveOne().Group == "quiet" {
			return
		}
	}
	b.Errorf("the quiet tenant waits behind %d messages of the noisy one", backlog/2)
}

// testCrowdInFlight asks that what a tenant sends is received next although
// another one has messages in flight, whose workers receive more as they get done,
// and a backlog behind them.
func testCrowdInFlight(b *bench) {
	const backlog, workers = 20, 3
	b.produce("noisy", backlog)
	held := b.receive(workers)
	for _, m := range held {
		b.produce("quiet", 1)
		next := b.receiveOne()
		if next.Group != "quiet" {
			b.Fatalf("received %q before the quiet tenant's message", next.Body)
		}
		b.ack(next, m)
		if next := b.receiveOne(); next.Group != "noisy" {
			b.Fatalf("received %q of %q", next.Body, next.Group)
		}
	}
}
