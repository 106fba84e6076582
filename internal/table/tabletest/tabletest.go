// Package tabletest holds the suite that every driver of the table port
// passes, and a decorator that makes a store fail.
package tabletest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/table"
)

// Harness is what a driver's test gives to [Run].
type Harness struct {
	// Open returns a store for one case, or the same one for all: cases keep
	// to partitions of their own, whose keys no other run uses. The store
	// need not be empty.
	Open func(t *testing.T) table.Store
	// Now is the store's clock; nil is time.Now.
	Now func() time.Time
	// Advance moves the clock on. Cases that need it are skipped when the
	// store has a clock that nobody can move (nil).
	Advance func(d time.Duration)
	// Skip names cases in which an engine deviates from DynamoDB, with the
	// reason. It is an error to name a case that does not exist.
	Skip map[string]string
}

// testCase is one named rule of the port.
type testCase struct {
	name string
	run  func(k *kit)
}

var cases = slices.Concat(
	readCases, valueCases, writeCases, conditionCases, orderCases, queryCases, pageCases,
	limitCases, requestCases, transactCases, concurrentCases, expiryCases, usageCases)

// Run runs every case as a subtest of its name.
func Run(t *testing.T, h Harness) {
	for name := range h.Skip {
		known := func(c testCase) bool { return c.name == name }
		if !slices.ContainsFunc(cases, known) {
			t.Errorf("Skip names %q, which is no case", name)
		}
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if reason := h.Skip[c.name]; reason != "" {
				t.Skip(reason)
			}
			c.run(newKit(t, h))
		})
	}
}

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
	{"get: tables, partitions and sort keys are apart", func(k *kit) {
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
	}},
	{"batch get: in the order of the keys, absent ones without attributes", func(k *kit) {
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
	}},
	{"batch get: several tables", func(k *kit) {
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
	}},
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
	{"context: nothing is done when it has ended", func(k *kit) {
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
	}},
}

var valueCases = []testCase{
	{"values: keep their type and every bit", func(k *kit) {
		for _, v := range values {
			want := with(table.Attrs{"x": v})
			k.equal("what Put returned", k.write(table.Put(k.key("put"), table.Attrs{"x": v})).Attrs, want)
			k.equal("what Update returned", k.write(table.Update(k.key("update"), table.Attrs{"x": v})).Attrs, want)
			k.must(k.transact(table.Put(k.key("transact"), table.Attrs{"x": v})))
			for _, sk := range []string{"put", "update", "transact"} {
				k.equal("read after "+sk, k.read(k.key(sk)), want)
			}
			for _, item := range k.query(table.Query{}).Items {
				k.equal("queried "+item.SK, item.Attrs, want)
			}
			_, err := k.store.Write(k.ctx, table.Put(k.key("put"), nil, table.Absent()))
			k.refused(err, 0, k.key("put"), want)
			k.equal("what Delete returned", k.write(table.Delete(k.key("put"))).Attrs, want)
		}
	}},
	{"values: nil bytes are empty bytes", func(k *kit) {
		k.put("a", table.Attrs{"b": []byte(nil)})
		k.equal("b", k.read(k.key("a"))["b"], any([]byte{}))
	}},
	{"values: any attribute name", func(k *kit) {
		attrs := table.Attrs{}
		for i, name := range awkwardNames {
			attrs[name] = int64(i)
		}
		k.put("a", attrs)
		k.equal("after Put", k.read(k.key("a")), with(attrs))
		k.write(table.Update(k.key("b"), attrs, table.Missing("size"), table.MissingOrLess("a.b", int64(9))))
		k.equal("after Update", k.read(k.key("b")), with(attrs))
	}},
	{"values: the caller may change what it passed and got", func(k *kit) {
		want := with(table.Attrs{"b": []byte("abc"), "s": "s"})
		for _, op := range []func(table.Key, table.Attrs, ...table.Cond) table.Op{table.Put, table.Update} {
			passed := []byte("abc")
			got := k.write(op(k.key("a"), table.Attrs{"b": passed, "s": "s"}))
			passed[0] = 'X'
			k.equal("returned after the passed bytes changed", got.Attrs, want)
			got.Bytes("b")[1], got.Attrs["s"] = 'X', "X"
			k.equal("stored after the returned item changed", k.read(k.key("a")), want)
		}
		read := k.read(k.key("a"))
		read["b"].([]byte)[0] = 'X'
		page := k.query(table.Query{})
		page.Items[0].Bytes("b")[0] = 'X'
		_, err := k.store.Write(k.ctx, table.Put(k.key("a"), nil, table.Absent()))
		table.Failed(err).Old.Bytes("b")[0] = 'X'
		k.equal("stored after what was read changed", k.read(k.key("a")), want)
	}},
}

