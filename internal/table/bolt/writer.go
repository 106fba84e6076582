package bolt

import (
	"errors"
	"runtime"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
)

// errPanicked is for those who shared a transaction with a panic.
var errPanicked = errors.New("another write of the same transaction panicked")

// batchBytes bounds what one shared transaction takes in, and with it the
// dirty pages in memory.
const batchBytes = 8 << 20

// writer lets concurrent writes share a transaction and so its fsyncs. Nobody
// waits for company: a write that finds no other under way commits at once,
// and those that arrive meanwhile commit together in the next one.
type writer struct {
	db   *disk.File
	turn chan struct{} // full while somebody commits

	mu      sync.Mutex
	waiting []*task
}

// task is one caller's part of a shared transaction.
type task struct {
	size   int  // bytes it may write
	passed bool // smaller ones went first
	run    func(tx *bbolt.Tx) (wrote bool, err error)
	done   chan struct{}
	err    error // of the shared transaction; read it after done
}

func newWriter(db *disk.File) *writer {
	return &writer{db: db, turn: make(chan struct{}, 1)}
}

// do calls run in a write transaction and returns when that is durable. An
// error of run fails all tasks of the transaction; so run keeps an outcome
// that concerns its caller only, like a failed condition, to itself, and must
// not have written then. Nothing that run saw may be told before do returns
// nil: it may depend on a neighbour whose write is not durable yet.
func (w *writer) do(size int, run func(tx *bbolt.Tx) (wrote bool, err error)) error {
	t := &task{size: size, run: run, done: make(chan struct{})}
	w.mu.Lock()
	w.waiting = append(w.waiting, t)
	w.mu.Unlock()
	for {
		select {
		case <-t.done:
			return t.err
		case w.turn <- struct{}{}:
			w.lead(t)
		}
	}
}

// lead commits what waits, unless t was committed by whoever led before.
func (w *writer) lead(t *task) {
	defer func() { <-w.turn }()
	if !t.finished() {
		runtime.Gosched() // lets those that the last commit woke come along
		w.commit(w.take())
	}
}

func (t *task) finished() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// largeTask is the size from which a task lets smaller ones go first, once.
const largeTask = 256 << 10

// take removes the longest waiting tasks that fit into one transaction. A large
// one that comes with small ones is left for the next transaction, which it begins:
// they would wait for its pages as well as for those of the one before it.
func (w *writer) take() []*task {
	w.mu.Lock()
	defer w.mu.Unlock()
	small := slices.ContainsFunc(w.waiting, func(t *task) bool { return t.size < largeTask })
	var tasks, left []*task
	size := 0
	for i, t := range w.waiting {
		if small && t.size >= largeTask && !t.passed {
			t.passed = true
			left = append(left, t)
			continue
		}
		if len(tasks) > 0 && size+t.size > batchBytes {
			left = append(left, w.waiting[i:]...)
			break
		}
		size += t.size
		tasks = append(tasks, t)
	}
	w.waiting = left
	return tasks
}

func (w *writer) commit(tasks []*task) {
	err := errPanicked
	defer func() {
		for _, t := range tasks {
			t.err = err
			close(t.done)
		}
	}()
	err = w.transact(tasks)
}

func (w *writer) transact(tasks []*task) error {
	return w.db.Update(func(tx *bbolt.Tx) error {
		dirty := false
		for _, t := range tasks {
			wrote, err := t.run(tx)
			if err != nil {
				return err
			}
			dirty = dirty || wrote
		}
		if !dirty {
			return disk.ErrUnchanged
		}
		return nil
	})
}
