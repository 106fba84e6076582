package bolt

import (
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
)

func newTestWriter(t *testing.T) *writer {
	t.Helper()
	db := openFile(t, filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("b"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return newWriter(db)
}

func putByte(tx *bbolt.Tx, n int) (bool, error) {
	return true, tx.Bucket([]byte("b")).Put([]byte{byte(n)}, nil)
}

func (w *writer) has(t *testing.T, n int) bool {
	t.Helper()
	var value []byte
	err := w.db.View(func(tx *bbolt.Tx) error {
		value = tx.Bucket([]byte("b")).Get([]byte{byte(n)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value != nil
}

// during runs the tasks that wait while another commit is under way, and
// returns their errors.
func (w *writer) during(size int, tasks ...func(tx *bbolt.Tx) (bool, error)) []error {
	errs := make([]error, len(tasks))
	release := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		w.do(0, func(*bbolt.Tx) (bool, error) { <-release; return false, nil }) //nolint:errcheck // never fails
	})
	w.until(func() bool { return len(w.turn) == 1 && len(w.waiting) == 0 })
	for i, run := range tasks {
		wait.Go(func() { errs[i] = w.do(size, run) })
		w.until(func() bool { return len(w.waiting) == i+1 })
	}
	close(release)
	wait.Wait()
	return errs
}

func (w *writer) until(condition func() bool) {
	for {
		w.mu.Lock()
		met := condition()
		w.mu.Unlock()
		if met {
			return
		}
		runtime.Gosched()
	}
}

func TestWaitingWritesShareATransaction(t *testing.T) {
	w := newTestWriter(t)
	before := lastTx(t, w.db)
	tasks := []func(*bbolt.Tx) (bool, error){}
	for i := range 10 {
		tasks = append(tasks, func(tx *bbolt.Tx) (bool, error) { return putByte(tx, i) })
	}
	for i, err := range w.during(1, tasks...) {
		if err != nil || !w.has(t, i) {
			t.Errorf("write %d: error %v, stored: %t", i, err, w.has(t, i))
		}
	}
	if got := lastTx(t, w.db) - before; got != 1 {
		t.Errorf("10 waiting writes took %d transactions, want 1", got)
	}
}

// What is small does not wait for what is large and came with it, which goes first
// the next time, whatever has come by then.
func TestSmallWritesGoBeforeLargeOnesOnce(t *testing.T) {
	large := func() *task { return &task{size: largeTask} }
	small := func() *task { return &task{size: 1} }
	a, b, c, d, e := large(), small(), large(), small(), small()
	w := &writer{waiting: []*task{a, b, c, d}}
	want := func(tasks ...*task) {
		t.Helper()
		if got := w.take(); !slices.Equal(got, tasks) {
			t.Errorf("%d of %d are taken, or in another order", len(got), len(tasks))
		}
	}
	want(b, d)
	w.waiting = append(w.waiting, e)
	want(a, c, e)
	w.waiting = []*task{large()}
	want(w.waiting...)
	if len(w.waiting) > 0 {
		t.Errorf("%d are left", len(w.waiting))
	}
}

func TestSharedTransactionsAreBounded(t *testing.T) {
	w := newTestWriter(t)
	before := lastTx(t, w.db)
	tasks := []func(*bbolt.Tx) (bool, error){}
	for i := range 6 {
		tasks = append(tasks, func(tx *bbolt.Tx) (bool, error) { return putByte(tx, i) })
	}
	w.during(batchBytes/2, tasks...)
	if got := lastTx(t, w.db) - before; got != 3 {
		t.Errorf("6 writes of half the bound took %d transactions, want 3", got)
	}
}

func TestNothingWrittenIsNoCommit(t *testing.T) {
	w := newTestWriter(t)
	before := lastTx(t, w.db)
	if err := w.do(1, func(*bbolt.Tx) (bool, error) { return false, nil }); err != nil {
		t.Fatal(err)
	}
	if got := lastTx(t, w.db); got != before {
		t.Errorf("transaction %d, want %d still", got, before)
	}
}

func TestFailureOfTheFileFailsAllWhoShare(t *testing.T) {
	w := newTestWriter(t)
	broken := errors.New("broken")
	put := func(n int) func(*bbolt.Tx) (bool, error) {
		return func(tx *bbolt.Tx) (bool, error) { return putByte(tx, n) }
	}
	errs := w.during(1, put(1), func(*bbolt.Tx) (bool, error) { return false, broken }, put(2))
	for i, err := range errs {
		if !errors.Is(err, broken) {
			t.Errorf("write %d: got error %v, want %v", i, err, broken)
		}
	}
	if w.has(t, 1) || w.has(t, 2) {
		t.Error("a failed transaction was stored in part")
	}
	if err := w.do(1, put(3)); err != nil || !w.has(t, 3) {
		t.Errorf("the write after it: error %v, stored: %t", err, w.has(t, 3))
	}
}

func TestPanicLeavesTheWriterUsable(t *testing.T) {
	w := newTestWriter(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not reach its caller")
			}
		}()
		w.do(1, func(*bbolt.Tx) (bool, error) { panic("bug") }) //nolint:errcheck // panics
	}()
	if err := w.do(1, func(tx *bbolt.Tx) (bool, error) { return putByte(tx, 1) }); err != nil {
		t.Fatal(err)
	}
}
