package tabletest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/table"
	"griot/internal/table/tabletest"
)

func TestContendedConformance(t *testing.T) {
	tabletest.Run(t, tabletest.Harness{Open: func(t *testing.T) table.Store { return tabletest.NewContended(open(t), 0) }})
}

// What overlaps is refused as DynamoDB refuses it, and what only follows is not.
func TestContended(t *testing.T) {
	write := func(sk string) func(table.Store, context.Context) error {
		return func(s table.Store, ctx context.Context) error {
			_, err := s.Write(ctx, table.Increment(key(sk), "n", 1))
			return err
		}
	}
	transact := func(ops ...table.Op) func(table.Store, context.Context) error {
		return func(s table.Store, ctx context.Context) error { return s.Transact(ctx, ops) }
	}
	both := transact(table.Increment(key("a"), "n", 1), table.Increment(key("b"), "n", 1))
	for name, test := range map[string]struct {
		first, second func(table.Store, context.Context) error
		refused       bool
		took          time.Duration
	}{
		"two transactions of one item":           {both, transact(table.Put(key("b"), nil)), true, time.Second},
		"a transaction and a check":              {both, transact(table.Check(key("a"), table.Exists())), true, time.Second},
		"two transactions of others":             {both, transact(table.Put(key("c"), nil)), false, time.Second},
		"a write while a transaction is at work": {both, write("a"), true, time.Second},
		"a write of another item meanwhile":      {both, write("c"), false, time.Second},
		"a transaction while a write is at work": {write("a"), both, true, time.Second},
		"two writes of one item":                 {write("a"), write("a"), false, 2 * time.Second},
		"a read of an item in a transaction": {both, func(s table.Store, ctx context.Context) error {
			_, err := s.BatchGet(ctx, []table.Key{key("a")}, table.Consistent)
			return err
		}, false, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := tabletest.NewContended(open(t), time.Second)
				begun, first := time.Now(), make(chan error, 1)
				go func() { first <- test.first(c, t.Context()) }()
				synctest.Wait()
				err := test.second(c, t.Context())
				if test.refused != errors.Is(err, table.ErrConflict) || !test.refused && err != nil {
					t.Errorf("the second: %v", err)
				}
				if err := <-first; err != nil {
					t.Errorf("the first: %v", err)
				}
				if took := time.Since(begun); took != test.took {
					t.Errorf("%v, want %v", took, test.took)
				}
				if got := c.Conflicts() == 1; got != test.refused {
					t.Errorf("%d conflicts", c.Conflicts())
				}
				if err := both(c, t.Context()); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		})
	}
}

func TestContendedEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tabletest.NewContended(open(t), time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Transact(ctx, []table.Op{table.Put(key("a"), nil)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v", err)
		}
		if _, err := c.Write(ctx, table.Put(key("a"), nil)); !errors.Is(err, context.DeadlineExceeded) || found(t, c, "a") {
			t.Errorf("got error %v", err)
		}
	})
}
