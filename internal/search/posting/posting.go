// Package posting is the encoding of what a text says about its terms. A text
// is cut into passages; an entry says how often and where a term occurs in
// one of them.
package posting

import (
	"encoding/binary"
	"errors"
)

// ErrCorrupt is data that no encoder has made.
var ErrCorrupt = errors.New("posting: corrupt data")

// Entry is a term's occurrence in a passage.
type Entry struct {
	Passage   uint32
	Weight    uint32 // the number of occurrences, those in a title counted more than once
	Positions []byte // see AppendPosition; of fewer occurrences when some have no position
}

// AppendPosition encodes the next position of an occurrence, after the one
// before it (0 at first).
func AppendPosition(b []byte, before, position uint32) []byte {
	return binary.AppendUvarint(b, uint64(position-before))
}

// AppendEntry encodes an entry that follows one about the passage before
// (-1: none); entries of a term ascend by passage.
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
		r.fail()
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
		r.fail()
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
		r.fail()
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

func (r *Reader) fail() { r.b, r.bad = nil, true }
