package bolt

import (
	"bytes"
	"strings"
	"testing"

	"griot/internal/table"
)

func FuzzKeyOrder(f *testing.F) {
	f.Add("p", "a", "p", "b")
	f.Add("p", "pa", "pp", "a")
	f.Add("p\x00", "a", "p", "\x00a")
	f.Add("a", "\uffff", "a", "\U00010000")
	f.Fuzz(func(t *testing.T, pk1, sk1, pk2, sk2 string) {
		if len(pk1) > table.MaxPK || len(pk2) > table.MaxPK {
			t.Skip()
		}
		a := encodeKey(table.Key{PK: pk1, SK: sk1})
		b := encodeKey(table.Key{PK: pk2, SK: sk2})
		if pk1 == pk2 && bytes.Compare(a, b) != strings.Compare(sk1, sk2) {
			t.Errorf("%q and %q are out of order", sk1, sk2)
		}
		if inside := bytes.HasPrefix(a, encodeKey(table.Key{PK: pk2})); inside != (pk1 == pk2) {
			t.Errorf("an item of partition %q lies in partition %q: %t", pk1, pk2, inside)
		}
	})
}

func FuzzParseRow(f *testing.F) {
	whole, err := encodeRow(table.Item{Attrs: table.Attrs{"s": "x", "n": int64(-1), "b": []byte{1}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		row, err := parseRow(value)
		if err != nil || !row.stored() {
			return
		}
		if attrs, err := row.attrs(); err == nil && attrs == nil {
			t.Error("a row without error and without attributes")
		}
	})
}

func TestDamagedRows(t *testing.T) {
	whole, err := encodeRow(table.Item{Attrs: table.Attrs{"s": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	later := bytes.Clone(whole)
	later[0]++
	for name, value := range map[string][]byte{"empty": {}, "cut": whole[:rowFront], "later format": later} {
		if _, err := parseRow(value); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
