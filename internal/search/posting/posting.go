// Package posting is the encoding of postings: how often and where a term
// occurs in each passage of a text. Rows of the tail hold whole units, term by
// term; segments have the same entries in lists of their own (package segment
// says how an entry and a front-coded text are encoded).
//
// A unit's bytes, all numbers varints:
//
//	1, the format
//	passages; by passage: its length in words
//	terms; by term, in order: front-coded term, entries, and these
package posting

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// ErrCorrupt is data that no encoder has made.
var ErrCorrupt = errors.New("posting: corrupt data")

// Entry is a term in a passage.
type Entry struct {
	Passage   uint32
	Weight    uint32 // how often it occurs; in a title, each occurrence counts more than once
	Positions []byte // see AppendPosition; not all occurrences have one
}

// AppendPosition encodes the next position of an occurrence, after the one
// before it (0 at first).
func AppendPosition(b []byte, before, position uint32) []byte {
	return binary.AppendUvarint(b, uint64(position-before))
}

// AppendEntry encodes an entry of a term that follows one of the passage before
// (-1: none).
func AppendEntry(b []byte, before int64, e Entry) []byte {
	b = binary.AppendUvarint(b, uint64(int64(e.Passage)-before-1))
	if e.Weight == 1 && len(e.Positions) == 1 { // by far the most
		return append(b, 0, e.Positions[0])
	}
	b = binary.AppendUvarint(b, uint64(e.Weight))
	b = binary.AppendUvarint(b, uint64(len(e.Positions)))
	return append(b, e.Positions...)
}

// Reader decodes from bytes that may be anything. After a failure all that it
// returns is zero; see Err.
type Reader struct {
	b   []byte
	bad bool
}

// NewReader returns a Reader of b, to which what it returns refers.
func NewReader(b []byte) Reader { return Reader{b: b} }

// Err returns ErrCorrupt if anything could not be read.
func (r *Reader) Err() error {
	if r.bad {
		return ErrCorrupt
	}
	return nil
}

// Len returns the number of bytes left.
func (r *Reader) Len() int { return len(r.b) }

