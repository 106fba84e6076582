package limit_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"griot/internal/errs"
	"griot/internal/limit"
)

func TestTurnsOfAWorkspaceFollowOneAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := &limit.Turns{AtOnce: 2}
		var served, refused atomic.Int64
		finish := make(chan struct{})
		for range 108 {
			go func() {
				done, err := turns.Take(t.Context(), "loud")
				if err != nil {
					if !errs.Is(err, errs.ResourceExhausted) {
						t.Error(err)
					}
					refused.Add(1)
					return
				}
				served.Add(1)
				<-finish
				done()
			}()
		}
		synctest.Wait()
		if served.Load() != 2 || refused.Load() != 6 {
			t.Errorf("of 108 at once %d are served and %d are refused, not 2 and 6", served.Load(), refused.Load())
		}
		done, err := turns.Take(t.Context(), "quiet")
		if err != nil {
			t.Fatalf("another workspace: %v", err)
		}
		done()
		close(finish)
		synctest.Wait()
		if served.Load() != 102 {
			t.Errorf("%d are served in the end, not 102", served.Load())
		}
	})
}

// Who leaves while it waits takes nobody's turn.
func TestTurnsAreNotLostWithThoseWhoLeave(t *testing.T) {
	turns := &limit.Turns{}
	done, err := turns.Take(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if _, err := turns.Take(gone, "w"); !errors.Is(err, context.Canceled) {
			t.Fatalf("it got %v", err)
		}
	}
	done()
	if done, err = turns.Take(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	done()
}