// Reserved words and the characters of DynamoDB's expressions.
var awkwardNames = []string{"size", "name", "status", "a.b", "a[0]", "#x", ":y", " ", "é", "\x00", "日本", "Size", strings.Repeat("n", 300)}

var everyByte = func() []byte {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}()

var values = []any{
	"", "text", "é日本\U0001F600", "nul\x00inside", "1", "true", strings.Repeat("long ", 20_000),
	int64(0), int64(1), int64(-1), int64(23), int64(24), int64(255), int64(256), int64(1) << 32,
	int64(1)<<53 + 1, int64(-1)<<53 - 1, int64(1_000_000_000_000_000_000), int64(math.MaxInt64), int64(math.MinInt64),
	[]byte{}, []byte{0}, []byte("text"), []byte{0xff, 0xfe}, everyByte,
}

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
	{"update: sets, adds, removes and keeps the rest", func(k *kit) {
		k.both(func(k *kit, do func(table.Op) error) {
			k.put("a", table.Attrs{"keep": "k", "set": "old", "n": int64(40), "gone": []byte{1}})
			op := table.Update(k.key("a"), table.Attrs{"set": "new", "fresh": int64(7)})
			op.Add = map[string]int64{"n": 2, "m": -1}
			op.Remove = []string{"gone", "never"}
			k.must(do(op))
			k.equal("item", k.read(k.key("a")), with(table.Attrs{
				"keep": "k", "set": "new", "fresh": int64(7), "n": int64(42), "m": int64(-1)}))
		})
	}},
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

// awkwardKeys are sort keys in the order of their bytes. UTF-16 would put
// U+10000 before U+FFFF; several begin with another.
var awkwardKeys = []string{
	"\x00", "\x00\x00", "\x01", " ", "#", "0", "00", "1", "10", "2", "9", "A", "Z",
	"a", "a\x00", "a\x00b", "a\x01", "a ", "a#", "a0", "aa", "aa\x00", "ab", "b", "z", "~", "\x7f",
	"\u0080", "é", "ÿ", "Ā", "ࠀ", "日本", "\ufffd", "\uffff", "\U00010000", "\U0010ffff",
}

var orderCases = []testCase{
	{"order: sort keys by their bytes", func(k *kit) {
		shuffled := slices.Clone(awkwardKeys)
		mathrand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		k.putAll(shuffled...)
		k.equal("ascending", sortKeys(k.all(table.Query{})), awkwardKeys)
		backwards := slices.Clone(awkwardKeys)
		slices.Reverse(backwards)
		k.equal("descending", sortKeys(k.all(table.Query{Reverse: true})), backwards)
	}},
	{"order: partitions whose keys begin with one another are apart", func(k *kit) {
		pks := []string{"", "\x00", "a", "aa", "a\x00", "\x00a", "b", "ab", "é", "\U0010ffff"}
		sks := []string{"\x00", "a", "aa", "b", "ab", "\U0010ffff"}
		for _, pk := range pks {
			for _, sk := range sks {
				k.write(table.Put(table.Key{Table: table.Access, PK: k.pk + pk, SK: sk}, table.Attrs{"in": pk}))
			}
		}
		slices.Sort(sks)
		for _, pk := range pks {
			for _, reverse := range []bool{false, true} {
				page, err := k.store.Query(k.ctx, table.Query{Table: table.Access, PK: k.pk + pk, Reverse: reverse, Consistency: table.Consistent})
				k.must(err)
				got := sortKeys(page.Items)
				if reverse {
					slices.Reverse(got)
				}
				k.equal("sort keys", got, sks)
				for _, item := range page.Items {
					k.equal("partition", item.Str("in"), pk)
					k.equal("key", item.PK, k.pk+pk)
				}
			}
		}
	}},
}

