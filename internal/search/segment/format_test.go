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
	{`"griotsg2"`, "the format's name"},

	{"01 01 03 02 02", "apple, conversations: 0 follows -1, more than one occurrence; its shortest passage has 1 word; 3 occurrences in 2 passages, 2 of them in one"},
	{"00 02 02 00 00", "apple, passages: passage 0 follows -1, 2 occurrences, two bytes of positions: 0, and 0 behind it"},
	{"00 00 01", "passage 1 follows 0, one occurrence, at 1"},
	{"00 02", "pear, conversations: 0 follows -1, one occurrence, in a passage of 2 words"},
	{"01 00 00", "pear, passages: passage 1 follows -1, one occurrence, at 0"},
	{"02 03", "plum, conversations: 1 follows -1 and skips one, one occurrence, in a passage of 3 words"},
	{"00 00 02", "plum, passages: passage 0, one occurrence, at 2"},

	{`00 05 "apple" 01 02 05 08`, "dictionary: shares nothing with the term before, 5 bytes of its own; 1 conversation, 2 passages, 5 and 8 bytes of postings"},
	{`00 04 "pear" 01 01 02 03`, "pear: 1 conversation, 1 passage, 2 and 3 bytes"},
	{`01 03 "lum" 01 01 02 03`, "plum: shares its first byte with pear"},

	{`00 05 "mem-1"`, "ids of conv_1's memories: its own unit has none, then 5 bytes"},
	{`05 "mem-2" 05 "mem-3"`, "ids of conv_2's memories"},

	{`00 06 "conv_1" 07 02`, "conversation 0: its id, 7 bytes of ids of memories, 2 units"},
	{"cbf29ce484222325 01 01", "its own unit: the hash of no id, 1 passage of 1 word"},
	{"efcf17c7da988ae8 01 02", "mem-1: hash, 1 passage of 2 words"},
	{`05 01 "2" 0c 02`, "conversation 1: shares 5 bytes of its id, 12 bytes of ids of memories, 2 units"},
	{"efcf1ac7da989001 01 03", "mem-2: hash, 1 passage of 3 words"},
	{"efcf19c7da988e4e 00", "mem-3: a tombstone, which has no passages"},
	{`01 00 05 "apple" 00 08`, "index of the dictionary: one block, whose first term is apple, at byte 0 of the dictionary, its postings at byte 8 of the segment"},

	{"000000000000001f", "where the dictionary begins"},
	{"000000000000003d", "where the ids of memories begin"},
	{"0000000000000050", "where the part begins that readers keep"},
	{"0000000000000086", "where the index of the dictionary begins"},
	{"0000000000000002", "the number of conversations"},
	{"b37765fd", "CRC-32 (IEEE) of what readers keep, before these six numbers"},
	{`"griotsg2"`, "the format's name again"},
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
		{"conv_2", "mem-2", &posting.Unit{Lengths: []uint32{3}, Terms: []posting.Term{{Text: "plum", Entries: []posting.Entry{at(0, 1, 2)}}}}},
		{"conv_1", "mem-1", &posting.Unit{Lengths: []uint32{2}, Terms: []posting.Term{
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
	if len(rest) > 0 || meta != 0x50 {
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
		{"built", "198995 c2510de746d85ff7c2c419b94a5b483c31138c712068066a0adcc172fa03c58b", older.Data},
		{"merged, without tombstones", "307098 750df3937881b6b906652681bbef9ec697358a89dc607cc9de8d61574731b8b8", merged(false)},
		{"merged, with tombstones", "308128 4dbca5a05c6b9907b33cfca4c087a6ae3200b24040258a4979bbeb1973a9439c", merged(true)},
	} {
		if got := fmt.Sprintf("%d %x", len(c.data), sha256.Sum256(c.data)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