// Uvarint reads a number of at most most.
func (r *Reader) Uvarint(most uint64) uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 && uint64(r.b[0]) <= most {
		v := uint64(r.b[0])
		r.b = r.b[1:]
		return v
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > most {
		r.Fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// Count reads a number of things that take at least a byte each.
func (r *Reader) Count() int { return int(r.Uvarint(uint64(len(r.b)))) }

// Bytes reads n bytes.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.Fail()
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// Entry reads what AppendEntry wrote after the same passage; passages are
// less than passages.
func (r *Reader) Entry(before int64, passages uint32) Entry {
	e := Entry{Passage: uint32(before + 1 + int64(r.Uvarint(uint64(passages))))}
	if e.Passage >= passages {
		r.Fail()
		return Entry{}
	}
	if e.Weight = uint32(r.Uvarint(1 << 30)); e.Weight == 0 {
		e.Weight = 1
		e.Positions = r.Bytes(1)
		return e
	}
	e.Positions = r.Bytes(r.Count())
	return e
}

// SkipEntry reads over what AppendEntry wrote.
func (r *Reader) SkipEntry() {
	if b := r.b; len(b) >= 3 && b[0] < 0x80 && b[1] == 0 { // by far the most
		r.b = b[3:]
		return
	}
	r.Uvarint(1 << 32)
	if r.Uvarint(1<<30) == 0 {
		r.Bytes(1)
		return
	}
	r.Bytes(r.Count())
}

// Fail has the Reader fail, when what it returned cannot be.
func (r *Reader) Fail() { r.b, r.bad = nil, true }

// Unit is what is indexed of a memory, or of a conversation's own title and
// summary: the lengths of its passages, in words that are not stop words, and
// its terms in order. Without passages it is a tombstone.
type Unit struct {
	Lengths []uint32
	Terms   []Term

	has filter // of the terms, when it was decoded
}

// filter is a Bloom filter of terms, with two bits for each: it says quickly
// of most terms that they are not there.
type filter struct {
	bits [8]uint64 // a unit has about 40 terms
	set  bool
}

func filterBits(term string) (a, b uint32) {
	h := maphash.String(seed, term)
	return uint32(h) % 512, uint32(h>>32) % 512
}

var seed = maphash.MakeSeed()

func (f *filter) add(term string) {
	a, b := filterBits(term)
	f.bits[a/64] |= 1 << (a % 64)
	f.bits[b/64] |= 1 << (b % 64)
	f.set = true
}

// lacks is false if the term may be there.
func (f *filter) lacks(q Query) bool {
	return f.set && (f.bits[q.a/64]&(1<<(q.a%64)) == 0 || f.bits[q.b/64]&(1<<(q.b%64)) == 0)
}

// Query is a term to find in many units.
type Query struct {
	term string
	a, b uint32
}

// NewQuery prepares a term.
func NewQuery(term string) Query {
	a, b := filterBits(term)
	return Query{term, a, b}
}

// Term is a term of a Unit, with its entries by passage.
type Term struct {
	Text    string
	Entries []Entry
}

// Find returns the entries of a term.
func (u *Unit) Find(q Query) []Entry {
	if u.has.lacks(q) {
		return nil
	}
	i, found := slices.BinarySearchFunc(u.Terms, q.term, func(t Term, s string) int { return strings.Compare(t.Text, s) })
	if !found {
		return nil
	}
	return u.Terms[i].Entries
}

// rowFormat begins every encoded unit.
const rowFormat = 1

// Limits of a decoded unit, against hostile bytes.
const (
	maxPassages = 1 << 16
	maxLength   = 1 << 20
	maxTerm     = 1 << 10
)

// Encode returns the unit's bytes.
func (u *Unit) Encode() []byte {
	b := binary.AppendUvarint([]byte{rowFormat}, uint64(len(u.Lengths)))
	for _, n := range u.Lengths {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = binary.AppendUvarint(b, uint64(len(u.Terms)))
	before := ""
	for _, t := range u.Terms {
		b = AppendShared(b, before, t.Text)
		before = t.Text
		b = AppendEntries(binary.AppendUvarint(b, uint64(len(t.Entries))), t.Entries)
	}
	return b
}

// AppendEntries encodes the entries of a term.
func AppendEntries(b []byte, entries []Entry) []byte {
	before := int64(-1)
	for _, e := range entries {
		b = AppendEntry(b, before, e)
		before = int64(e.Passage)
	}
	return b
}

// Decode reads what Encode wrote; the unit refers to b.
func Decode(b []byte) (*Unit, error) {
	r := NewReader(b)
	if format := r.Uvarint(rowFormat); format != rowFormat {
		return nil, fmt.Errorf("%w: unit of unknown format", ErrCorrupt)
	}
	passages := min(r.Count(), maxPassages)
	u := &Unit{Lengths: make([]uint32, passages)}
	for i := range u.Lengths {
		u.Lengths[i] = uint32(r.Uvarint(maxLength))
	}
	u.Terms = make([]Term, 0, min(r.Len()/4, 1<<16))
	before := ""
	for range r.Count() {
		t := Term{Text: r.Shared(before)}
		t.Entries = r.entries(uint32(passages))
		if r.bad || t.Text <= before || len(t.Entries) == 0 {
			return nil, fmt.Errorf("%w: terms of a unit", ErrCorrupt)
		}
		u.Terms, before = append(u.Terms, t), t.Text
		u.has.add(t.Text)
	}
	return u, r.Err()
}

func (r *Reader) entries(passages uint32) []Entry {
	entries := make([]Entry, r.Count())
	before := int64(-1)
	for i := range entries {
		entries[i] = r.Entry(before, passages)
		before = int64(entries[i].Passage)
	}
	return entries
}

// AppendShared front-codes a text: by how much of the text before it shares,
// and the rest.
func AppendShared(b []byte, before, text string) []byte {
	shared := 0
	for shared < min(len(before), len(text)) && before[shared] == text[shared] {
		shared++
	}
	b = binary.AppendUvarint(b, uint64(shared))
	b = binary.AppendUvarint(b, uint64(len(text)-shared))
	return append(b, text[shared:]...)
}

// Shared reads what AppendShared wrote after the same text.
func (r *Reader) Shared(before string) string {
	shared := r.Uvarint(uint64(len(before)))
	rest := r.Bytes(int(r.Uvarint(maxTerm)))
	return before[:shared] + string(rest)
}
