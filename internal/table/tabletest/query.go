package tabletest

import (
	"math/rand/v2"
	"slices"

	"griot/internal/table"
)

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
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		k.putAll(shuffled...)
		k.equal("ascending", sortKeys(k.all(table.Query{})), awkwardKeys)
		backwards := slices.Clone(awkwardKeys)
		slices.Reverse(backwards)
		k.equal("descending", sortKeys(k.all(table.Query{Reverse: true})), backwards)
	}},
	{"order: partitions whose keys begin with one another are apart", partitionsApart},
}

func partitionsApart(k *kit) {
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
