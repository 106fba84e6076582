// Package queuetest holds the conformance suite of the queue port and a
// decorator that makes its operations fail.
package queuetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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

func testSendReceiveAck(b *bench) {
	start := time.Now()
	b.send(queue.Outgoing{Body: []byte(`{"id":"ses_1 ü"}`), Group: "ws_1"})
	m := b.receiveOne()
	if string(m.Body) != `{"id":"ses_1 ü"}` || m.Group != "ws_1" || m.Receives != 1 {
		b.Errorf("received %q of group %q, receive %d", m.Body, m.Group, m.Receives)
	}
	if m.ID == "" || m.Receipt == "" {
		b.Errorf("id %q, receipt %q, want both", m.ID, m.Receipt)
	}
	b.ack(m)
	b.pass(start, b.Visibility+time.Second)
	b.none()
	b.depth(queue.Depth{})
}

func testBatch(b *bench) {
	var batch []queue.Outgoing
	var want []string
	for i := range queue.MaxBatch {
		want = append(want, fmt.Sprintf("message %d", i))
		batch = append(batch, queue.Outgoing{Body: []byte(want[i])})
	}
	b.send(batch...)
	got := b.receive(queue.MaxBatch)
	if bodies := bodiesOf(got); !slices.Equal(bodies, want) {
		b.Errorf("received %q, want %q", bodies, want)
	}
	ids := map[string]bool{}
	for _, m := range got {
		ids[m.ID] = true
	}
	if len(ids) != len(want) {
		b.Errorf("%d messages have %d ids", len(want), len(ids))
	}
}

func bodiesOf(messages []queue.Message) []string {
	var bodies []string
	for _, m := range messages {
		bodies = append(bodies, string(m.Body))
	}
	slices.Sort(bodies)
	return bodies
}

func testReceiveAtMost(b *bench) {
	b.sendText("a", "b", "c")
	total := 0
	for total < 3 {
		got := b.poll(2, time.Second) // poll checks the 2
		total += len(got)
		b.ack(got...)
	}
	for _, max := range []int{-1, 0, queue.MaxBatch + 1} {
		if _, err := b.q.Receive(b.Context(), max, 0); !errors.Is(err, queue.ErrLimit) {
			b.Errorf("Receive of %d: %v, want ErrLimit", max, err)
		}
	}
}

func testReceiveNothing(b *bench) {
	for _, wait := range []time.Duration{-time.Second, 0, 50 * time.Millisecond} {
		if got := b.poll(1, wait); len(got) != 0 {
			b.Errorf("an empty queue gave %q", got[0].Body)
		}
	}
}

func testReceiveWaitsForSend(b *bench) {
	got := b.receiveLater()
	b.sendText("awaited")
	if m := <-got; string(m.Body) != "awaited" {
		b.Errorf("received %q", m.Body)
	}
}

func testReceiveWaitsForRetry(b *bench) {
	b.sendText("awaited")
	m := b.receiveOne()
	got := b.receiveLater()
	b.retry(m, 0)
	if again := <-got; again.ID != m.ID || again.Receives != 2 {
		b.Errorf("received %q, receive %d", again.Body, again.Receives)
	}
}

// receiveLater receives one message in the background.
func (b *bench) receiveLater() <-chan queue.Message {
	got := make(chan queue.Message, 1)
	go func() {
		defer close(got)
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		defer cancel()
		for {
			messages, err := b.q.Receive(ctx, 1, 10*time.Second)
			if err != nil {
				b.Errorf("Receive: %v", err)
				return
			}
			if len(messages) > 0 {
				got <- messages[0]
				return
			}
		}
	}()
	return got
}

func testReceiveEndsWithContext(b *bench) {
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.q.Receive(ctx, 1, patience)
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		b.Errorf("Receive: %v, want context.Canceled", err)
	}
	if err := b.q.Send(ctx, queue.Outgoing{Body: []byte("late")}); !errors.Is(err, context.Canceled) {
		b.Errorf("Send: %v, want context.Canceled", err)
	}
}

func testLimits(b *bench) {
	good := queue.Outgoing{Body: []byte("good")}
	big := queue.Outgoing{Body: bytes.Repeat([]byte("x"), queue.MaxBody)}
	tests := map[string][]queue.Outgoing{
		"no message":      {},
		"eleven messages": slices.Repeat([]queue.Outgoing{good}, queue.MaxBatch+1),
		"empty body":      {good, {}},
		"big body":        {good, {Body: append(slices.Clone(big.Body), 'x')}},
		"big batch":       {big, big, big, big, good},
		"not UTF-8":       {good, {Body: []byte("\xff")}},
		"not XML":         {good, {Body: []byte("\x00")}},
		"long delay":      {good, {Body: good.Body, Delay: queue.MaxDelay + time.Second}},
		"negative delay":  {good, {Body: good.Body, Delay: -time.Second}},
		"long group":      {good, {Body: good.Body, Group: strings.Repeat("g", queue.MaxGroup+1)}},
		"group's space":   {good, {Body: good.Body, Group: "a b"}},
	}
	for name, batch := range tests {
		if err := b.q.Send(b.Context(), batch...); !errors.Is(err, queue.ErrLimit) {
			b.Errorf("%s: %v, want ErrLimit", name, err)
		}
	}
	b.none()
}

