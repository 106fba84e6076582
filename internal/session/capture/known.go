package capture

import (
	"context"
	"encoding/binary"
	"errors"

	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
)

// A live session's head keeps the hashes of the segments that came last, so that
// an append writes no row for them. When there is no room in it they go to the
// blocks' rows, in the transaction of the append that found no room, and it begins
// anew. So a block may be partly in the head and partly in its row; who
// has read the head first, and the row after it, has seen all of it if nobody has
// written the head since.

// headRoom is the size up to which a head takes in hashes, in bytes. The changes
// that follow the last append add some 350 (the end, the objects of a result, the
// conversation), and a head is to stay below the kilobyte from which on writing it
// costs twice as much.
const headRoom = 640

// restRoom is how many bytes of blocks that a batch does not touch stay in the head
// when it has no room: with more of them the next batches would soon find none
// again. They go with the batch's own, if that is no more rows than a batch may
// write.
const restRoom = 160

// keep has next, a head to be written, keep the hashes that no row has, and
// returns the writes of rows for those that it has no room for.
func (s *Service) keep(ctx context.Context, ref record.Ref, next *session.Head, known blocks) ([]table.Op, error) {
	next.Known = known.encode()
	if next.Source == session.SourceLive && (table.Item{Key: session.HeadKey(ref), Attrs: next.Attrs()}).Size() <= headRoom {
		return nil, nil
	}
	ops := known.toRows(ref)
	next.Known = known.encode()
	rest := known.inHead()
	if len(next.Known) <= restRoom || len(ops)+len(rest) > maxBlocks {
		return ops, nil
	}
	if err := s.readRows(ctx, ref, known, rest); err != nil {
		return nil, err
	}
	ops = append(ops, known.toRows(ref)...)
	next.Known = ""
	return ops, nil
}

// encode returns what the head keeps of blocks: of each the length of its
// source's name, the name, its number, the bits of the slots and their hashes.
func (k blocks) encode() string {
	var out []byte
	for _, id := range k.inHead() {
		b := k[id]
		out = binary.AppendUvarint(out, uint64(len(id.source)))
		out = append(out, id.source...)
		out = binary.AppendUvarint(out, uint64(id.num))
		out = binary.BigEndian.AppendUint64(out, b.inHead)
		for i := range blockSize {
			if b.inHead&(1<<i) != 0 {
				out = append(out, b.slot(i)...)
			}
		}
	}
	return string(out)
}

var errKnown = errors.New("reading what the session knows of client_seq: the head does not hold what it should")

// readKnown reads what encode returned.
func readKnown(encoded string) (blocks, error) {
	known := blocks{}
	for rest := []byte(encoded); len(rest) > 0; {
		var id blockID
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return nil, errKnown
		}
		id.source, rest = string(rest[n:n+int(length)]), rest[n+int(length):]
		num, n := binary.Uvarint(rest)
		if n <= 0 || len(rest) < n+8 {
			return nil, errKnown
		}
		b := &block{inHead: binary.BigEndian.Uint64(rest[n:])}
		id.num, rest = int64(num), rest[n+8:]
		for i := range blockSize {
			if b.inHead&(1<<i) == 0 {
				continue
			}
			if len(rest) < hashSize {
				return nil, errKnown
			}
			copy(b.slot(i), rest[:hashSize])
			rest = rest[hashSize:]
		}
		known[id] = b
	}
	return known, nil
}
