package tabletest

import (
	"time"

	"griot/internal/table"
)

var expiryCases = []testCase{
	{"expiry: an expired item is never returned", expiredUnseen},
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

func expiredUnseen(k *kit) {
	k.putExpired()
	_, err := k.store.Get(k.ctx, k.key("a"), table.Consistent)
	k.is("Get", err, table.ErrNotFound)
	_, err = k.store.Get(k.ctx, k.key("a"), table.Eventual)
	k.is("eventual Get", err, table.ErrNotFound)
	items, err := k.store.BatchGet(k.ctx, []table.Key{k.key("a")}, table.Consistent)
	k.must(err)
	k.equal("BatchGet", items, []table.Item{{Key: k.key("a")}})
	k.equal("Query", sortKeys(k.query(table.Query{}).Items), []string{})
}
