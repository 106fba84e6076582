package queuetest

import (
	"time"

	"griot/internal/queue"
)

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
