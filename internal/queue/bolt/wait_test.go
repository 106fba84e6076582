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

// TestWakes lets a receiver fall asleep before each kind of call that makes a
// message ready, and asks that it wakes without any time passing.
func TestWakes(t *testing.T) {
	tests := map[string]struct {
		prepare func(*testing.T, *file)
		wake    func(t *testing.T, f *file, held []queue.Message)
	}{
		"Send": {
			func(*testing.T, *file) {},
			func(t *testing.T, f *file, _ []queue.Message) { f.send(t, text("a")) },
		},
		"Retry": {
			func(t *testing.T, f *file) { f.send(t, text("a")) },
			func(t *testing.T, f *file, held []queue.Message) {
				if err := f.q.Retry(t.Context(), held[0], 0); err != nil {
					t.Error(err)
				}
			},
		},
		"Redrive": {
			kill,
			func(t *testing.T, f *file, _ []queue.Message) {
				if _, err := f.q.Redrive(t.Context()); err != nil {
					t.Error(err)
				}
			},
		},
	}
	for name, test := range tests {
		path := filepath.Join(t.TempDir(), name)
		synctest.Test(t, func(t *testing.T) {
			f := open(t, path)
			test.prepare(t, f)
			held, err := f.q.Receive(t.Context(), 1, 0)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			var all sync.WaitGroup
			all.Go(func() {
				got, err := f.q.Receive(t.Context(), 1, visibility/2)
				if len(got) != 1 || err != nil {
					t.Errorf("%s: received %v, %v", name, got, err)
				}
			})
			synctest.Wait() // it sleeps
			test.wake(t, f, held)
			all.Wait()
			if waited := time.Since(start); waited != 0 {
				t.Errorf("%s: woke after %v", name, waited)
			}
		})
	}
}

// kill leaves one dead message.
func kill(t *testing.T, f *file) {
	t.Helper()
	f.send(t, text("dead"))
	for range 3 {
		f.receive(t, 1)
		f.advance(visibility)
	}
	f.receive(t, 0)
}
