package tabletest

import (
	"fmt"

	"griot/internal/table"
)

var conditionCases = []testCase{
	{"conditions: on an absent item", func(k *kit) { k.conditions(nil, nil, onAbsent) }},
	{"conditions: on an item", func(k *kit) { k.conditions(present, with(present), onPresent) }},
	{"conditions: an expired item is absent", func(k *kit) {
		expired := table.Attrs{"s": "b", table.ExpiresAttr: k.now().Unix() - 60}
		k.conditions(expired, nil, onAbsent)
	}},
	{"conditions: all of an operation must hold", func(k *kit) {
		k.put("a", present)
		good, bad := table.Equal("s", "b"), table.Equal("n", int64(6))
		_, err := k.store.Write(k.ctx, table.Update(k.key("a"), nil, good, table.Less("n", int64(6))))
		k.must(err)
		for _, conds := range [][]table.Cond{{good, bad}, {bad, good}, {bad, bad}} {
			_, err = k.store.Write(k.ctx, table.Update(k.key("a"), table.Attrs{"s": "x"}, conds...))
			k.refused(err, 0, k.key("a"), with(present))
		}
	}},
	{"conditions: see the item before the write", func(k *kit) {
		k.put("a", present)
		k.write(table.Update(k.key("a"), table.Attrs{"s": "c"}, table.Equal("s", "b")))
		_, err := k.store.Write(k.ctx, table.Update(k.key("a"), table.Attrs{"s": "d"}, table.Equal("s", "b")))
		k.refused(err, 0, k.key("a"), with(table.Attrs{"s": "c", "n": int64(5), "b": []byte{2}}))
	}},
}

type holding struct {
	cond  table.Cond
	holds bool
}

var onAbsent = []holding{
	{table.Absent(), true},
	{table.Exists(), false},
	{table.Equal("s", "b"), false},
	{table.Equal("s", ""), false},
	{table.Less("s", "z"), false},
	{table.Missing("s"), true},
	{table.MissingOrLess("s", "a"), true},
}

var present = table.Attrs{"s": "b", "n": int64(5), "b": []byte{2}}

var onPresent = []holding{
	{table.Absent(), false},
	{table.Exists(), true},

	{table.Equal("s", "b"), true},
	{table.Equal("s", "a"), false},
	{table.Equal("s", "B"), false},
	{table.Equal("s", []byte("b")), false},
	{table.Equal("n", int64(5)), true},
	{table.Equal("n", int64(6)), false},
	{table.Equal("n", "5"), false},
	{table.Equal("b", []byte{2}), true},
	{table.Equal("b", []byte{2, 0}), false},
	{table.Equal("b", "\x02"), false},
	{table.Equal("none", ""), false},

	{table.Less("s", "c"), true},
	{table.Less("s", "ba"), true},
	{table.Less("s", "b"), false},
	{table.Less("s", "a"), false},
	{table.Less("s", []byte("c")), false},
	{table.Less("n", int64(6)), true},
	{table.Less("n", int64(10)), true},
	{table.Less("n", int64(5)), false},
	{table.Less("n", int64(-6)), false},
	{table.Less("n", "9"), false},
	{table.Less("b", []byte{3}), true},
	{table.Less("b", []byte{2, 0}), true},
	{table.Less("b", []byte{2}), false},
	{table.Less("none", "z"), false},

	{table.Missing("none"), true},
	{table.Missing("s"), false},

	{table.MissingOrLess("none", int64(-9)), true},
	{table.MissingOrLess("n", int64(6)), true},
	{table.MissingOrLess("n", int64(5)), false},
	{table.MissingOrLess("n", "9"), false},
	{table.MissingOrLess("s", "c"), true},
	{table.MissingOrLess("s", "b"), false},
}

// conditions tries each condition with each operation on an item that has
// stored (nil: is not there), alone and in a transaction. old is what a
// failed condition must show.
func (k *kit) conditions(stored, old table.Attrs, rows []holding) {
	for i, row := range rows {
		k.sub(fmt.Sprintf("%d %v", i, row.cond), func(k *kit) {
			for name, op := range conditional(k.key("a"), row.cond) {
				k.reset("a", stored)
				if op.Kind != table.CheckOp {
					_, err := k.store.Write(k.ctx, op)
					k.verdict(name, row.holds, err, 0, old)
				}
				k.reset("a", stored)
				err := k.transact(table.Put(k.key("before"), nil), op, table.Put(k.key("behind"), nil))
				k.verdict(name+" in a transaction", row.holds, err, 1, old)
			}
		})
	}
}

func conditional(key table.Key, cond table.Cond) map[string]table.Op {
	return map[string]table.Op{
		"put":       table.Put(key, table.Attrs{"new": "x"}, cond),
		"update":    table.Update(key, table.Attrs{"new": "x"}, cond),
		"increment": table.Increment(key, "count", 1, cond),
		"delete":    table.Delete(key, cond),
		"check":     table.Check(key, cond),
	}
}

func (k *kit) reset(sk string, attrs table.Attrs) {
	k.Helper()
	if attrs == nil {
		k.write(table.Delete(k.key(sk)))
		return
	}
	k.put(sk, attrs)
}

func (k *kit) verdict(what string, holds bool, err error, index int, old table.Attrs) {
	k.Helper()
	if holds {
		if err != nil {
			k.Errorf("%s: %v", what, err)
		}
		return
	}
	k.refused(err, index, k.key("a"), old)
	k.equal("item after a refused "+what, k.read(k.key("a")), old)
}
