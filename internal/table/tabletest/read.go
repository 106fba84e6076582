package tabletest

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/table"
)

var readCases = []testCase{
	{"get: an absent item is ErrNotFound", func(k *kit) {
		item, err := k.store.Get(k.ctx, k.key("none"), table.Consistent)
		k.is("Get", err, table.ErrNotFound)
		k.equal("found", item.Found(), false)
	}},
	{"get: the item as it was put", func(k *kit) {
		k.put("a", table.Attrs{"name": "n"})
		item, err := k.store.Get(k.ctx, k.key("a"), table.Consistent)
		k.must(err)
		k.equal("item", item, table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"name": "n"})})
	}},
	{"get: an item without attributes is found", func(k *kit) {
		k.write(table.Op{Kind: table.PutOp, Key: k.key("a")})
		k.equal("attrs", k.read(k.key("a")), table.Attrs{})
	}},
	{"get: tables, partitions and sort keys are apart", readsApart},
	{"batch get: in the order of the keys, absent ones without attributes", batchGetOrder},
	{"batch get: several tables", batchGetTables},
	{"batch get: no keys", func(k *kit) {
		items, err := k.store.BatchGet(k.ctx, nil, table.Eventual)
		k.must(err)
		k.equal("items", len(items), 0)
	}},
	{"batch get: 100 keys", func(k *kit) {
		keys := []table.Key{}
		for _, sk := range numbered(table.MaxBatchGet) {
			k.put(sk, table.Attrs{"name": sk})
			keys = append(keys, k.key(sk))
		}
		items, err := k.store.BatchGet(k.ctx, keys, table.Consistent)
		k.must(err)
		for i, item := range items {
			k.equal("item", item.Str("name"), keys[i].SK)
		}
	}},
	{"context: nothing is done when it has ended", endedContext},
}

func readsApart(k *kit) {
	keys := []table.Key{}
	for _, name := range table.Names {
		for _, pk := range []string{k.pk + "1", k.pk + "2"} {
			for _, sk := range []string{"a", "b"} {
				keys = append(keys, table.Key{Table: name, PK: pk, SK: sk})
			}
		}
	}
	for _, key := range keys {
		k.write(table.Put(key, table.Attrs{"name": fmt.Sprint(key)}))
	}
	for _, key := range keys {
		k.equal("name", k.read(key)["name"], any(fmt.Sprint(key)))
	}
}

func batchGetOrder(k *kit) {
	k.put("a", table.Attrs{"n": int64(1)})
	k.put("c", table.Attrs{"n": int64(3)})
	for _, c := range []table.Consistency{table.Consistent, table.Eventual} {
		items, err := k.store.BatchGet(k.ctx, []table.Key{k.key("c"), k.key("b"), k.key("a")}, c)
		k.must(err)
		if c == table.Eventual {
			k.equal("items", len(items), 3) // their content may lag
			continue
		}
		k.equal("items", items, []table.Item{
			{Key: k.key("c"), Attrs: with(table.Attrs{"n": int64(3)})},
			{Key: k.key("b")},
			{Key: k.key("a"), Attrs: with(table.Attrs{"n": int64(1)})},
		})
	}
}

func batchGetTables(k *kit) {
	keys := []table.Key{}
	for _, name := range table.Names {
		key := table.Key{Table: name, PK: k.pk, SK: "a"}
		k.write(table.Put(key, table.Attrs{"in": string(name)}))
		keys = append(keys, key)
	}
	items, err := k.store.BatchGet(k.ctx, keys, table.Consistent)
	k.must(err)
	for i, item := range items {
		k.equal("item", item, table.Item{Key: keys[i], Attrs: with(table.Attrs{"in": string(keys[i].Table)})})
	}
}

func endedContext(k *kit) {
	k.putAll("a")
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	check := func(what string, err error) {
		k.Helper()
		if !errors.Is(err, context.Canceled) {
			k.Errorf("%s: got error %v, want context.Canceled", what, err)
		}
	}
	_, err := k.store.Get(ctx, k.key("a"), table.Consistent)
	check("Get", err)
	_, err = k.store.BatchGet(ctx, []table.Key{k.key("a")}, table.Consistent)
	check("BatchGet", err)
	_, err = k.store.Query(ctx, table.Query{Table: table.Sessions, PK: k.pk})
	check("Query", err)
	_, err = k.store.Write(ctx, table.Put(k.key("b"), nil))
	check("Write", err)
	check("Transact", k.store.Transact(ctx, []table.Op{table.Put(k.key("b"), nil)}))
	k.equal("b", k.read(k.key("b")), table.Attrs(nil))
}
