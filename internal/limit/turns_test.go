package limit_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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

// A workspace that is alone has more places, until another is seen, and again
// when that has been gone for a minute.
func TestTurnsOfOneWhoIsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		present := &limit.Presence{Now: time.Now}
		turns := &limit.Turns{AtOnce: 1, Alone: 3, Presence: present}
		present.Seen("loud")
		var served atomic.Int64
		finish := make(chan struct{})
		for range 12 {
			go func() {
				done, err := turns.Take(t.Context(), "loud")
				if err != nil {
					t.Error(err)
					return
				}
				served.Add(1)
				<-finish
				served.Add(-1)
				done()
			}()
		}
		atOnce := func(what string, want int64) {
			t.Helper()
			synctest.Wait()
			if got := served.Load(); got != want {
				t.Errorf("%s: %d are served at once, want %d", what, got, want)
			}
		}
		atOnce("alone", 3)
		present.Seen("quiet")
		present.Seen("loud")
		finish <- struct{}{}
		atOnce("beside another, one of three being done", 2)
		finish <- struct{}{}
		atOnce("two of three being done", 1)
		finish <- struct{}{}
		atOnce("the next one's turn", 1)
		time.Sleep(time.Minute)
		present.Seen("loud")
		finish <- struct{}{}
		atOnce("alone again", 3)
		close(finish)
		synctest.Wait()
	})
}

func TestPresence(t *testing.T) {
	now := time.Unix(0, 0)
	p := &limit.Presence{Now: func() time.Time { return now }}
	for _, c := range []struct {
		seen   string
		after  time.Duration
		beside map[string]bool
	}{
		{beside: map[string]bool{"a": false}},
		{seen: "a", beside: map[string]bool{"a": false, "b": true}},
		{seen: "a", after: time.Second, beside: map[string]bool{"a": false, "b": true}},
		{seen: "b", after: time.Second, beside: map[string]bool{"a": true, "b": true}},
		{seen: "c", after: time.Second, beside: map[string]bool{"a": true, "b": true, "c": true}},
		{seen: "c", after: 59 * time.Second, beside: map[string]bool{"a": true, "b": true, "c": false}},
		{after: time.Minute, beside: map[string]bool{"a": false, "b": false, "c": false}},
	} {
		if now = now.Add(c.after); c.seen != "" {
			p.Seen(c.seen)
		}
		for workspace, want := range c.beside {
			if got := p.Beside(workspace); got != want {
				t.Errorf("after %s, seen %q: beside %s is %t", c.after, c.seen, workspace, got)
			}
		}
	}
}
