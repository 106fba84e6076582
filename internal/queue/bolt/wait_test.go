package bolt_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/queue"
)

// TestWaitCostsNothing has many receivers wait for messages of the future and
// counts what they read meanwhile, in virtual time.
func TestWaitCostsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		f := open(t, path)
		f.send(t, queue.Outgoing{Body: []byte("late"), Delay: 10 * time.Minute})
		before, start := f.db.Stats().TxN, time.Now()
		served := make(chan time.Duration, 50)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				got, err := f.q.Receive(t.Context(), 1, 30*time.Minute)
				if err != nil {
					t.Error(err)
				}
				if len(got) == 1 {
					served <- time.Since(start)
				}
			})
		}
		synctest.Wait()
		time.Sleep(9 * time.Minute)
		if n := f.db.Stats().TxN - before; n > 50 {
			t.Errorf("50 receivers read %d times in 9 minutes", n)
		}
		all.Wait()
		close(served)
		for _, want := range []time.Duration{0, visibility, 2 * visibility} { // nobody acknowledges
			if after := <-served; after != 10*time.Minute+want {
				t.Errorf("a receiver was served after %v, want %v", after, 10*time.Minute+want)
			}
		}
		if n := len(served); n != 0 || time.Since(start) != 30*time.Minute {
			t.Errorf("%d receives too many within %v", n, time.Since(start))
		}
	})
}

func TestReceiveTimesOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	synctest.Test(t, func(t *testing.T) {
		f, start := open(t, path), time.Now()
		if got, err := f.q.Receive(t.Context(), 1, 20*time.Second); len(got) != 0 || err != nil {
			t.Errorf("received %v, %v", got, err)
		}
		if waited := time.Since(start); waited != 20*time.Second {
			t.Errorf("waited %v", waited)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := f.q.Receive(ctx, 1, 20*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Receive: %v, want the deadline", err)
		}
	})
}
