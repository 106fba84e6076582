package bolt_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/queue"
)

const share = 2

func openShared(t testing.TB) *file {
	t.Helper()
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.share = share
	f.reopen(t)
	return f
}

func of(group string, n int) []queue.Outgoing {
	var all []queue.Outgoing
	for i := range n {
		all = append(all, queue.Outgoing{Body: fmt.Appendf(nil, "%s/%d", group, i), Group: group})
	}
	return all
}

// TestShare has a group's messages wait that are beyond its share, until one of
// those in flight is settled in any of the ways there are.
func TestShare(t *testing.T) {
	ok := func(t *testing.T, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		settle func(t *testing.T, f *file, m queue.Message)
		more   int // that may be received then
	}{
		"nothing": {func(*testing.T, *file, queue.Message) {}, 0},
		"acknowledged": {func(t *testing.T, f *file, m queue.Message) {
			ok(t, f.q.Ack(t.Context(), m))
		}, 1},
		"acknowledged twice": {func(t *testing.T, f *file, m queue.Message) {
			ok(t, f.q.Ack(t.Context(), m))
			ok(t, f.q.Ack(t.Context(), m))
		}, 1},
		"put off": {func(t *testing.T, f *file, m queue.Message) {
			ok(t, f.q.Retry(t.Context(), m, time.Hour))
		}, 1},
		"put off twice": {func(t *testing.T, f *file, m queue.Message) {
			ok(t, f.q.Retry(t.Context(), m, time.Hour))
			ok(t, f.q.Retry(t.Context(), m, time.Hour))
		}, 1},
		"left alone": {func(_ *testing.T, f *file, _ queue.Message) { f.advance(visibility) }, share},
		"too late": {func(t *testing.T, f *file, m queue.Message) {
			f.advance(visibility)
			f.receive(t, share)
			ok(t, f.q.Ack(t.Context(), m)) // received by somebody else meanwhile, or ready again
		}, 0},
		"in a process that ended": {func(t *testing.T, f *file, _ queue.Message) { f.reopen(t) }, share},
	}
	for name, test := range tests {
		for _, group := range []string{"ws_1", ""} {
			t.Run(name+"/"+group, func(t *testing.T) {
				f := openShared(t)
				f.send(t, of(group, 6)...)
				held := f.receive(t, share)
				test.settle(t, f, held[0])
				f.receive(t, test.more)
				f.receive(t, 0)
				f.send(t, of("ws_2", 3)...)
				for _, m := range f.receive(t, share) {
					if m.Group != "ws_2" {
						t.Errorf("received %q", m.Body)
					}
				}
			})
		}
	}
}

// TestShareOfDeadMessages has a group's messages fail until they are dead: those
// behind them come.
func TestShareOfDeadMessages(t *testing.T) {
	f := openShared(t)
	f.send(t, of("ws_1", 4)...)
	seen := map[string]int{}
	for range 20 {
		got, err := f.q.Receive(t.Context(), queue.MaxBatch, 0)
		if err != nil || len(got) > share {
			t.Fatalf("received %d, %v", len(got), err)
		}
		for _, m := range got {
			seen[string(m.Body)]++
		}
		f.advance(visibility)
	}
	for body, n := range seen {
		if n != 3 {
			t.Errorf("%s was received %d times", body, n)
		}
	}
	f.depth(t, queue.Depth{Dead: 4})
	if n, err := f.q.Redrive(t.Context()); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	f.receive(t, share)
	f.receive(t, 0)
}

// TestShareInTurn gives many groups their shares, each as often as the others.
func TestShareInTurn(t *testing.T) {
	f := openShared(t)
	const groups = 30
	for g := range groups {
		f.send(t, of(fmt.Sprintf("ws_%02d", g), 5)...)
	}
	for want := 1; want <= share; want++ {
		got := map[string]int{}
		for range groups / queue.MaxBatch {
			for _, m := range f.receive(t, queue.MaxBatch) {
				got[m.Group]++
			}
		}
		if len(got) != groups {
			t.Errorf("%d of %d groups had their turn", len(got), groups)
		}
	}
	f.receive(t, 0)
}

// TestShareWakes has a receiver sleep while all that is ready has to wait, at no
// cost, and wake when that is over, without any time passing.
func TestShareWakes(t *testing.T) {
	f := openShared(t)
	synctest.Test(t, func(t *testing.T) {
		f.send(t, of("ws_1", 4)...)
		held := f.receive(t, share)
		for _, settle := range []func(context.Context, queue.Message) error{
			f.q.Ack,
			func(ctx context.Context, m queue.Message) error { return f.q.Retry(ctx, m, time.Hour) },
		} {
			before, start := f.db.Stats().TxN, time.Now()
			var all sync.WaitGroup
			all.Go(func() {
				got, err := f.q.Receive(t.Context(), 1, visibility/2)
				if len(got) != 1 || err != nil {
					t.Errorf("received %v, %v", got, err)
				}
			})
			synctest.Wait()
			if n := f.db.Stats().TxN - before; n > 1 {
				t.Errorf("the receiver read %d times", n)
			}
			if err := settle(t.Context(), held[0]); err != nil {
				t.Fatal(err)
			}
			all.Wait()
			if waited := time.Since(start); waited != 0 {
				t.Errorf("woke after %v", waited)
			}
			held = held[1:]
		}
	})
}