// ranges are queries over awkwardKeys.
var ranges = []table.Query{
	{},
	{Prefix: "a"}, {Prefix: "a\x00"}, {Prefix: "aa"}, {Prefix: "ac"}, {Prefix: "\U0010ffff"}, {Prefix: "\x00"}, {Prefix: "z"},
	{From: "a"}, {From: "a "}, {From: "a\x02"}, {From: "\U0010ffff"}, {From: "\U0010ffffx"},
	{To: "a"}, {To: "a\x02"}, {To: "\x00"}, {To: "\U0010ffff"},
	{From: "a", To: "a"}, {From: "ac", To: "ac"}, {From: "a", To: "b"}, {From: "00", To: "aa"}, {From: "a\x02", To: "a!"},
	{From: "é", To: "\U00010000"},
}

var queryCases = []testCase{
	{"query: an empty partition", func(k *kit) {
		k.equal("page", k.query(table.Query{}), table.Page{})
		k.equal("page", k.query(table.Query{Reverse: true, Limit: 1}), table.Page{})
	}},
	{"query: prefix, from and to", func(k *kit) {
		k.putAll(awkwardKeys...)
		for _, q := range ranges {
			k.equal("keys", sortKeys(k.all(q)), expected(q))
			q.Reverse = true
			k.equal("keys backwards", sortKeys(k.all(q)), expected(q))
		}
	}},
	{"query: pages of every range join without gap or repetition", func(k *kit) {
		k.putAll(awkwardKeys...)
		for _, q := range ranges {
			for _, q.Limit = range []int{1, 2, 3, 7, len(awkwardKeys), len(awkwardKeys) + 1} {
				q.Reverse = false
				k.equal("keys", sortKeys(k.all(q)), expected(q))
				q.Reverse = true
				k.equal("keys backwards", sortKeys(k.all(q)), expected(q))
			}
		}
	}},
	{"query: continues behind a key that is gone", func(k *kit) {
		k.putAll("a", "b", "d", "e")
		k.equal("up", sortKeys(k.all(table.Query{After: "c"})), []string{"d", "e"})
		k.equal("down", sortKeys(k.all(table.Query{After: "c", Reverse: true})), []string{"b", "a"})
		k.equal("end", sortKeys(k.all(table.Query{After: "e"})), []string{})
		k.equal("start", sortKeys(k.all(table.Query{After: "a", Reverse: true})), []string{})
		k.equal("bounded", sortKeys(k.all(table.Query{From: "b", To: "d", After: "c"})), []string{"d"})
	}},
	{"query: Limit ends a page even when nothing follows", func(k *kit) {
		k.putAll("a", "b")
		page := k.query(table.Query{Limit: 2})
		k.equal("keys", sortKeys(page.Items), []string{"a", "b"})
		k.equal("Next", page.Next, "b")
		k.equal("next page", k.query(table.Query{Limit: 2, After: page.Next}), table.Page{})
		k.equal("Next of a page that is not full", k.query(table.Query{Limit: 3}).Next, "")
	}},
	{"query: returns whole items", func(k *kit) {
		k.put("a", present)
		want := []table.Item{{Key: k.key("a"), Attrs: with(present)}}
		k.equal("items", k.query(table.Query{}).Items, want)
	}},
	{"query: sees every acknowledged write", func(k *kit) {
		for i, sk := range numbered(20) {
			k.putAll(sk)
			k.equal("items", len(k.query(table.Query{}).Items), i+1)
		}
		for i, sk := range numbered(20) {
			k.write(table.Delete(k.key(sk)))
			k.equal("items", len(k.query(table.Query{}).Items), 19-i)
		}
	}},
}

