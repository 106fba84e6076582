package posting

import "encoding/binary"

// The entries of segments have a shape in their first number, beside the
// passages that were passed over since the entry before:
//
//	4·gap    occurs once, and its position takes one byte, which follows
//	4·gap+1  occurs once, without a position
//	4·gap+2  the weight, the bytes of positions, and these follow
//
// By far the most are of the first two shapes: two bytes, and one.
const (
	placed = iota // nothing to be added
	bare
	full
	shapeBits = 2
)

// AppendCompact encodes an entry of a term that follows one of the passage
// before (-1: none), as segments have it.
func AppendCompact(b []byte, before int64, e Entry) []byte {
	gap := uint64(int64(e.Passage)-before-1) << shapeBits
	switch {
	case e.Weight == 1 && len(e.Positions) == 1:
		return append(binary.AppendUvarint(b, gap), e.Positions[0])
	case e.Weight == 1 && len(e.Positions) == 0:
		return binary.AppendUvarint(b, gap|bare)
	}
	b = binary.AppendUvarint(b, gap|full)
	b = binary.AppendUvarint(b, uint64(e.Weight))
	b = binary.AppendUvarint(b, uint64(len(e.Positions)))
	return append(b, e.Positions...)
}

// Compact reads what AppendCompact wrote after the same passage; passages are
// less than passages.
func (r *Reader) Compact(before int64, passages uint32) Entry {
	first := r.Uvarint(uint64(passages)<<shapeBits | 1<<shapeBits - 1)
	e := Entry{Passage: uint32(before + 1 + int64(first>>shapeBits)), Weight: 1}
	if e.Passage >= passages {
		r.Fail()
		return Entry{}
	}
	switch first & (1<<shapeBits - 1) {
	case placed:
		e.Positions = r.Bytes(1)
	case bare:
	case full:
		e.Weight = uint32(r.Uvarint(1 << 30))
		e.Positions = r.Bytes(r.Count())
	default:
		r.Fail()
	}
	return e
}

// SkipCompact reads over what AppendCompact wrote, and returns how many passages
// it passes over.
func (r *Reader) SkipCompact() (gap uint64) {
	if b := r.b; len(b) >= 2 && b[0] < 0x80 && b[0]&(1<<shapeBits-1) == placed { // by far the most
		r.b = b[2:]
		return uint64(b[0] >> shapeBits)
	}
	first := r.Uvarint(1 << 34)
	switch first & (1<<shapeBits - 1) {
	case placed:
		r.Bytes(1)
	case bare:
	case full:
		r.Uvarint(1 << 30)
		r.Bytes(r.Count())
	default:
		r.Fail()
	}
	return first >> shapeBits
}
