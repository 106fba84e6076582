package access_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/fault"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// lastUse is when the workspace's only key was used.
func lastUse(t *testing.T, d *access.Directory, ws string) time.Time {
	t.Helper()
	keys, err := d.ListKeys(t.Context(), ws)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	return keys[0].LastUsedAt
}

func admit(t *testing.T, d *access.Directory, credential string) {
	t.Helper()
	if _, err := d.Admit(t.Context(), credential); err != nil {
		t.Fatal(err)
	}
}

// counted counts the writes to a store.
type counted struct {
	table.Store
	writes atomic.Int64
}

func (c *counted) Write(ctx context.Context, op table.Op) (table.Item, error) {
	c.writes.Add(1)
	return c.Store.Write(ctx, op)
}

func TestLastUse(t *testing.T) {
	d, clock := open(t)
	ws, _ := workspace(t, d, "Acme")
	credential, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	if _, err := d.Verify(t.Context(), credential); err != nil || !lastUse(t, d, ws.ID).IsZero() {
		t.Errorf("only looked at, but used: %v", err)
	}
	store := &counted{Store: d.Table}
	d.Table = store
	for i, hour := range []time.Duration{0, 0, 1, 1, 30} {
		clock.advance(start.Add(hour*time.Hour + time.Duration(i)*time.Minute).Sub(clock.Now()))
		admit(t, d, credential)
		if got, want := lastUse(t, d, ws.ID), start.Truncate(time.Hour).Add(hour*time.Hour); got != want {
			t.Errorf("used at %v: %v, want %v", clock.Now(), got, want)
		}
	}
	if n := store.writes.Load(); n != 3 {
		t.Errorf("%d writes in three hours of use", n)
	}
	// A process whose clock is behind does not turn the time back.
	clock.advance(-3 * time.Hour)
	admit(t, d, credential)
	if got, want := lastUse(t, d, ws.ID), start.Truncate(time.Hour).Add(30*time.Hour); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// Many requests begin the hour at once, in two processes.
func TestLastUseRace(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	credential, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	other := &access.Directory{Table: d.Table, Now: d.Now}
	var wg sync.WaitGroup
	for range 20 {
		for _, process := range []*access.Directory{d, other} {
			wg.Go(func() {
				if _, err := process.Admit(t.Context(), credential); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	d.Settle()
	other.Settle()
	if got := lastUse(t, d, ws.ID); got != start.Truncate(time.Hour) {
		t.Error(got)
	}
}

// A note that fails, before it took effect or after, does not fail the request,
// and is made up for by a later one.
func TestLastUseFaults(t *testing.T) {
	for _, kind := range tabletest.Faults {
		d, clock := open(t)
		ws, _ := workspace(t, d, "Acme")
		credential, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every})
		faulty := tabletest.NewFaulty(d.Table)
		d.Table = faulty
		faulty.FailNth(1, kind, nil)
		admit(t, d, credential)
		d.Settle()
		if faulty.Fired() != 1 {
			t.Errorf("%s: no write failed", kind)
		}
		faulty.Heal()
		if got := lastUse(t, d, ws.ID); got.IsZero() != (kind != fault.After) {
			t.Errorf("%s: used %v", kind, got)
		}
		clock.advance(time.Minute)
		admit(t, d, credential)
		if got := lastUse(t, d, ws.ID); got != start.Truncate(time.Hour) {
			t.Errorf("%s: used %v", kind, got)
		}
	}
}

// stuck is a store whose writes wait.
type stuck struct {
	table.Store
	gate chan struct{}
}

func (s stuck) Write(ctx context.Context, op table.Op) (table.Item, error) {
	<-s.gate
	return s.Store.Write(ctx, op)
}

// Requests do not wait for the note, and it outlives the request; Settle waits.
func TestRequestsDoNotWaitForTheNote(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	credential, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	store := stuck{d.Table, make(chan struct{})}
	d.Table = store
	ctx, cancel := context.WithCancel(t.Context())
	for range 2 {
		if _, err := d.Admit(ctx, credential); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	close(store.gate)
	d.Settle()
	d.Table = store.Store
	if got := lastUse(t, d, ws.ID); got != start.Truncate(time.Hour) {
		t.Error(got)
	}
}

// The caller's own key is in use while it lists.
func TestLastUseOfTheCaller(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	me := manager(t, d, ws.ID)
	keys, err := d.Keys(t.Context(), me)
	if err != nil || len(keys) != 1 || keys[0].LastUsedAt != start.Truncate(time.Hour) {
		t.Errorf("%+v, %v", keys, err)
	}
}
