package capture

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/transcript"
)

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

// blocks are those that a batch touches and those that the head has a part of
// (see known.go).
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