// expected works a query out the slow way.
func expected(q table.Query) []string {
	keys := []string{}
	for _, sk := range awkwardKeys {
		if len(sk) >= len(q.Prefix) && sk[:len(q.Prefix)] == q.Prefix && sk >= q.From && (q.To == "" || sk <= q.To) {
			keys = append(keys, sk)
		}
	}
	if q.Reverse {
		slices.Reverse(keys)
	}
	return keys
}

var pageCases = []testCase{
	{"page: ends at 1 MB", func(k *kit) { k.largePages(table.Query{}) }},
	{"page: ends at 1 MB, backwards", func(k *kit) { k.largePages(table.Query{Reverse: true}) }},
	{"page: ends at 1 MB, whatever the Limit", func(k *kit) { k.largePages(table.Query{Limit: 100}) }},
	{"page: Limit ends it before 1 MB", func(k *kit) {
		k.putLarge()
		k.equal("keys", sortKeys(k.query(table.Query{Limit: 3}).Items), []string{"0000", "0001", "0002"})
	}},
	{"page: expired items count towards Limit", func(k *kit) {
		past := k.now().Unix() - 60
		k.put("a", table.Attrs{table.ExpiresAttr: past})
		k.put("b", table.Attrs{table.ExpiresAttr: past})
		k.putAll("c", "d")
		first := k.query(table.Query{Limit: 2})
		k.equal("first page", first, table.Page{Next: "b"})
		second := k.query(table.Query{Limit: 2, After: first.Next})
		k.equal("second page", sortKeys(second.Items), []string{"c", "d"})
		k.equal("all", sortKeys(k.all(table.Query{Limit: 1})), []string{"c", "d"})
		k.equal("backwards", sortKeys(k.all(table.Query{Limit: 1, Reverse: true})), []string{"d", "c"})
	}},
}

const largeItem = 100 << 10

// putLarge puts 2.5 MB of items.
func (k *kit) putLarge() {
	for _, sk := range numbered(25) {
		k.put(sk, table.Attrs{"b": make([]byte, largeItem)})
	}
}

// largePages allows for an item more or less at the end of a page: the limit
// is 1 MB, but whether the item that reaches it belongs to the page is not
// documented.
func (k *kit) largePages(q table.Query) {
	k.putLarge()
	var got []string
	for {
		page := k.query(q)
		got = append(got, sortKeys(page.Items)...)
		if page.Next == "" {
			break
		}
		if n := len(page.Items); n < table.MaxPage/largeItem-1 || n > table.MaxPage/largeItem+1 {
			k.Errorf("a page of %d items of 100 KB", n)
		}
		k.equal("Next", page.Next, page.Items[len(page.Items)-1].SK)
		q.After = page.Next
	}
	want := numbered(25)
	if q.Reverse {
		slices.Reverse(want)
	}
	k.equal("keys", got, want)
}

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

