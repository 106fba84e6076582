package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
)

func (t *Turns) ordered(tb testing.TB) func() {
	tb.Helper()
	done, err := t.Take(tb.Context(), record.In("ws_1", "ses_1"))
	if err != nil {
		tb.Fatal(err)
	}
	return done
}

// Writers have their turns in the order in which they came; those of other
// sessions do not wait for them, and who gives up holds nobody up.
func TestTurnsGoInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		first := turns.ordered(t)
		var order []int
		var mu sync.Mutex
		for i := range 20 {
			go func() {
				ctx := t.Context()
				if i%5 == 0 {
					given, cancel := context.WithCancel(ctx)
					cancel()
					ctx = given
				}
				done, err := turns.Take(ctx, record.In("ws_1", "ses_1"))
				if i%5 == 0 {
					if !errors.Is(err, context.Canceled) {
						t.Errorf("writer %d: %v", i, err)
					}
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				done()
			}()
			synctest.Wait() // until it is in the queue
		}
		other, err := turns.Take(t.Context(), record.In("ws_1", "ses_2"))
		if err != nil {
			t.Fatal(err)
		}
		other()
		if len(order) > 0 {
			t.Errorf("%v went before their turn", order)
		}
		first()
		synctest.Wait()
		if !slices.IsSorted(order) || len(order) != 16 {
			t.Errorf("the order was %v", order)
		}
		if len(turns.queues) > 0 {
			t.Errorf("queues are left: %v", turns.queues)
		}
	})
}

func TestTurnsHaveAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		first := turns.ordered(t)
		end := make(chan struct{})
		for range maxQueue - 1 {
			go func() {
				done := turns.ordered(t)
				<-end
				done()
			}()
		}
		synctest.Wait()
		_, err := turns.Take(t.Context(), record.In("ws_1", "ses_1"))
		if e := errs.As(err); e == nil || e.Kind != errs.Unavailable || e.RetryAfter == 0 {
			t.Errorf("one too many: %v", err)
		}
		close(end)
		first()
		synctest.Wait()
		if len(turns.queues) > 0 {
			t.Errorf("queues are left: %v", turns.queues)
		}
	})
}

// Nobody who watches misses a write, and nothing is left of who has left.
func TestChangesAreTold(t *testing.T) {
	var c Changes
	written := []table.Op{table.Delete(table.Key{Table: table.Sessions, PK: "x", SK: "y"}), table.Delete(HeadKey(record.In("ws_1", "ses_1")))}
	mine, leave := c.Watch(record.In("ws_1", "ses_1"))
	second, leaveSecond := c.Watch(record.In("ws_1", "ses_1"))
	foreign, leaveForeign := c.Watch(record.In("ws_2", "ses_1"))
	for range 3 {
		c.notify(written...)
	}
	for name, ch := range map[string]<-chan struct{}{"mine": mine, "second": second} {
		if len(ch) != 1 {
			t.Errorf("%s has %d in its channel", name, len(ch))
		}
	}
	if len(foreign) != 0 {
		t.Error("a foreign session was woken")
	}
	leave()
	leaveSecond()
	leaveForeign()
	c.notify(written...)
	if len(c.waiting) > 0 {
		t.Errorf("%v wait though all have left", c.waiting)
	}
}