func testAtTheLimits(b *bench) {
	big := bytes.Repeat([]byte("x"), queue.MaxBody)
	group := strings.Repeat("~", queue.MaxGroup)
	b.send(queue.Outgoing{Body: big, Group: group})
	m := b.receiveOne()
	if !bytes.Equal(m.Body, big) || m.Group != group {
		b.Errorf("received %d bytes of group %q", len(m.Body), m.Group)
	}
	b.retry(m, queue.MaxRetry)
	if err := b.q.Retry(b.Context(), m, queue.MaxRetry+time.Second); !errors.Is(err, queue.ErrLimit) {
		b.Errorf("Retry: %v, want ErrLimit", err)
	}
	odd := "\t\n\r \u0085\ufffd\U0010ffff"
	b.sendText(odd)
	if m := b.receiveOne(); string(m.Body) != odd {
		b.Errorf("received %q, want %q", m.Body, odd)
	}
	b.send(queue.Outgoing{Body: []byte("later"), Delay: queue.MaxDelay})
}

func testKeepsNoReference(b *bench) {
	body := []byte("original")
	b.send(queue.Outgoing{Body: body})
	copy(body, "changed!")
	m := b.receiveOne()
	if string(m.Body) != "original" {
		b.Fatalf("received %q", m.Body)
	}
	copy(m.Body, "changed!")
	b.retry(m, 0)
	if m := b.receiveOne(); string(m.Body) != "original" {
		b.Errorf("received %q again", m.Body)
	}
}

func testDelay(b *bench) {
	const delay = 2 * time.Second
	start := time.Now()
	b.send(queue.Outgoing{Body: []byte("delayed"), Delay: delay})
	b.nothing(start.Add(delay))
	b.pass(start, delay)
	if m := b.receiveOne(); string(m.Body) != "delayed" || m.Receives != 1 {
		b.Errorf("received %q, receive %d", m.Body, m.Receives)
	}
}

func testVisibility(b *bench) {
	start := time.Now()
	b.sendText("hidden")
	m := b.receiveOne()
	b.nothing(start.Add(b.Visibility))
	b.pass(time.Now(), b.Visibility)
	again := b.receiveOne()
	if again.ID != m.ID || again.Receives != 2 || again.Receipt == m.Receipt {
		b.Errorf("received %+v after %+v", again, m)
	}
}

func testAckTwice(b *bench) {
	b.sendText("a")
	m := b.receiveOne()
	b.ack(m, m)
	b.retry(m, 0)
	b.depth(queue.Depth{})
}

func testOutdatedReceipt(b *bench) {
	b.sendText("a")
	old := b.receiveOne()
	b.pass(time.Now(), b.Visibility)
	m := b.receiveOne()
	b.ack(old) // may remove the message; SQS says both
	b.retry(old, time.Minute)
	b.ack(m)
	b.depth(queue.Depth{})
}

func testRetry(b *bench) {
	b.sendText("a")
	m := b.receiveOne()
	b.retry(m, 0)
	again := b.receiveOne()
	if again.ID != m.ID || again.Receives != 2 {
		b.Errorf("received %+v after %+v", again, m)
	}
}

// testRetryLater asks for more than the visibility, so that the return shows
// which of the two counts.
func testRetryLater(b *bench) {
	after := b.Visibility + time.Second + 2*margin
	b.sendText("a")
	m := b.receiveOne()
	start := time.Now()
	b.retry(m, after)
	b.pass(start, b.Visibility+time.Second)
	b.nothing(start.Add(after))
	b.pass(start, after)
	if again := b.receiveOne(); again.ID != m.ID || again.Receives != 2 {
		b.Errorf("received %+v after %+v", again, m)
	}
}

func testDeadLetters(b *bench) {
	b.sendText("bad")
	for i := range b.MaxReceive {
		if m := b.receiveOne(); m.Receives != i+1 {
			b.Errorf("receive %d says it is number %d", i+1, m.Receives)
		}
		b.pass(time.Now(), b.Visibility)
	}
	b.gone()
}

func testDeadLettersByRetry(b *bench) {
	b.killOne("bad")
	b.gone()
}

// killOne sends a message and retries it until it is dead.
func (b *bench) killOne(body string) {
	b.Helper()
	b.sendText(body)
	for range b.MaxReceive {
		b.retry(b.receiveOne(), 0)
	}
}

// gone waits until the only message is a dead one. On SQS a receive that finds
// the message once too often is what kills it, so it goes on receiving: the
// engine may hold the message to be hidden for a moment longer than we do.
func (b *bench) gone() {
	b.Helper()
	b.depthBetween(queue.Depth{Dead: 1}, b.none)
}

func testRedrive(b *bench) {
	b.killOne("bad")
	b.gone()
	n, err := b.q.Redrive(b.Context())
	if err != nil || (n != 1 && n != -1) {
		b.Fatalf("Redrive: %d, %v", n, err)
	}
	m := b.receiveOne()
	if string(m.Body) != "bad" || m.Receives != 1 {
		b.Errorf("received %q, receive %d", m.Body, m.Receives)
	}
	b.ack(m)
	b.depth(queue.Depth{})
	if n, err := b.q.Redrive(b.Context()); err != nil || n > 0 {
		b.Errorf("Redrive of nothing: %d, %v", n, err)
	}
}

func testDepth(b *bench) {
	b.depth(queue.Depth{})
	b.killOne("dead")
	b.gone()
	b.sendText("in flight", "retried")
	for _, m := range b.receive(2) {
		b.retry(m, time.Minute)
	}
	b.send(
		queue.Outgoing{Body: []byte("delayed"), Delay: time.Minute},
		queue.Outgoing{Body: []byte("ready")},
		queue.Outgoing{Body: []byte("ready")},
		queue.Outgoing{Body: []byte("ready"), Group: "ws_1"},
	)
	b.depth(queue.Depth{Ready: 3, InFlight: 2, Delayed: 1, Dead: 1})
}

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
