package capture

import (
	"errors"
	"maps"
	"slices"
	"testing"
)

func TestKnownIsReadBack(t *testing.T) {
	known := blocks{}
	for i, id := range []blockID{{"", 0}, {"mic", 1 << 46}, {"mic", 2}, {"é#", 3}} {
		b := new(block)
		for slot := i; slot < blockSize; slot += 1 + 13*i {
			b.inHead |= 1 << slot
			copy(b.slot(slot), "a hash of a text")
			b.slot(slot)[0] = byte(slot + 1)
		}
		known[id] = b
	}
	encoded := known.encode()
	got, err := readKnown(encoded)
	if err != nil || !maps.EqualFunc(got, known, func(a, b *block) bool { return *a == *b }) {
		t.Errorf("%v, %v", slices.Collect(maps.Keys(got)), err)
	}
	whole := 0
	for n := range len(encoded) {
		if _, err := readKnown(encoded[:n]); err == nil {
			whole++ // the end of a block
		} else if !errors.Is(err, errKnown) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	if whole != len(known) {
		t.Errorf("%d cuts were taken for the end", whole)
	}
	for _, bad := range []string{"\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x00\xff", "\x05abc"} {
		if _, err := readKnown(bad); !errors.Is(err, errKnown) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
