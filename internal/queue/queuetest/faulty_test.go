package queuetest_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/disk"
	"griot/internal/fault"
	"griot/internal/queue"
	"griot/internal/queue/bolt"
	"griot/internal/queue/queuetest"
)

func open(t *testing.T) *queuetest.Faulty {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	q, err := bolt.New(db, queue.Extract, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return queuetest.NewFaulty(q)
}

var hello = queue.Outgoing{Body: []byte("hello")}

// TestEveryOrdinal runs one scenario with each of its operations failing, and
// looks at what is left behind.
func TestEveryOrdinal(t *testing.T) {
	left := map[fault.Kind][]string{}
	for _, kind := range []fault.Kind{fault.Before, fault.After} {
		for n := 1; ; n++ {
			q := open(t)
			q.FailNth(n, kind, nil)
			err := scenario(t.Context(), q)
			if q.Fired() == 0 {
				if err != nil {
					t.Errorf("nothing failed, but the scenario did: %v", err)
				}
				break
			}
			d, _ := q.Depth(t.Context())
			left[kind] = append(left[kind], fmt.Sprintf("%v: ready %d, in flight %d", err, d.Ready, d.InFlight))
		}
	}
	want := map[fault.Kind][]string{
		fault.Before: {
			"send: injected failure: ready 0, in flight 0",
			"retry: injected failure: ready 0, in flight 1",
			"ack: injected failure: ready 0, in flight 1",
		},
		fault.After: {
			"send: injected failure: ready 1, in flight 0",
			"retry: injected failure: ready 1, in flight 0",
			"ack: injected failure: ready 0, in flight 0",
		},
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Error(diff)
	}
}

// scenario sends, retries and acknowledges one message.
func scenario(ctx context.Context, q queue.Queue) error {
	if err := q.Send(ctx, hello); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	for range 2 {
		got, err := q.Receive(ctx, 1, 0)
		if err != nil || len(got) != 1 {
			return fmt.Errorf("receive of %d: %w", len(got), err)
		}
		if got[0].Receives == 2 {
			if err := q.Ack(ctx, got[0]); err != nil {
				return fmt.Errorf("ack: %w", err)
			}
		} else if err := q.Retry(ctx, got[0], 0); err != nil {
			return fmt.Errorf("retry: %w", err)
		}
	}
	return nil
}

func TestFailingReceive(t *testing.T) {
	q := open(t)
	if err := q.Send(t.Context(), hello, hello); err != nil {
		t.Fatal(err)
	}
	q.FailNth(1, fault.Before, fault.Only(queuetest.Receive))
	q.FailNth(2, fault.After, fault.Only(queuetest.Receive))
	for range 2 {
		if got, err := q.Receive(t.Context(), 1, 0); !errors.Is(err, fault.ErrInjected) || got != nil {
			t.Errorf("Receive: %v, %v", got, err)
		}
	}
	if d, err := q.Depth(t.Context()); d != (queue.Depth{Ready: 1, InFlight: 1}) || err != nil {
		t.Errorf("depth %+v, %v: a failure before hides nothing, one after does", d, err)
	}
}

func TestDuplicate(t *testing.T) {
	q := open(t)
	if err := q.Send(t.Context(), hello, hello); err != nil {
		t.Fatal(err)
	}
	q.Duplicate(2)
	first, err := q.Receive(t.Context(), 2, 0)
	if err != nil || len(first) != 2 {
		t.Fatal(first, err)
	}
	if err := q.Ack(t.Context(), first[1]); err != nil {
		t.Fatal(err)
	}
	again, err := q.Receive(t.Context(), 2, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first[1:], again); diff != "" {
		t.Error(diff)
	}
	if got, err := q.Receive(t.Context(), 2, 0); len(got) != 0 || err != nil {
		t.Errorf("a third delivery: %v, %v", got, err)
	}
}

func TestConcurrentOrdinals(t *testing.T) {
	const sends = 64
	q := open(t)
	for n := 1; n <= sends; n += 2 {
		q.FailNth(n, fault.Before, nil)
	}
	var all sync.WaitGroup
	for range sends {
		all.Go(func() { q.Send(t.Context(), hello) })
	}
	all.Wait()
	if d, err := q.Depth(t.Context()); d.Ready != sends/2 || q.Fired() != sends/2 || err != nil {
		t.Errorf("%d failures, depth %+v, %v", q.Fired(), d, err)
	}
}
