package tabletest

import (
	"slices"

	"griot/internal/table"
)

var pageCases = []testCase{
	{"page: ends at 1 MB", func(k *kit) { k.largePages(table.Query{}) }},
	{"page: ends at 1 MB, backwards", func(k *kit) { k.largePages(table.Query{Reverse: true}) }},
	{"page: ends at 1 MB, whatever the Limit", func(k *kit) { k.largePages(table.Query{Limit: 100}) }},
	{"page: Limit ends it before 1 MB", func(k *kit) {
		k.putLarge()
		k.equal("keys", sortKeys(k.query(table.Query{Limit: 3}).Items), []string{"0000", "0001", "0002"})
	}},
	{"page: expired items count towards Limit", expiredPages},
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

func expiredPages(k *kit) {
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
}
