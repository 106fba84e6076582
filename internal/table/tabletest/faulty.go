package tabletest

import (
	"context"
	"errors"
	"sync"

	"griot/internal/table"
)

// ErrInjected is a [table.ErrUnanswered]: the caller cannot know whether its
// write took effect.
var ErrInjected = table.Unanswered(errors.New("tabletest: injected failure"))

// Fault is a way for an operation to fail.
type Fault int

const (
	// Before fails with ErrInjected; nothing was written.
	Before Fault = iota
	// After fails with ErrInjected, but the write took effect.
	After
	// Conflict fails with table.ErrConflict; nothing was written.
	Conflict
	// Throttled fails with table.ErrThrottled; nothing was written.
	Throttled
)

// Faults lists every Fault.
var Faults = []Fault{Before, After, Conflict, Throttled}

func (f Fault) String() string {
	return [...]string{"before", "after", "conflict", "throttled"}[f]
}

func (f Fault) err() error {
	return [...]error{ErrInjected, ErrInjected, table.ErrConflict, table.ErrThrottled}[f]
}

// Call is one call of a store's method. A Write has one operation, and reads
// have none.
type Call struct {
	Method string // "Get", "BatchGet", "Query", "Write" or "Transact"
	Write  int    // its number among the writes, from 1; 0 for a read
	Ops    []table.Op
	Keys   []table.Key
	Query  table.Query
}

// Faulty wraps a store, counts its writes (Write and Transact, one each,
// whether they succeed or not), and makes the calls fail that it was told to.
// It is safe for concurrent use.
type Faulty struct {
	store table.Store

	mu     sync.Mutex
	rule   func(Call) bool
	fault  Fault
	crash  bool
	down   bool
	writes int
	fired  int
}

var _ table.Store = (*Faulty)(nil)

// NewFaulty returns a Faulty that does not fail yet.
func NewFaulty(store table.Store) *Faulty {
	f := &Faulty{store: store}
	f.Heal()
	return f
}

// Fail makes every call fail for which match returns true, until Heal. match
// must not use f. Fail, FailWrite and Crash replace each other.
func (f *Faulty) Fail(fault Fault, match func(Call) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rule, f.fault, f.crash, f.down = match, fault, false, false
}

// FailWrite makes the n-th write from now on fail (from 1), and no other.
func (f *Faulty) FailWrite(n int, fault Fault) { f.Fail(fault, f.nth(n)) }

// Crash makes the n-th write from now on fail and then every call, with
// ErrInjected, as for a process that dies there. After Heal the store is what
// the next process finds.
func (f *Faulty) Crash(n int, fault Fault) {
	f.Fail(fault, f.nth(n))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.crash = true
}

func (f *Faulty) nth(n int) func(Call) bool {
	n += f.Writes()
	return func(c Call) bool { return c.Write == n }
}

// Heal ends all failing. The counts go on.
func (f *Faulty) Heal() { f.Fail(Before, func(Call) bool { return false }) }

// Writes returns the number of writes so far.
func (f *Faulty) Writes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}

// Fired returns how many calls were made to fail.
func (f *Faulty) Fired() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fired
}

// call runs do, or fails it. What a failed call found is not returned.
func call[T any](f *Faulty, c Call, do func() (T, error)) (T, error) {
	fault, fails := f.decide(c)
	if !fails {
		return do()
	}
	var none T
	if fault == After {
		if _, err := do(); err != nil {
			return none, err // it failed by itself
		}
	}
	return none, fault.err()
}

func (f *Faulty) decide(c Call) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(c.Ops) > 0 {
		f.writes++
		c.Write = f.writes
	}
	fault, fails := f.fault, f.rule(c)
	if f.down {
		fault, fails = Before, true
	}
	if fails {
		f.fired++
		f.down = f.crash
	}
	return fault, fails
}

// Get implements [table.Store].
func (f *Faulty) Get(ctx context.Context, key table.Key, c table.Consistency) (table.Item, error) {
	return call(f, Call{Method: "Get", Keys: []table.Key{key}}, func() (table.Item, error) {
		return f.store.Get(ctx, key, c)
	})
}

// BatchGet implements [table.Store].
func (f *Faulty) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	return call(f, Call{Method: "BatchGet", Keys: keys}, func() ([]table.Item, error) {
		return f.store.BatchGet(ctx, keys, c)
	})
}

// Query implements [table.Store].
func (f *Faulty) Query(ctx context.Context, q table.Query) (table.Page, error) {
	return call(f, Call{Method: "Query", Query: q}, func() (table.Page, error) {
		return f.store.Query(ctx, q)
	})
}

// Write implements [table.Store].
func (f *Faulty) Write(ctx context.Context, op table.Op) (table.Item, error) {
	return call(f, Call{Method: "Write", Ops: []table.Op{op}}, func() (table.Item, error) {
		return f.store.Write(ctx, op)
	})
}

// Transact implements [table.Store].
func (f *Faulty) Transact(ctx context.Context, ops []table.Op) error {
	_, err := call(f, Call{Method: "Transact", Ops: ops}, func() (struct{}, error) {
		return struct{}{}, f.store.Transact(ctx, ops)
	})
	return err
}
