package tabletest

import (
	"strings"

	"griot/internal/table"
)

// limitCases are sizes and numbers, each exactly at its limit and just over.
var limitCases = []testCase{
	{"limit: keys of 2048 and 1024 bytes", func(k *kit) {
		pk := k.pk + strings.Repeat("p", table.MaxPK-len(k.pk))
		key := table.Key{Table: table.Sessions, PK: pk, SK: strings.Repeat("s", table.MaxSK)}
		k.write(table.Put(key, table.Attrs{"n": int64(1)}))
		k.equal("item", k.read(key), with(table.Attrs{"n": int64(1)}))
		for _, q := range []table.Query{{}, {From: key.SK}, {Prefix: key.SK}, {To: key.SK, Reverse: true}} {
			q.Table, q.PK, q.Consistency = table.Sessions, pk, table.Consistent
			page, err := k.store.Query(k.ctx, q)
			k.must(err)
			k.equal("found", sortKeys(page.Items), []string{key.SK})
		}
	}},
	{"limit: 400 KB an item, by Put", func(k *kit) {
		k.both(func(k *kit, do func(table.Op) error) {
			k.must(do(k.sized("a", table.MaxItem)))
			k.equal("size", len(k.read(k.key("a"))["b"].([]byte)), blob(k.key("a"), table.MaxItem))
			k.is("a byte more", do(k.sized("b", table.MaxItem+1)), table.ErrLimit)
			k.equal("b", k.read(k.key("b")), table.Attrs(nil))
		})
	}},
	{"limit: 400 KB an item, by Update", func(k *kit) {
		k.both(func(k *kit, do func(table.Op) error) {
			k.write(k.sized("a", table.MaxItem-len("more123456")-len("v")-2))
			k.must(do(table.Update(k.key("a"), table.Attrs{"more": "123456"})))
			k.is("more", do(table.Update(k.key("a"), table.Attrs{"more": "1234567"})), table.ErrLimit)
			k.equal("more", k.read(k.key("a"))["more"], any("123456"))
			k.must(do(table.Update(k.key("a"), table.Attrs{"more": "12345"})))
		})
	}},
	{"limit: numbers count by their digits", func(k *kit) {
		for n, size := range map[int64]int{5: 2, -5: 3, 123: 3, 1234: 3, 1_000_000: 2, 1<<63 - 1: 11, -1 << 63: 12} {
			full := k.sized("a", table.MaxItem-len("n")-size)
			full.Attrs["n"] = n
			k.must(k.transact(full))
			full = k.sized("a", table.MaxItem-len("n")-size+1)
			full.Attrs["n"] = n
			k.is("a byte more", k.transact(full), table.ErrLimit)
		}
	}},
	{"limit: 100 keys a batch get, no key twice", func(k *kit) {
		keys := []table.Key{}
		for _, sk := range numbered(table.MaxBatchGet + 1) {
			keys = append(keys, k.key(sk))
		}
		_, err := k.store.BatchGet(k.ctx, keys, table.Consistent)
		k.is("101 keys", err, table.ErrLimit)
		_, err = k.store.BatchGet(k.ctx, []table.Key{keys[0], keys[1], keys[0]}, table.Consistent)
		k.is("a key twice", err, table.ErrLimit)
	}},
	{"limit: 16 MB a batch get", func(k *kit) {
		keys := []table.Key{}
		for _, sk := range numbered(41) {
			k.write(k.sized(sk, table.MaxItem))
			keys = append(keys, k.key(sk))
		}
		items, err := k.store.BatchGet(k.ctx, keys[:40], table.Consistent)
		k.must(err)
		k.equal("items", len(items), 40)
		_, err = k.store.BatchGet(k.ctx, keys, table.Consistent)
		k.is("16.4 MB", err, table.ErrLimit)
	}},
	{"limit: 100 operations a transaction", func(k *kit) {
		ops := []table.Op{}
		for _, sk := range numbered(table.MaxTransactItems + 1) {
			ops = append(ops, table.Put(k.key(sk), nil))
		}
		k.is("101 operations", k.transact(ops...), table.ErrLimit)
		k.equal("items", len(k.all(table.Query{})), 0)
		k.must(k.transact(ops[:table.MaxTransactItems]...))
		k.equal("items", len(k.all(table.Query{})), table.MaxTransactItems)
	}},
	{"limit: one operation an item in a transaction", func(k *kit) {
		k.putAll("a")
		for _, ops := range [][]table.Op{
			{table.Put(k.key("a"), nil), table.Put(k.key("a"), nil)},
			{table.Check(k.key("a"), table.Exists()), table.Update(k.key("a"), nil)},
			{table.Delete(k.key("a")), table.Put(k.key("b"), nil), table.Put(k.key("a"), nil)},
		} {
			k.is("Transact", k.transact(ops...), table.ErrLimit)
		}
		k.equal("items", sortKeys(k.all(table.Query{})), []string{"a"})
	}},
	{"limit: 4 MB a transaction", func(k *kit) {
		ops := []table.Op{}
		for _, sk := range numbered(16) {
			ops = append(ops, k.sized(sk, table.MaxTransact/16))
		}
		k.must(k.transact(ops...))
		ops[15] = k.sized("0015", table.MaxTransact/16+1)
		k.is("a byte more", k.transact(ops...), table.ErrLimit)
	}},
	{"limit: 4 MB a transaction, with what is there", func(k *kit) {
		ops := []table.Op{}
		for _, sk := range numbered(11) {
			k.write(k.sized(sk, table.MaxItem))
			ops = append(ops, table.Delete(k.key(sk)))
		}
		k.is("4.4 MB", k.transact(ops...), table.ErrLimit)
		k.equal("items left", len(k.all(table.Query{})), 11)
		k.must(k.transact(ops[:10]...))
		k.equal("items left", sortKeys(k.all(table.Query{})), []string{"0010"})
	}},
}

// sized returns a Put of an item of so many bytes.
func (k *kit) sized(sk string, size int) table.Op {
	b := make([]byte, blob(k.key(sk), size))
	return table.Op{Kind: table.PutOp, Key: k.key(sk), Attrs: table.Attrs{"b": b}}
}

// blob is how long the only attribute "b" of an item of so many bytes is.
func blob(key table.Key, size int) int {
	return size - len("pk"+key.PK+"sk"+key.SK+"b")
}
