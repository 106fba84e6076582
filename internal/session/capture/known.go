package capture

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/transcript"
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

// blockSize is how many client_seq values share one row of hashes.
const blockSize = 64

// hashSize is how many bytes of a text's SHA-256 are kept: 16 make an
// accident as likely as a collision of UUIDs.
const hashSize = 16

// blockID names the block of 64 client_seq values of a source.
type blockID struct {
	source string
	num    int64
}

// block holds, for 64 client_seq values of a source, the hash of the text
// that each was given; empty slots are zero.
type block struct {
	hashes [blockSize * hashSize]byte
	inHead uint64 // a bit for each slot that is kept in the head, and in no row
	row    bool   // hashes has what the block's row has
}

func (b *block) slot(i int) []byte { return b.hashes[i*hashSize : (i+1)*hashSize] }

func empty(slot []byte) bool { return bytes.Equal(slot, make([]byte, hashSize)) }

// blocks are those that a batch touches and those that the head has a part of.
type blocks map[blockID]*block

// blocksOf returns the blocks that a batch touches, ascending.
func blocksOf(in AppendInput) []blockID {
	var ids []blockID
	for _, seg := range in.Segments {
		ids = append(ids, blockID{in.Source, seg.ClientSeq / blockSize})
	}
	slices.SortFunc(ids, compareBlocks)
	return slices.Compact(ids)
}

func compareBlocks(a, b blockID) int {
	return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.num, b.num))
}

// readBlocks returns what is known of a batch: what the head, which was read
// before, has of any block, and what the rows have of those that the batch
// touches.
func (s *Service) readBlocks(ctx context.Context, ref record.Ref, h session.Head, in AppendInput) (blocks, error) {
	known, err := readKnown(h.Known)
	if err != nil {
		return nil, err
	}
	return known, s.readRows(ctx, ref, known, blocksOf(in))
}

// readRows adds what the rows of blocks have.
func (s *Service) readRows(ctx context.Context, ref record.Ref, known blocks, ids []blockID) error {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = blockKey(ref, id)
	}
	items, err := s.Sessions.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return fmt.Errorf("reading what is known of the batch: %w", err)
	}
	for i, item := range items {
		b := known[ids[i]]
		if b == nil {
			b = new(block)
			known[ids[i]] = b
		}
		b.add(item.Bytes("hashes"))
	}
	return nil
}

// add adds what the block's row has.
func (b *block) add(hashes []byte) {
	b.row = true
	var row block
	copy(row.hashes[:], hashes)
	for i := range blockSize {
		if slot := row.slot(i); !empty(slot) {
			copy(b.slot(i), slot)
			b.inHead &^= 1 << i
		}
	}
}

// add enters a batch and returns the turns that are new, in its order.
func (k blocks) add(in AppendInput) ([]transcript.Turn, error) {
	var fresh []transcript.Turn
	for i, seg := range in.Segments {
		isNew, err := k.enter(in.Source, seg)
		if err != nil {
			return nil, errs.New(errs.Conflict, "segments[%d]: %s", i, err)
		}
		if isNew {
			fresh = append(fresh, seg.Turn)
		}
	}
	return fresh, nil
}

func (k blocks) enter(source string, seg Incoming) (isNew bool, err error) {
	b, i := k[blockID{source, seg.ClientSeq / blockSize}], int(seg.ClientSeq%blockSize)
	hash := sha256.Sum256([]byte(seg.Text))
	switch slot := b.slot(i); {
	case bytes.Equal(slot, hash[:hashSize]):
		return false, nil
	case !empty(slot):
		return false, fmt.Errorf("client_seq %d of source %q was already used for another text", seg.ClientSeq, source)
	}
	copy(b.slot(i), hash[:])
	b.inHead |= 1 << i
	return true, nil
}

// inHead are the blocks that the head has a part of, ascending.
func (k blocks) inHead() []blockID {
	ids := slices.SortedFunc(maps.Keys(k), compareBlocks)
	return slices.DeleteFunc(ids, func(id blockID) bool { return k[id].inHead == 0 })
}

// toRows moves what is in the head to the rows of its blocks, as far as those
// were read. The writes need no condition of their own: whoever writes a row
// writes the head too.
func (k blocks) toRows(ref record.Ref) []table.Op {
	var ops []table.Op
	for _, id := range k.inHead() {
		if b := k[id]; b.row {
			ops = append(ops, table.Put(blockKey(ref, id), table.Attrs{"hashes": bytes.TrimRight(b.hashes[:], "\x00")}))
			b.inHead = 0
		}
	}
	return ops
}
