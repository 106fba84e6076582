package task_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/disk"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/bolt"
	"griot/internal/task"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) table.Store {
	t.Helper()
	f, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, f.Close()) })
	s, err := bolt.New(f, time.Now)
	ok(t, err)
	return s
}

// distant is a store as far away as DynamoDB is, asked by a function with one
// processor. It waits in a bubble's time.
type distant struct {
	table.Store
	processor chan struct{}
	mu        sync.Mutex
	calls     int
}

// What a call takes: of the processor, of a read, of a write in a transaction.
const (
	ownTime   = 250 * time.Microsecond
	readTime  = 5 * time.Millisecond
	writeTime = 15 * time.Millisecond
)

// wait is as long as n calls one after the other.
func (d *distant) wait(n int, far time.Duration) {
	d.mu.Lock()
	d.calls += n
	d.mu.Unlock()
	d.processor <- struct{}{}
	time.Sleep(time.Duration(n) * ownTime)
	<-d.processor
	time.Sleep(time.Duration(n) * far)
}

func (d *distant) Query(ctx context.Context, q table.Query) (table.Page, error) {
	d.wait(1, 2*readTime)
	return d.Store.Query(ctx, q)
}

func (d *distant) Transact(ctx context.Context, ops []table.Op) error {
	d.wait(1, writeTime)
	return d.Store.Transact(ctx, ops)
}

// plant writes the due rows of n things.
func plant(t *testing.T, s table.Store, n int, at func(i int) (id string, due time.Time)) {
	t.Helper()
	var ops []table.Op
	for i := range n {
		id, when := at(i)
		ops = append(ops, task.Move(record.Ref{Workspace: "ws_1", ID: id}, time.Time{}, when)...)
		if len(ops) == table.MaxTransactItems || i == n-1 {
			ok(t, s.Transact(t.Context(), ops))
			ops = nil
		}
	}
}

// TestACrowdThatWaitsHidesNobody has 20,000 sessions wait for an upload that
// never comes, all since the same moment, which is the worst: each time they are
// due together. What is due of others meanwhile, in every shard, is looked after
// within two minutes, and so are they.
func TestACrowdThatWaitsHidesNobody(t *testing.T) {
	const crowd, others, minutes = 20_000, 320, 2
	store := open(t)
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		plant(t, store, crowd, func(i int) (string, time.Time) { return fmt.Sprintf("ses_%05d", i), begin.Add(time.Minute) })
		plant(t, store, others, func(i int) (string, time.Time) {
			return fmt.Sprintf("upl_%03d", i), begin.Add(time.Minute + time.Duration(i)*minutes*time.Minute/others)
		})
		far := &distant{Store: store, processor: make(chan struct{}, 1)}
		var mu sync.Mutex
		looked, late := map[string]int{}, time.Duration(0)
		note := func(id string, at time.Time) {
			mu.Lock()
			defer mu.Unlock()
			looked[id[:4]]++
			late = max(late, time.Since(at))
		}
		// What the look of a session costs that waits: its head, twice, its source,
		// the object, the upload; and the row moves.
		waiting := func(ctx context.Context, of record.Ref, at time.Time) error {
			note(of.ID, at)
			far.wait(5, readTime)
			return far.Transact(ctx, task.Move(of, at, begin.Add(2*at.Sub(begin))))
		}
		other := func(ctx context.Context, of record.Ref, at time.Time) error {
			note(of.ID, at)
			return far.Transact(ctx, task.Move(of, at, time.Time{}))
		}
		sweeper := &task.Sweeper{Table: far, Now: time.Now, Looks: task.Looks{"ses_": waiting, "upl_": other}}
		for minute := range minutes + 1 {
			time.Sleep(time.Until(begin.Add(time.Duration(minute+1)*time.Minute + 30*time.Second)))
			ctx, cancel := context.WithTimeout(t.Context(), 53*time.Second)
			_, err := sweeper.Sweep(ctx)
			cancel()
			ok(t, err)
		}
		if looked["upl_"] != others || looked["ses_"] != 2*crowd { // after 1 and 2 minutes
			t.Errorf("%v were looked after", looked)
		}
		if late > 2*time.Minute {
			t.Errorf("a row was unread %v after its time", late)
		}
		t.Logf("%d calls; the last row was read %v after its time", far.calls, late)
	})
}

// TestWhatFailsKeepsNobody has looks that fail after all of their time, more than
// a sweep has time for. Each sweep goes on where the one before stopped, so that
// all are begun before one is begun again.
func TestWhatFailsKeepsNobody(t *testing.T) {
	const rows = 400
	store := open(t)
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		plant(t, store, rows, func(i int) (string, time.Time) {
			return fmt.Sprintf("ses_%03d", i), begin.Add(time.Duration(i) * time.Second)
		})
		time.Sleep(time.Hour)
		var mu sync.Mutex
		looks := map[string]int{}
		hangs := func(ctx context.Context, of record.Ref, _ time.Time) error {
			mu.Lock()
			looks[of.ID]++
			mu.Unlock()
			<-ctx.Done()
			return ctx.Err()
		}
		sweeper := &task.Sweeper{Table: store, Now: time.Now, Looks: task.Looks{"ses_": hangs}}
		for n := 1; len(looks) < rows; n++ {
			ctx, cancel := context.WithTimeout(t.Context(), 14*time.Second)
			swept, err := sweeper.Sweep(ctx)
			if ctx.Err() != nil {
				t.Error("the sweep took more than its time")
			}
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || swept == 0 || n > 10 {
				t.Fatalf("sweep %d: %d, %v", n, swept, err)
			}
			for id, times := range looks {
				if times > 1 && len(looks) < rows/2 {
					t.Fatalf("%s was begun again, and only %d of %d at all", id, len(looks), rows)
				}
			}
		}
	})
}

// TestWhatIsNotMovedIsFoundByTheNext looks at a sweeper that fails, and at the
// one of another process.
func TestWhatIsNotMovedIsFoundByTheNext(t *testing.T) {
	store, now := open(t), time.Now()
	plant(t, store, 50, func(i int) (string, time.Time) { return fmt.Sprintf("ses_%02d", i), now.Add(-time.Minute) })
	broken := errors.New("broken")
	fails := &task.Sweeper{Table: store, Now: time.Now, Looks: task.Looks{
		"ses_": func(context.Context, record.Ref, time.Time) error { return broken },
	}}
	for range 2 {
		if swept, err := fails.Sweep(t.Context()); swept != 50 || !errors.Is(err, broken) || len(err.Error()) > 200 {
			t.Errorf("%d, %v", swept, err)
		}
	}
	works := &task.Sweeper{Table: store, Now: time.Now, Looks: task.Looks{
		"ses_": func(ctx context.Context, of record.Ref, at time.Time) error {
			return store.Transact(ctx, task.Move(of, at, time.Time{}))
		},
	}}
	for _, want := range []int{50, 0} {
		if swept, err := works.Sweep(t.Context()); swept != want || err != nil {
			t.Errorf("%d, %v, want %d", swept, err, want)
		}
	}
}
