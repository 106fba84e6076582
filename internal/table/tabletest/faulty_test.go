package tabletest_test

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"griot/internal/disk"
	"griot/internal/fault"
	"griot/internal/table"
	"griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

func open(t *testing.T) *tabletest.Faulty {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store, err := bolt.New(db, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return tabletest.NewFaulty(store)
}

// The decorator itself changes nothing.
func TestFaultyConformance(t *testing.T) {
	tabletest.Run(t, tabletest.Harness{Open: func(t *testing.T) table.Store { return open(t) }})
}

func TestFailWrite(t *testing.T) {
	written := map[fault.Kind]bool{fault.After: true}
	want := map[fault.Kind]error{
		fault.Before: fault.ErrInjected, fault.After: fault.ErrInjected,
		fault.Conflict: table.ErrConflict, fault.Throttled: table.ErrThrottled,
	}
	for _, kind := range tabletest.Faults {
		t.Run(kind.String(), func(t *testing.T) {
			f := open(t)
			put(t, f, "set up", nil)
			f.FailNth(2, kind, nil)
			put(t, f, "first", nil)
			put(t, f, "second", want[kind])
			put(t, f, "third", nil)
			if got := found(t, f, "second"); got != written[kind] {
				t.Errorf("the failed write took effect: %t, want %t", got, written[kind])
			}
			if f.Counted() != 4 || f.Fired() != 1 {
				t.Errorf("%d writes, %d failed; want 4 and 1", f.Counted(), f.Fired())
			}
		})
	}
}

func TestFailTransact(t *testing.T) {
	f := open(t)
	ops := []table.Op{table.Put(key("a"), nil), table.Put(key("b"), nil)}
	f.FailNth(1, fault.After, nil)
	if err := f.Transact(t.Context(), ops); !errors.Is(err, fault.ErrInjected) {
		t.Errorf("got error %v, want ErrInjected", err)
	}
	if !found(t, f, "a") || !found(t, f, "b") {
		t.Error("the transaction took no effect")
	}
}

func TestFailByPredicate(t *testing.T) {
	f := open(t)
	put(t, f, "a", nil)
	f.Fail(fault.Throttled, func(c tabletest.Call) bool {
		return c.Method == "Get" || slices.ContainsFunc(c.Ops, func(op table.Op) bool { return op.Key == key("b") })
	})
	put(t, f, "b", table.ErrThrottled)
	put(t, f, "c", nil)
	if _, err := f.Get(t.Context(), key("a"), table.Consistent); !errors.Is(err, table.ErrThrottled) {
		t.Errorf("Get: got error %v, want ErrThrottled", err)
	}
	f.Heal()
	put(t, f, "b", nil)
	if !found(t, f, "a") {
		t.Error("the item is gone")
	}
}

func TestAfterKeepsTheStoresOwnError(t *testing.T) {
	f := open(t)
	put(t, f, "a", nil)
	f.FailNth(1, fault.After, nil)
	_, err := f.Write(t.Context(), table.Put(key("a"), nil, table.Absent()))
	if !errors.Is(err, table.ErrCondition) {
		t.Errorf("got error %v, want ErrCondition", err)
	}
}

func TestCrash(t *testing.T) {
	f := open(t)
	f.CrashNth(2, fault.After, nil)
	put(t, f, "a", nil)
	put(t, f, "b", fault.ErrInjected)
	put(t, f, "c", fault.ErrInjected)
	if _, err := f.Get(t.Context(), key("a"), table.Consistent); !errors.Is(err, fault.ErrInjected) {
		t.Errorf("Get after the crash: got error %v, want ErrInjected", err)
	}
	f.Heal()
	if !found(t, f, "a") || !found(t, f, "b") || found(t, f, "c") {
		t.Error("after the crash a and b must be there, and c must not")
	}
}

func TestEachWrite(t *testing.T) {
	runs := 0
	tabletest.EachWrite(t, func(t *testing.T, arm func(*tabletest.Faulty)) {
		runs++
		f := open(t)
		put(t, f, "set up", nil)
		arm(f)
		for _, sk := range []string{"a", "b", "c"} {
			err := table.Retry(t.Context(), 3, func() error {
				_, err := f.Write(t.Context(), table.Put(key(sk), nil))
				return err
			})
			if err != nil {
				_, err = f.Write(t.Context(), table.Put(key(sk), nil))
			}
			if err != nil {
				t.Error(err)
			}
		}
		for _, sk := range []string{"set up", "a", "b", "c"} {
			if !found(t, f, sk) {
				t.Errorf("%s is lost", sk)
			}
		}
	})
	want := 4 * (3 + 1)
	if testing.Short() {
		want = 4 * (1 + 1)
	}
	if runs != want {
		t.Errorf("%d runs, want %d: one for each fault of each write, and one without", runs, want)
	}
}

func TestEachCrash(t *testing.T) {
	var states []int
	tabletest.EachCrash(t, func(t *testing.T, arm func(*tabletest.Faulty)) {
		f := open(t)
		arm(f)
		for _, sk := range []string{"a", "b"} {
			f.Write(t.Context(), table.Put(key(sk), nil)) //nolint:errcheck // dies somewhere
		}
		f.Heal()
		page, err := f.Query(t.Context(), table.Query{Table: table.Sessions, PK: "p"})
		if err != nil {
			t.Error(err)
		}
		states = append(states, len(page.Items))
	})
	want := []int{0, 1, 2, 1, 2, 2}
	if testing.Short() {
		want = []int{0, 2, 1, 2}
	}
	if !slices.Equal(states, want) {
		t.Errorf("items after the crashes: %v, want %v", states, want)
	}
}

func TestFaultyConcurrently(t *testing.T) {
	f := open(t)
	f.FailNth(20, fault.Before, nil)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				f.Write(t.Context(), table.Increment(key("n"), "n", 1)) //nolint:errcheck // one fails
			}
		})
	}
	wait.Wait()
	item, err := f.Get(t.Context(), key("n"), table.Consistent)
	if err != nil {
		t.Fatal(err)
	}
	if item.Int("n") != 79 || f.Counted() != 80 || f.Fired() != 1 {
		t.Errorf("n = %d after %d writes of which %d failed; want 79, 80, 1", item.Int("n"), f.Counted(), f.Fired())
	}
}

func key(sk string) table.Key { return table.Key{Table: table.Sessions, PK: "p", SK: sk} }

func put(t *testing.T, store table.Store, sk string, want error) {
	t.Helper()
	item, err := store.Write(t.Context(), table.Put(key(sk), nil))
	if !errors.Is(err, want) {
		t.Errorf("putting %s: got error %v, want %v", sk, err, want)
	}
	if item.Found() != (want == nil) {
		t.Errorf("putting %s returned an item: %t", sk, item.Found())
	}
}

func found(t *testing.T, store table.Store, sk string) bool {
	t.Helper()
	_, err := store.Get(t.Context(), key(sk), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}