// requestCases are requests that are wrong in themselves.
var requestCases = []testCase{
	{"refused: invalid keys", func(k *kit) {
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
	}},
	{"refused: invalid operations", func(k *kit) {
		k.both(func(k *kit, do func(table.Op) error) {
			k.put("a", present)
			for name, op := range invalidOperations(k.key("a")) {
				k.is(name, do(op), table.ErrLimit)
				k.equal("item after "+name, k.read(k.key("a")), with(present))
			}
		})
	}},
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
	{"refused: invalid queries", func(k *kit) {
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
	}},
	{"refused: an invalid operation refuses its transaction", func(k *kit) {
		bad := table.Put(k.key("b"), table.Attrs{"pk": "x"})
		k.is("Transact", k.transact(table.Put(k.key("a"), nil), bad), table.ErrLimit)
		k.equal("a", k.read(k.key("a")), table.Attrs(nil))
	}},
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

var transactCases = []testCase{
	{"transact: applies every operation", func(k *kit) {
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
	}},
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
	{"transact: one failed condition, wherever, undoes all", func(k *kit) {
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
	}},
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

var concurrentCases = []testCase{
	{"concurrent: counters lose nothing", func(k *kit) {
		count := func(int) error {
			_, err := k.store.Write(k.ctx, table.Increment(k.key("n"), "n", 1))
			return err
		}
		k.together(8, 25, count)
		k.equal("n", k.read(k.key("n"))["n"], any(int64(200)))
	}},
	{"concurrent: counters in transactions lose nothing", func(k *kit) {
		count := func(i int) error {
			own := table.Increment(k.key(fmt.Sprint("own", i)), "n", 1)
			return k.store.Transact(k.ctx, []table.Op{own, table.Increment(k.key("n"), "n", 1)})
		}
		k.together(4, 10, count)
		k.equal("n", k.read(k.key("n"))["n"], any(int64(40)))
		k.equal("own", k.read(k.key("own3"))["n"], any(int64(10)))
	}},
	{"concurrent: one of many creates the item", func(k *kit) {
		var mu sync.Mutex
		var winners []string
		var seen []table.Item
		k.together(8, 1, func(i int) error {
			name := fmt.Sprint("worker", i)
			_, err := k.store.Write(k.ctx, table.Put(k.key("a"), table.Attrs{"by": name}, table.Absent()))
			mu.Lock()
			defer mu.Unlock()
			if failed := table.Failed(err); failed != nil {
				seen = append(seen, failed.Old)
				return nil
			}
			if err == nil {
				winners = append(winners, name)
			}
			return err
		})
		if len(winners) != 1 {
			k.Fatalf("%v created the item", winners)
		}
		want := table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"by": winners[0]})}
		for _, old := range seen {
			k.equal("what a loser saw", old, want)
		}
		k.equal("item", k.read(k.key("a")), want.Attrs)
	}},
	{"concurrent: of two transactions on one version one wins", func(k *kit) {
		k.put("head", table.Attrs{"rev": int64(0)})
		for rev := range int64(20) {
			var mu sync.Mutex
			won := 0
			k.together(2, 1, func(i int) error {
				head := table.Update(k.key("head"), table.Attrs{"rev": rev + 1}, table.Equal("rev", rev))
				err := k.store.Transact(k.ctx, []table.Op{head, table.Increment(k.key("rows"), "n", 1)})
				if errors.Is(err, table.ErrCondition) {
					return nil
				}
				if err == nil {
					mu.Lock()
					won++
					mu.Unlock()
				}
				return err
			})
			k.equal("winners", won, 1)
		}
		k.equal("head", k.read(k.key("head")), with(table.Attrs{"rev": int64(20)}))
		k.equal("rows", k.read(k.key("rows"))["n"], any(int64(20)))
	}},
	{"concurrent: a failed condition does not disturb its neighbours", func(k *kit) {
		k.putAll("taken")
		write := func(i int) error {
			if i%2 == 0 {
				_, err := k.store.Write(k.ctx, table.Increment(k.key(fmt.Sprint(i)), "n", 1))
				return err
			}
			_, err := k.store.Write(k.ctx, table.Put(k.key("taken"), nil, table.Absent()))
			if errors.Is(err, table.ErrCondition) {
				return nil
			}
			return fmt.Errorf("writing over an item: %w", err)
		}
		k.together(8, 20, write)
		for _, i := range []int{0, 2, 4, 6} {
			k.equal("n", k.read(k.key(fmt.Sprint(i)))["n"], any(int64(20)))
		}
	}},
}

// together runs do(0) … do(workers-1) at once, each so many times, and again
// whenever the store is busy.
func (k *kit) together(workers, times int, do func(worker int) error) {
	k.Helper()
	var wait sync.WaitGroup
	for i := range workers {
		wait.Go(func() {
			for range times {
				if err := table.Retry(k.ctx, 200, func() error { return do(i) }); err != nil {
					k.Errorf("worker %d: %v", i, err)
					return
				}
			}
		})
	}
	wait.Wait()
}

