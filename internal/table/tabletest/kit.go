package tabletest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/table"
)

// kit is what a case works with: a store, a partition of its own, and steps
// that end the test when they fail.
type kit struct {
	*testing.T
	ctx     context.Context
	store   table.Store
	now     func() time.Time
	advance func(time.Duration)
	pk      string
}

func newKit(t *testing.T, h Harness) *kit {
	now := h.Now
	if now == nil {
		now = time.Now
	}
	return &kit{T: t, ctx: t.Context(), store: h.Open(t), now: now, advance: h.Advance, pk: "test_" + rand.Text()}
}

// key returns a key in the case's partition.
func (k *kit) key(sk string) table.Key {
	return table.Key{Table: table.Sessions, PK: k.pk, SK: sk}
}

// sub runs a part of the case under a name, in the same partition.
func (k *kit) sub(name string, run func(k *kit)) {
	k.Helper()
	k.Run(name, func(t *testing.T) {
		sub := *k
		sub.T, sub.ctx = t, t.Context()
		run(&sub)
	})
}

// write applies one operation that must succeed. It alone tries again when a
// shared engine is busy.
func (k *kit) write(op table.Op) table.Item {
	k.Helper()
	var item table.Item
	k.must(table.Retry(k.ctx, 20, func() (err error) {
		item, err = k.store.Write(k.ctx, op)
		return err
	}))
	return item
}

func (k *kit) put(sk string, attrs table.Attrs) {
	k.Helper()
	k.write(table.Put(k.key(sk), attrs))
}

// putAll puts an item without attributes under each sort key.
func (k *kit) putAll(sks ...string) {
	k.Helper()
	for _, sk := range sks {
		k.put(sk, nil)
	}
}

func (k *kit) transact(ops ...table.Op) error {
	return table.Retry(k.ctx, 20, func() error { return k.store.Transact(k.ctx, ops) })
}

// read returns the attributes under a key, nil when there are none.
func (k *kit) read(key table.Key) table.Attrs {
	k.Helper()
	item, err := k.store.Get(k.ctx, key, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	k.must(err)
	k.equal("key of the item", item.Key, key)
	return item.Attrs
}

// query returns a page of the case's partition, read consistently.
func (k *kit) query(q table.Query) table.Page {
	k.Helper()
	q.Table, q.PK, q.Consistency = table.Sessions, k.pk, table.Consistent
	page, err := k.store.Query(k.ctx, q)
	k.must(err)
	return page
}

// all follows a query's pages to the end.
func (k *kit) all(q table.Query) []table.Item {
	k.Helper()
	var items []table.Item
	for {
		page := k.query(q)
		if q.Limit > 0 && len(page.Items) > q.Limit {
			k.Fatalf("page of %d items with Limit %d", len(page.Items), q.Limit)
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			return items
		}
		if q.After == page.Next {
			k.Fatalf("Next stays at %q", q.After)
		}
		q.After = page.Next
	}
}

func sortKeys(items []table.Item) []string {
	keys := []string{}
	for _, item := range items {
		keys = append(keys, item.SK)
	}
	return keys
}

// with returns attrs as Put and Update store them.
func with(attrs table.Attrs) table.Attrs { return table.Put(table.Key{}, attrs).Attrs }

func (k *kit) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kit) equal(what string, got, want any) {
	k.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		k.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// is checks an error's identity.
func (k *kit) is(what string, err, want error) {
	k.Helper()
	if !errors.Is(err, want) {
		k.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// refused checks that err is a failed condition of the operation at index,
// and what stood in its way (nil: no item).
func (k *kit) refused(err error, index int, key table.Key, old table.Attrs) {
	k.Helper()
	k.is("condition", err, table.ErrCondition)
	if failed := table.Failed(err); failed != nil {
		k.equal("ConditionError", *failed, table.ConditionError{Index: index, Old: table.Item{Key: key, Attrs: old}})
	}
}

// both runs an operation alone and as a transaction's only one, each under
// its own name; do returns the error.
func (k *kit) both(run func(k *kit, do func(op table.Op) error)) {
	k.Helper()
	k.sub("write", func(k *kit) {
		run(k, func(op table.Op) error { _, err := k.store.Write(k.ctx, op); return err })
	})
	k.sub("transact", func(k *kit) {
		run(k, func(op table.Op) error { return k.transact(op) })
	})
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%04d", i)
	}
	return names
}
