package tabletest

import (
	"math"
	"strings"

	"griot/internal/table"
)

var valueCases = []testCase{
	{"values: keep their type and every bit", valuesRoundTrip},
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
	{"values: the caller may change what it passed and got", callerOwns},
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

func valuesRoundTrip(k *kit) {
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
}

func callerOwns(k *kit) {
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
}