var expiryCases = []testCase{
	{"expiry: an expired item is never returned", func(k *kit) {
		k.putExpired()
		_, err := k.store.Get(k.ctx, k.key("a"), table.Consistent)
		k.is("Get", err, table.ErrNotFound)
		_, err = k.store.Get(k.ctx, k.key("a"), table.Eventual)
		k.is("eventual Get", err, table.ErrNotFound)
		items, err := k.store.BatchGet(k.ctx, []table.Key{k.key("a")}, table.Consistent)
		k.must(err)
		k.equal("BatchGet", items, []table.Item{{Key: k.key("a")}})
		k.equal("Query", sortKeys(k.query(table.Query{}).Items), []string{})
	}},
	{"expiry: an item lives until its second", func(k *kit) {
		now := k.now().Unix()
		k.put("past", table.Attrs{table.ExpiresAttr: now - 1})
		k.put("now", table.Attrs{table.ExpiresAttr: now})
		k.put("future", table.Attrs{table.ExpiresAttr: now + 3600})
		k.put("never", nil)
		k.equal("alive", sortKeys(k.all(table.Query{})), []string{"future", "never"})
	}},
	{"expiry: a put over an expired item is a fresh one", func(k *kit) {
		k.putExpired()
		k.must(k.transact(table.Put(k.key("a"), table.Attrs{"s": "new"}, table.Absent())))
		k.equal("item", k.read(k.key("a")), with(table.Attrs{"s": "new"}))
	}},
	{"expiry: an update over an expired item begins from nothing", func(k *kit) {
		k.both(func(k *kit, do func(table.Op) error) {
			k.putExpired()
			op := table.Update(k.key("a"), table.Attrs{"s": "new"})
			op.Add = map[string]int64{"n": 1}
			k.must(do(op))
			k.equal("item", k.read(k.key("a")), with(table.Attrs{"s": "new", "n": int64(1)}))
		})
	}},
	{"expiry: a delete of an expired item returns none", func(k *kit) {
		k.putExpired()
		k.equal("returned", k.write(table.Delete(k.key("a"))), table.Item{Key: k.key("a")})
	}},
	{"expiry: may be moved and removed", func(k *kit) {
		soon := k.now().Unix() + 3600
		k.put("a", table.Attrs{table.ExpiresAttr: soon})
		k.write(table.Increment(k.key("a"), table.ExpiresAttr, 3600))
		k.equal("moved", k.read(k.key("a"))[table.ExpiresAttr], any(soon+3600))
		k.write(table.Op{Kind: table.UpdateOp, Key: k.key("a"), Remove: []string{table.ExpiresAttr}})
		k.equal("removed", k.read(k.key("a")), with(nil))
		k.write(table.Update(k.key("a"), table.Attrs{table.ExpiresAttr: k.now().Unix() - 1}))
		k.equal("expired", k.read(k.key("a")), table.Attrs(nil))
	}},
	{"expiry: comes with time", func(k *kit) {
		if k.advance == nil {
			k.Skip("the store's clock cannot be moved")
		}
		k.put("a", table.Attrs{table.ExpiresAttr: k.now().Add(time.Minute).Unix()})
		k.advance(50 * time.Second) // time itself passes, too, where a real engine answers
		k.equal("before", k.read(k.key("a")) != nil, true)
		k.advance(10 * time.Second)
		k.equal("after", k.read(k.key("a")), table.Attrs(nil))
		_, err := k.store.Write(k.ctx, table.Put(k.key("a"), nil, table.Absent()))
		k.must(err)
		k.equal("again", k.read(k.key("a")), with(nil))
	}},
}

func (k *kit) putExpired() {
	k.Helper()
	k.put("a", table.Attrs{table.ExpiresAttr: k.now().Unix() - 60, "s": "old", "n": int64(41), "left": "over"})
}

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
