package tabletest

import (
	"strings"

	"griot/internal/table"
)

// requestCases are requests that are wrong in themselves.
var requestCases = []testCase{
	{"refused: invalid keys", invalidKeys},
	{"refused: invalid operations", invalidOps},
	{"refused: a Check alone", func(k *kit) {
		k.putAll("a")
		_, err := k.store.Write(k.ctx, table.Check(k.key("a"), table.Exists()))
		k.is("Write", err, table.ErrLimit)
	}},
	{"refused: adding to what is no number", func(k *kit) {
		k.both(func(k *kit, do func(table.Op) error) {
			k.put("a", present)
			k.is("add to a string", do(table.Increment(k.key("a"), "s", 1)), table.ErrLimit)
			k.is("add to bytes", do(table.Increment(k.key("a"), "b", 1)), table.ErrLimit)
			k.equal("item", k.read(k.key("a")), with(present))
		})
	}},
	{"refused: invalid queries", invalidQueries},
	{"refused: an invalid operation refuses its transaction", func(k *kit) {
		bad := table.Put(k.key("b"), table.Attrs{"pk": "x"})
		k.is("Transact", k.transact(table.Put(k.key("a"), nil), bad), table.ErrLimit)
		k.equal("a", k.read(k.key("a")), table.Attrs(nil))
	}},
}

func invalidKeys(k *kit) {
	invalid := func(t table.Name, pk, sk string) table.Key { return table.Key{Table: t, PK: pk, SK: sk} }
	keys := map[string]table.Key{
		"no partition key":       invalid(table.Sessions, "", "a"),
		"no sort key":            invalid(table.Sessions, k.pk, ""),
		"long partition key":     invalid(table.Sessions, strings.Repeat("p", table.MaxPK+1), "a"),
		"long sort key":          invalid(table.Sessions, k.pk, strings.Repeat("s", table.MaxSK+1)),
		"long in bytes":          invalid(table.Sessions, k.pk, strings.Repeat("é", table.MaxSK/2+1)),
		"partition key no UTF-8": invalid(table.Sessions, k.pk+"\xff", "a"),
		"sort key no UTF-8":      invalid(table.Sessions, k.pk, "a\xc3"),
		"no table":               invalid("", k.pk, "a"),
		"unknown table":          invalid("unknown", k.pk, "a"),
	}
	for name, key := range keys {
		_, err := k.store.Get(k.ctx, key, table.Consistent)
		k.is("Get, "+name, err, table.ErrLimit)
		_, err = k.store.BatchGet(k.ctx, []table.Key{k.key("a"), key}, table.Consistent)
		k.is("BatchGet, "+name, err, table.ErrLimit)
		for _, op := range []table.Op{table.Put(key, nil), table.Update(key, nil), table.Delete(key)} {
			_, err = k.store.Write(k.ctx, op)
			k.is("Write, "+name, err, table.ErrLimit)
			k.is("Transact, "+name, k.transact(op), table.ErrLimit)
		}
		k.is("Check, "+name, k.transact(table.Check(key, table.Absent())), table.ErrLimit)
	}
}

func invalidOps(k *kit) {
	k.both(func(k *kit, do func(table.Op) error) {
		k.put("a", present)
		for name, op := range invalidOperations(k.key("a")) {
			k.is(name, do(op), table.ErrLimit)
			k.equal("item after "+name, k.read(k.key("a")), with(present))
		}
	})
}

func invalidOperations(key table.Key) map[string]table.Op {
	put := func(name string, value any) table.Op { return table.Put(key, table.Attrs{name: value}) }
	update := func(set string, add string, remove ...string) table.Op {
		op := table.Op{Kind: table.UpdateOp, Key: key, Remove: remove}
		if set != "" {
			op.Attrs = table.Attrs{set: int64(1)}
		}
		if add != "" {
			op.Add = map[string]int64{add: 1}
		}
		return op
	}
	return map[string]table.Op{
		"put pk":                  put("pk", "x"),
		"put sk":                  put("sk", "x"),
		"put no name":             put("", "x"),
		"put name no UTF-8":       put("a\xff", "x"),
		"put int":                 put("x", 1),
		"put float64":             put("x", 1.5),
		"put bool":                put("x", true),
		"put nil":                 put("x", nil),
		"put list":                put("x", []string{"a"}),
		"put map":                 put("x", map[string]any{}),
		"put text no UTF-8":       put("x", "a\xff"),
		"put expiry as text":      put(table.ExpiresAttr, "1"),
		"put adds":                {Kind: table.PutOp, Key: key, Add: map[string]int64{"n": 1}},
		"put removes":             {Kind: table.PutOp, Key: key, Remove: []string{"n"}},
		"update sets pk":          update("pk", ""),
		"update adds to sk":       update("", "sk"),
		"update removes pk":       update("", "", "pk"),
		"update adds to no name":  update("", "", ""),
		"update sets and adds":    update("n", "n"),
		"update sets and removes": update("n", "", "n"),
		"update adds and removes": update("", "n", "n"),
		"update removes twice":    update("", "", "n", "s", "n"),
		"delete with attributes":  {Kind: table.DeleteOp, Key: key, Attrs: table.Attrs{"n": int64(1)}},
		"unknown kind":            {Kind: 99, Key: key},
		"condition on pk":         table.Put(key, nil, table.Missing("pk")),
		"condition on no name":    table.Put(key, nil, table.Missing("")),
		"condition with int":      table.Put(key, nil, table.Equal("n", 5)),
		"condition with nil":      table.Delete(key, table.Less("n", nil)),
		"unknown condition":       table.Delete(key, table.Cond{Test: 99}),
	}
}

func invalidQueries(k *kit) {
	k.putAll("a", "b", "c")
	long := strings.Repeat("s", table.MaxSK+1)
	queries := map[string]table.Query{
		"from above to":         {From: "b", To: "a"},
		"prefix and from":       {Prefix: "a", From: "a"},
		"prefix and to":         {Prefix: "a", To: "b"},
		"negative limit":        {Limit: -1},
		"long prefix":           {Prefix: long},
		"long from":             {From: long},
		"long to":               {To: long},
		"long after":            {After: long},
		"prefix no UTF-8":       {Prefix: "a\xc3"},
		"after before from":     {From: "b", After: "a"},
		"after behind to":       {To: "b", After: "c", Reverse: true},
		"after without prefix":  {Prefix: "a", After: "b"},
		"long partition key":    {PK: strings.Repeat("p", table.MaxPK+1)},
		"partition key no UTF8": {PK: "\xff"},
		"unknown table":         {Table: "unknown"},
	}
	for name, q := range queries {
		if q.Table == "" {
			q.Table = table.Sessions
		}
		if q.PK == "" {
			q.PK = k.pk
		}
		_, err := k.store.Query(k.ctx, q)
		k.is(name, err, table.ErrLimit)
	}
	_, err := k.store.Query(k.ctx, table.Query{Table: table.Sessions})
	k.is("no partition key", err, table.ErrLimit)
}
