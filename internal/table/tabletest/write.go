package tabletest

import (
	"griot/internal/table"
)

var writeCases = []testCase{
	{"put: returns the item", func(k *kit) {
		got := k.write(table.Put(k.key("a"), table.Attrs{"s": "x"}))
		k.equal("item", got, table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"s": "x"})})
	}},
	{"a repeatable write: done twice, it shows its own first doing", func(k *kit) {
		put := table.Repeatable(table.Put(k.key("a"), table.Attrs{"by": "x"}, table.Absent()))
		k.equal("first", k.write(put), table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"by": "x"})})
		_, err := k.store.Write(k.ctx, put)
		k.refused(err, 0, k.key("a"), with(table.Attrs{"by": "x"}))
		k.equal("deleted", k.write(table.Repeatable(table.Delete(k.key("a")))), table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"by": "x"})})
		k.equal("deleted again", k.write(table.Repeatable(table.Delete(k.key("a")))), table.Item{Key: k.key("a")})
	}},
	{"put: replaces the whole item", func(k *kit) {
		k.put("a", table.Attrs{"s": "x", "n": int64(1)})
		k.put("a", table.Attrs{"n": int64(2)})
		k.equal("item", k.read(k.key("a")), with(table.Attrs{"n": int64(2)}))
	}},
	{"update: creates the item", func(k *kit) {
		got := k.write(table.Update(k.key("a"), table.Attrs{"s": "x"}))
		k.equal("returned", got, table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"s": "x"})})
		k.equal("stored", k.read(k.key("a")), with(table.Attrs{"s": "x"}))
	}},
	{"update: sets, adds, removes and keeps the rest", updateMixes},
	{"update: may change an attribute's type", func(k *kit) {
		k.put("a", table.Attrs{"x": "text"})
		k.write(table.Update(k.key("a"), table.Attrs{"x": int64(1)}))
		k.equal("item", k.read(k.key("a")), with(table.Attrs{"x": int64(1)}))
	}},
	{"update: removing what is not there is no error", func(k *kit) {
		got := k.write(table.Op{Kind: table.UpdateOp, Key: k.key("a"), Remove: []string{"none"}})
		k.equal("returned", got, table.Item{Key: k.key("a"), Attrs: table.Attrs{}})
		k.equal("stored", k.read(k.key("a")), table.Attrs{})
	}},
	{"update: without any change creates the item", func(k *kit) {
		k.write(table.Op{Kind: table.UpdateOp, Key: k.key("a")})
		k.equal("stored", k.read(k.key("a")), table.Attrs{})
	}},
	{"increment: counts from 0 and returns the sum", func(k *kit) {
		for _, step := range []struct{ add, want int64 }{{1, 1}, {5, 6}, {-10, -4}, {0, -4}} {
			got := k.write(table.Increment(k.key("a"), "n", step.add))
			k.equal("n", got.Int("n"), step.want)
		}
		k.equal("item", k.read(k.key("a")), with(table.Attrs{"n": int64(-4)}))
	}},
	{"delete: returns what it removed", func(k *kit) {
		k.put("a", table.Attrs{"s": "x"})
		got := k.write(table.Delete(k.key("a")))
		k.equal("returned", got, table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"s": "x"})})
		k.equal("stored", k.read(k.key("a")), table.Attrs(nil))
	}},
	{"delete: removing nothing is no error", func(k *kit) {
		k.equal("returned", k.write(table.Delete(k.key("a"))), table.Item{Key: k.key("a")})
	}},
	{"delete: leaves the neighbours", func(k *kit) {
		k.putAll("a", "ab", "b")
		k.write(table.Delete(k.key("a")))
		k.equal("left", sortKeys(k.all(table.Query{})), []string{"ab", "b"})
	}},
}

func updateMixes(k *kit) {
	k.both(func(k *kit, do func(table.Op) error) {
		k.put("a", table.Attrs{"keep": "k", "set": "old", "n": int64(40), "gone": []byte{1}})
		op := table.Update(k.key("a"), table.Attrs{"set": "new", "fresh": int64(7)})
		op.Add = map[string]int64{"n": 2, "m": -1}
		op.Remove = []string{"gone", "never"}
		k.must(do(op))
		k.equal("item", k.read(k.key("a")), with(table.Attrs{
			"keep": "k", "set": "new", "fresh": int64(7), "n": int64(42), "m": int64(-1)}))
	})
}
