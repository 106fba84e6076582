package queuetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/queue"
)

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
