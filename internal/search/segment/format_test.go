package segment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"griot/internal/search/posting"
)

// region is some bytes of a segment, in hexadecimal digits or, between
// quotes, as text, and what they say.
type region struct{ bytes, meaning string }

// small is a segment of two conversations, byte by byte.
var small = []region{
	{`"griotsg3"`, "the format's name"},

	{"01 05 03 01 02", "apple, conversations: 0 follows -1, more than one occurrence; 2 passages, not once in each; 3 occurrences, the shortest passage has 1 word, 2 of them in one"},
	{"02 02 02 00 00", "apple, passages: passage 0 follows -1, in full: 2 occurrences, two bytes of positions: 0, and 0 behind it"},
	{"00 01", "passage 1 follows 0, one occurrence, at 1"},
	{"00", "pear, conversations: 0 follows -1, one occurrence"},
	{"04 00", "pear, passages: passage 1 follows -1, one occurrence, at 0"},
	{"03 04 03", "plum, conversations: 1 follows -1 and skips one, more than one occurrence; 2 passages, once in each, the shortest has 3 words"},
	{"00 02", "plum, passages: passage 0, one occurrence, at 2"},
	{"01", "passage 1, one occurrence, without a position"},
	{"03 03 02", "quince, conversations: as plum, more than one occurrence; 1 passage, not once in each; 2 occurrences"},
	{"02 02 02 00 01", "quince, passages: passage 0, in full: 2 occurrences, two bytes of positions: 0, and 1 behind it"},

	{`00 05 "apple" 01 02 05 07`, "dictionary: shares nothing with the term before, 5 bytes of its own; 1 conversation, 2 passages, 5 and 7 bytes of postings"},
	{`00 04 "pear" 01 01 01 02`, "pear: 1 conversation, 1 passage, 1 and 2 bytes"},
	{`01 03 "lum" 01 02 03 03`, "plum: shares its first byte with pear"},
	{`00 06 "quince" 01 01 03 05`, "quince"},

	{"00 01 6f1d2c3b00014a5b8c6d7e8f90a1b2c3", "ids of conv_1's memories: its own unit has none, then a UUID"},
	{`06 "mem-2" 06 "mem-3"`, "ids of conv_2's memories, of 5 bytes each"},

	{`00 06 "conv_1" 12 02`, "conversation 0: its id, 18 bytes of ids of memories, 2 units"},
	{"cbf29ce484222325 01 01", "its own unit: the hash of no id, 1 passage of 1 word"},
	{"c498057471f2f2b9 01 02", "the other: hash, 1 passage of 2 words"},
	{`05 01 "2" 0c 02`, "conversation 1: shares 5 bytes of its id, 12 bytes of ids of memories, 2 units"},
	{"efcf1ac7da989001 02 03 04", "mem-2: hash, 2 passages of 3 and 4 words"},
	{"efcf19c7da988e4e 00", "mem-3: a tombstone, which has no passages"},
	{`01 00 05 "apple" 00 08`, "index of the dictionary: one block, whose first term is apple, at byte 0 of the dictionary, its postings at byte 8 of the segment"},

	{"0000000000000025", "where the dictionary begins"},
	{"000000000000004f", "where the ids of memories begin"},
	{"000000000000006d", "where the part begins that readers keep"},
	{"00000000000000a4", "where the index of the dictionary begins"},
	{"0000000000000002", "the number of conversations"},
	{"ba967f9c", "CRC-32 (IEEE) of what readers keep, before these six numbers"},
	{`"griotsg3"`, "the format's name again"},
}

// raw decodes the bytes of a region.
func (r region) raw(t *testing.T) (b []byte) {
	t.Helper()
	for i, part := range strings.Split(r.bytes, `"`) {
		if i%2 == 1 {
			b = append(b, part...)
			continue
		}
		digits, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, digits...)
	}
	return b
}

func at(passage, weight uint32, positions ...uint32) posting.Entry {
	e := posting.Entry{Passage: passage, Weight: weight}
	before := uint32(0)
	for _, p := range positions {
		e.Positions = posting.AppendPosition(e.Positions, before, p)
		before = p
	}
	return e
}

func TestFormatByteByByte(t *testing.T) {
	data, meta := Build([]Source{
		{"conv_2", "mem-3", &posting.Unit{}},
		{"conv_2", "mem-2", &posting.Unit{Lengths: []uint32{3, 4}, Terms: []posting.Term{
			{Text: "plum", Entries: []posting.Entry{at(0, 1, 2), at(1, 1)}}, {Text: "quince", Entries: []posting.Entry{at(0, 2, 0, 1)}},
		}}},
		{"conv_1", "6f1d2c3b-0001-4a5b-8c6d-7e8f90a1b2c3", &posting.Unit{Lengths: []uint32{2}, Terms: []posting.Term{
			{Text: "apple", Entries: []posting.Entry{at(0, 1, 1)}}, {Text: "pear", Entries: []posting.Entry{at(0, 1, 0)}},
		}}},
		{"conv_1", "", &posting.Unit{Lengths: []uint32{1}, Terms: []posting.Term{{Text: "apple", Entries: []posting.Entry{at(0, 2, 0, 0)}}}}},
	})
	rest := data
	for _, r := range small {
		want := r.raw(t)
		got := rest[:min(len(want), len(rest))]
		if !bytes.Equal(got, want) {
			t.Errorf("byte %d: %x, want %x: %s", len(data)-len(rest), got, want, r.meaning)
		}
		rest = rest[len(got):]
	}
	if len(rest) > 0 || meta != 0x6d {
		t.Errorf("%d bytes follow; readers keep what begins at %#x", len(rest), meta)
	}
}

// A segment of several blocks, and what merges make of it, stay the same
// bytes: what is stored is read by later versions and by earlier ones.
func TestBytesOfLargeSegments(t *testing.T) {
	sources := func(from, to int) (out []Source) {
		for c := from; c < to; c++ {
			for m := range 1 + c%4 {
				u := &posting.Unit{Lengths: []uint32{uint32(20 + c%90), uint32(1 + m)}}
				for n := range 30 {
					term := fmt.Sprintf("term%04d", n*(c%23+1))
					entry := at(0, uint32(1+(c+n)%3), uint32(n), uint32(n+c))
					if n%5 == 0 {
						entry.Positions = nil
					}
					u.Terms = append(u.Terms, posting.Term{Text: term, Entries: []posting.Entry{entry, at(1, 1, uint32(m))}[:1+n%2]})
				}
				if (c+m)%17 == 0 {
					u = &posting.Unit{}
				}
				out = append(out, Source{fmt.Sprintf("conv_%05d", c), fmt.Sprintf("mem-%d", m), u})
			}
		}
		return out
	}
	older, newer := open(t, sources(0, 300)), open(t, sources(200, 500))
	keep := func(conversation, memory string) bool { return conversation != "conv_00007" && memory != "mem-3" }
	merged := func(tombstones bool) []byte {
		data, _, err := Merge([]Input{older, newer}, keep, tombstones)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"built", "178439 287fac800228aa642576b9bc84d40531bc1fa88420cd41a452b6ffdd4ce0dd40", older.Data},
		{"merged, without tombstones", "275234 cd8a4996aa695a5465fbb1410dee2c508fac8e3922d8cafae3c274f5a03dcd26", merged(false)},
		{"merged, with tombstones", "276264 d21d529333035fb021645959b71a74755d7fccff81da9912e47a27c008c91634", merged(true)},
	} {
		if got := fmt.Sprintf("%d %x", len(c.data), sha256.Sum256(c.data)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
