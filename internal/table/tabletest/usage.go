package tabletest

import (
	"context"

	"github.com/google/go-cmp/cmp"

	"griot/internal/table"
)

var usageCases = []testCase{
	{"usage: get", func(k *kit) {
		k.write(k.sized("a", 9_000))
		get := func(sk string, c table.Consistency) func(context.Context) {
			return func(ctx context.Context) { k.store.Get(ctx, k.key(sk), c) } //nolint:errcheck // absent ones cost, too
		}
		k.costs("consistent", get("a", table.Consistent), table.Totals{ReadUnits: 3, Reads: 1, ItemsRead: 1, BytesRead: 9_000})
		k.costs("eventual", get("a", table.Eventual), table.Totals{ReadUnits: 1.5, Reads: 1, ItemsRead: 1, BytesRead: 9_000})
		k.costs("absent", get("b", table.Consistent), table.Totals{ReadUnits: 1, Reads: 1})
	}},
	{"usage: batch get rounds each item", func(k *kit) {
		k.write(k.sized("a", 1_500))
		k.write(k.sized("b", 6_500))
		batch := func(c table.Consistency) func(context.Context) {
			return func(ctx context.Context) {
				_, err := k.store.BatchGet(ctx, []table.Key{k.key("a"), k.key("b")}, c)
				k.must(err)
			}
		}
		k.costs("consistent", batch(table.Consistent), table.Totals{ReadUnits: 3, Reads: 1, ItemsRead: 2, BytesRead: 8_000})
		k.costs("eventual", batch(table.Eventual), table.Totals{ReadUnits: 1.5, Reads: 1, ItemsRead: 2, BytesRead: 8_000})
	}},
	{"usage: query rounds the page's sum, expired items included", func(k *kit) {
		for _, sk := range numbered(10) {
			k.write(k.sized(sk, 1_500))
		}
		query := func(q table.Query) func(context.Context) {
			return func(ctx context.Context) {
				q.Table, q.PK = table.Sessions, k.pk
				_, err := k.store.Query(ctx, q)
				k.must(err)
			}
		}
		k.costs("consistent", query(table.Query{Consistency: table.Consistent}), table.Totals{ReadUnits: 4, Reads: 1, ItemsRead: 10, BytesRead: 15_000})
		k.costs("eventual", query(table.Query{}), table.Totals{ReadUnits: 2, Reads: 1, ItemsRead: 10, BytesRead: 15_000})
		k.costs("limited", query(table.Query{Limit: 2}), table.Totals{ReadUnits: 0.5, Reads: 1, ItemsRead: 2, BytesRead: 3_000})
		op := k.sized("0001", 1_500-len(table.ExpiresAttr)-2)
		op.Attrs[table.ExpiresAttr] = int64(1_000_000_000)
		k.write(op)
		k.costs("expired", query(table.Query{Limit: 2}), table.Totals{ReadUnits: 0.5, Reads: 1, ItemsRead: 1, BytesRead: 3_000})
	}},
	{"usage: write by the larger of old and new", func(k *kit) {
		write := func(op table.Op) func(context.Context) {
			return func(ctx context.Context) { k.store.Write(ctx, op) } //nolint:errcheck // refused ones cost, too
		}
		small := table.Put(k.key("a"), nil)
		k.costs("put", write(k.sized("a", 2_500)), table.Totals{WriteUnits: 3, Writes: 1})
		k.costs("refused put", write(table.Put(k.key("a"), nil, table.Absent())), table.Totals{WriteUnits: 3, Writes: 1})
		k.costs("update", write(table.Update(k.key("a"), table.Attrs{"x": make([]byte, 1_000)})), table.Totals{WriteUnits: 4, Writes: 1})
		k.costs("small over large", write(small), table.Totals{WriteUnits: 4, Writes: 1})
		k.costs("small over small", write(small), table.Totals{WriteUnits: 1, Writes: 1})
		k.costs("increment", write(table.Increment(k.key("n"), "n", 1)), table.Totals{WriteUnits: 1, Writes: 1})
		k.write(k.sized("a", 2_500))
		k.costs("delete", write(table.Delete(k.key("a"))), table.Totals{WriteUnits: 3, Writes: 1})
		k.costs("delete of none", write(table.Delete(k.key("a"))), table.Totals{WriteUnits: 1, Writes: 1})
		k.costs("refused delete of none", write(table.Delete(k.key("a"), table.Exists())), table.Totals{WriteUnits: 1, Writes: 1})
		k.costs("over a limit", write(table.Put(k.key(""), nil)), table.Totals{})
	}},
	{"usage: a check costs twice a consistent read", func(k *kit) {
		k.write(k.sized("a", 5_000))
		check := func(ctx context.Context) {
			k.must(k.store.Transact(ctx, []table.Op{table.Put(k.key("b"), nil), table.Check(k.key("a"), table.Exists())}))
		}
		k.costs("check", check, table.Totals{WriteUnits: 2, ReadUnits: 4, Writes: 1})
	}},
	{"usage: transact costs twice", func(k *kit) {
		k.write(k.sized("delete", 2_500))
		transact := func(ops ...table.Op) func(context.Context) {
			return func(ctx context.Context) { k.store.Transact(ctx, ops) } //nolint:errcheck // refused ones cost, too
		}
		small := table.Put(k.key("small"), nil)
		k.costs("writes", transact(k.sized("put", 1_500), small, table.Delete(k.key("delete"))), table.Totals{WriteUnits: 12, Writes: 1})
		refused := table.Put(k.key("small"), nil, table.Absent())
		k.costs("refused", transact(refused, table.Put(k.key("other"), nil)), table.Totals{WriteUnits: 4, Writes: 1})
	}},
	{"usage: adds up", func(k *kit) {
		var u table.Usage
		ctx := table.WithUsage(k.ctx, &u)
		for _, sk := range numbered(3) {
			_, err := k.store.Write(ctx, k.sized(sk, 1_500))
			k.must(err)
			_, err = k.store.Get(ctx, k.key(sk), table.Consistent)
			k.must(err)
		}
		k.equal("totals", u.Totals(), table.Totals{WriteUnits: 6, ReadUnits: 3, Writes: 3, Reads: 3, ItemsRead: 3, BytesRead: 4_500})
	}},
}

// costs checks what do consumes.
func (k *kit) costs(what string, do func(ctx context.Context), want table.Totals) {
	k.Helper()
	var u table.Usage
	do(table.WithUsage(k.ctx, &u))
	if diff := cmp.Diff(want, u.Totals()); diff != "" {
		k.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
