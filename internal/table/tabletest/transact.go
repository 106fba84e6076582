package tabletest

import (
	"slices"

	"griot/internal/table"
)

var transactCases = []testCase{
	{"transact: applies every operation", transactApplies},
	{"transact: reaches over tables", func(k *kit) {
		ops := []table.Op{}
		for _, name := range table.Names {
			ops = append(ops, table.Put(table.Key{Table: name, PK: k.pk, SK: "a"}, table.Attrs{"in": string(name)}))
		}
		k.must(k.transact(ops...))
		for _, op := range ops {
			k.equal("item", k.read(op.Key), op.Attrs)
		}
	}},
	{"transact: one failed condition, wherever, undoes all", transactUndone},
	{"transact: names the first of several failed conditions", func(k *kit) {
		k.put("b", present)
		err := k.transact(
			table.Put(k.key("a"), nil, table.Absent()),
			table.Delete(k.key("b"), table.Equal("n", int64(0))),
			table.Update(k.key("c"), nil, table.Exists()))
		k.refused(err, 1, k.key("b"), with(present))
	}},
	{"transact: the absent item that failed a condition is named", func(k *kit) {
		err := k.transact(table.Put(k.key("a"), nil), table.Check(k.key("b"), table.Exists()))
		k.refused(err, 1, k.key("b"), nil)
	}},
	{"transact: no operations", func(k *kit) { k.must(k.transact()) }},
	{"transact: checks only", func(k *kit) {
		k.put("a", present)
		k.must(k.transact(table.Check(k.key("a"), table.Exists()), table.Check(k.key("b"), table.Absent())))
		k.equal("a", k.read(k.key("a")), with(present))
		k.equal("b", k.read(k.key("b")), table.Attrs(nil))
	}},
}

func transactApplies(k *kit) {
	k.put("update", table.Attrs{"n": int64(1), "keep": "k", "gone": "g"})
	k.put("delete", nil)
	k.put("replace", table.Attrs{"old": "o"})
	k.put("check", table.Attrs{"n": int64(1)})
	update := table.Increment(k.key("update"), "n", 2, table.Equal("n", int64(1)))
	update.Remove = []string{"gone"}
	k.must(k.transact(
		table.Put(k.key("put"), table.Attrs{"s": "x"}, table.Absent()),
		table.Put(k.key("replace"), table.Attrs{"new": "n"}),
		update,
		table.Update(k.key("create"), table.Attrs{"s": "y"}),
		table.Delete(k.key("delete"), table.Exists()),
		table.Delete(k.key("none")),
		table.Check(k.key("check"), table.Equal("n", int64(1)))))
	k.equal("items", k.query(table.Query{}).Items, []table.Item{
		{Key: k.key("check"), Attrs: with(table.Attrs{"n": int64(1)})},
		{Key: k.key("create"), Attrs: with(table.Attrs{"s": "y"})},
		{Key: k.key("put"), Attrs: with(table.Attrs{"s": "x"})},
		{Key: k.key("replace"), Attrs: with(table.Attrs{"new": "n"})},
		{Key: k.key("update"), Attrs: with(table.Attrs{"n": int64(3), "keep": "k"})},
	})
}

func transactUndone(k *kit) {
	k.put("0001", table.Attrs{"s": "x"})
	k.put("0002", table.Attrs{"n": int64(1)})
	before := k.query(table.Query{}).Items
	good := []table.Op{
		table.Put(k.key("0000"), nil),
		table.Delete(k.key("0001")),
		table.Increment(k.key("0002"), "n", 1),
	}
	for i := 0; i <= len(good); i++ {
		ops := slices.Insert(slices.Clone(good), i, table.Put(k.key("bad"), nil, table.Exists()))
		k.refused(k.transact(ops...), i, k.key("bad"), nil)
		k.equal("items", k.query(table.Query{}).Items, before)
	}
}
