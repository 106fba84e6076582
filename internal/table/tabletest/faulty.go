package tabletest

import (
	"context"
	"testing"

	"griot/internal/fault"
	"griot/internal/table"
)

// Faults lists every way in which a table fails. Of Before and After the caller
// cannot know whether its write took effect: they are a [table.ErrUnanswered].
var Faults = []fault.Kind{fault.Before, fault.After, fault.Conflict, fault.Throttled}

// Call is one call of a store's method. A Write has one operation, and reads
// have none.
type Call struct {
	Method string // "Get", "BatchGet", "Query", "Write" or "Transact"
	Ops    []table.Op
	Keys   []table.Key
	Query  table.Query
}

// Counts is true for writes: Write and Transact, one each, whether they succeed
// or not.
func (c Call) Counts() bool { return len(c.Ops) > 0 }

// Faulty wraps a store and makes the calls fail that are planned to. It is safe
// for concurrent use.
type Faulty struct {
	*fault.Plan[Call]
	store table.Store
}

var _ table.Store = (*Faulty)(nil)

// NewFaulty returns a Faulty that does not fail yet.
func NewFaulty(store table.Store) *Faulty {
	unanswered := table.Unanswered(fault.ErrInjected)
	return &Faulty{store: store, Plan: fault.New[Call](map[fault.Kind]error{
		fault.Before: unanswered, fault.After: unanswered, fault.Midway: unanswered,
		fault.Conflict: table.ErrConflict, fault.Throttled: table.ErrThrottled,
	})}
}

// Get implements [table.Store].
func (f *Faulty) Get(ctx context.Context, key table.Key, c table.Consistency) (table.Item, error) {
	return fault.Do(f.Plan, Call{Method: "Get", Keys: []table.Key{key}}, func() (table.Item, error) {
		return f.store.Get(ctx, key, c)
	})
}

// BatchGet implements [table.Store].
func (f *Faulty) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	return fault.Do(f.Plan, Call{Method: "BatchGet", Keys: keys}, func() ([]table.Item, error) {
		return f.store.BatchGet(ctx, keys, c)
	})
}

// Query implements [table.Store].
func (f *Faulty) Query(ctx context.Context, q table.Query) (table.Page, error) {
	return fault.Do(f.Plan, Call{Method: "Query", Query: q}, func() (table.Page, error) {
		return f.store.Query(ctx, q)
	})
}

// Write implements [table.Store].
func (f *Faulty) Write(ctx context.Context, op table.Op) (table.Item, error) {
	return fault.Do(f.Plan, Call{Method: "Write", Ops: []table.Op{op}}, func() (table.Item, error) {
		return f.store.Write(ctx, op)
	})
}

// Transact implements [table.Store].
func (f *Faulty) Transact(ctx context.Context, ops []table.Op) error {
	_, err := fault.Do(f.Plan, Call{Method: "Transact", Ops: ops}, func() (struct{}, error) {
		return struct{}{}, f.store.Transact(ctx, ops)
	})
	return err
}

// Scenario is a test that is run again and again. It wraps its store in a
// Faulty, prepares what shall not fail, calls arm, does what is under test,
// and checks what became of it.
type Scenario func(t *testing.T, arm func(f *Faulty))

// EachWrite runs the scenario with every one of Faults for n = 1, 2, 3 …, until
// a run makes fewer than n writes: in each the n-th write after arm fails once.
func EachWrite(t *testing.T, scenario Scenario) {
	t.Helper()
	for _, kind := range Faults {
		each(t, kind.String(), scenario, func(f *Faulty, n int) { f.FailNth(n, kind, nil) })
	}
}

// EachCrash is EachWrite for a process that dies at its n-th write, before or
// after that took effect: the scenario goes on, after Heal, as the process
// that comes next.
func EachCrash(t *testing.T, scenario Scenario) {
	t.Helper()
	for _, kind := range []fault.Kind{fault.Before, fault.After} {
		each(t, "crash "+kind.String(), scenario, func(f *Faulty, n int) { f.CrashNth(n, kind, nil) })
	}
}

func each(t *testing.T, name string, scenario Scenario, plan func(f *Faulty, n int)) {
	t.Helper()
	fault.Each(t, name+" write", func(t *testing.T, n int, armed func(interface{ Fired() int })) {
		scenario(t, func(f *Faulty) {
			armed(f)
			plan(f, n)
		})
	})
}
