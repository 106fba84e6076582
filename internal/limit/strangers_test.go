package limit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/limit"
)

func TestStrangersOfAnAddressAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &limit.Strangers{}
		begun := time.Now()
		for range 1000 {
			s.Hold(t.Context(), "203.0.113.7:1")
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("a burst took %v", took)
		}
		var held, refused atomic.Int64
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() {
				if s.Hold(t.Context(), fmt.Sprintf("203.0.113.7:%d", i+2)) {
					held.Add(1)
				} else {
					refused.Add(1)
				}
			})
		}
		for _, other := range []string{"203.0.113.8:1", "[2001:db8::1]:1", "no address"} {
			if !s.Hold(t.Context(), other) || time.Since(begun) != 0 {
				t.Errorf("%s has to wait", other)
			}
		}
		all.Wait()
		if held.Load() != 101 || refused.Load() != 199 || time.Since(begun) != 500*time.Millisecond {
			t.Errorf("%d were held and %d refused in %v", held.Load(), refused.Load(), time.Since(begun))
		}
		time.Sleep(10 * time.Second)
		if begun = time.Now(); !s.Hold(t.Context(), "203.0.113.7:1") || time.Since(begun) != 0 {
			t.Error("it is not forgiven")
		}
	})
}

// A subscriber of version 6 has more addresses than there is memory.
func TestStrangersAreCountedBySubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &limit.Strangers{}
		begun := time.Now()
		for i := range 1002 {
			s.Hold(t.Context(), fmt.Sprintf("[2001:db8::%x]:443", i))
		}
		if time.Since(begun) != 5*time.Millisecond {
			t.Errorf("addresses of one subscriber took %v", time.Since(begun))
		}
		begun = time.Now()
		for i := range 12_000 {
			s.Hold(t.Context(), fmt.Sprintf("[2001:db8:0:%x::1]:443", i+1))
		}
		if time.Since(begun) == 0 {
			t.Error("more subscribers than are remembered do not wait for one another")
		}
	})
}

func TestAStrangerWhoLeavesIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &limit.Strangers{}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		begun := time.Now()
		for range 1050 {
			s.Hold(gone, "203.0.113.7:1")
		}
		if time.Since(begun) != 0 {
			t.Errorf("it took %v", time.Since(begun))
		}
	})
}
