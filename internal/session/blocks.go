package session

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/transcript"
)

// blockSize is how many client_seq values share one row of hashes.
const blockSize = 64

// hashSize is how many bytes of a text's SHA-256 are kept: 16 make an
// accident as likely as a collision of UUIDs.
const hashSize = 16

// block holds, for 64 client_seq values of a source, the hash of the text
// that each was given; empty slots are zero.
type block struct {
	hashes  [blockSize * hashSize]byte
	changed bool
}

// blocks are those that a batch touches, by block number.
type blocks struct {
	source string
	byNum  map[int64]*block
}

// blocksOf returns the numbers of the blocks that a batch touches, ascending.
func blocksOf(in AppendInput) []int64 {
	var nums []int64
	for _, seg := range in.Segments {
		nums = append(nums, seg.ClientSeq/blockSize)
	}
	slices.Sort(nums)
	return slices.Compact(nums)
}

func (s *Service) readBlocks(ctx context.Context, ref record.Ref, in AppendInput) (blocks, error) {
	nums := blocksOf(in)
	keys := make([]table.Key, len(nums))
	for i, n := range nums {
		keys[i] = blockKey(ref, in.Source, n)
	}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return blocks{}, fmt.Errorf("reading what is known of the batch: %w", err)
	}
	known := blocks{source: in.Source, byNum: make(map[int64]*block, len(nums))}
	for i, item := range items {
		b := new(block)
		copy(b.hashes[:], item.Bytes("hashes"))
		known.byNum[nums[i]] = b
	}
	return known, nil
}

// add enters a batch and returns the turns that are new, in its order.
func (k blocks) add(in AppendInput) ([]transcript.Turn, error) {
	var fresh []transcript.Turn
	for i, seg := range in.Segments {
		isNew, err := k.enter(seg)
		if err != nil {
			return nil, errs.New(errs.Conflict, "segments[%d]: %s", i, err)
		}
		if isNew {
			fresh = append(fresh, seg.Turn)
		}
	}
	return fresh, nil
}

func (k blocks) enter(seg Incoming) (isNew bool, err error) {
	b := k.byNum[seg.ClientSeq/blockSize]
	at := seg.ClientSeq % blockSize * hashSize
	slot := b.hashes[at : at+hashSize]
	hash := sha256.Sum256([]byte(seg.Text))
	switch {
	case bytes.Equal(slot, hash[:hashSize]):
		return false, nil
	case !bytes.Equal(slot, make([]byte, hashSize)):
		return false, fmt.Errorf("client_seq %d of source %q was already used for another text", seg.ClientSeq, k.source)
	}
	copy(slot, hash[:])
	b.changed = true
	return true, nil
}

// ops writes the blocks that a batch changed. They need no condition of their
// own: whoever writes one writes the head too.
func (k blocks) ops(ref record.Ref) []table.Op {
	var ops []table.Op
	for num, b := range k.byNum {
		if b.changed {
			ops = append(ops, table.Put(blockKey(ref, k.source, num),
				table.Attrs{"hashes": bytes.TrimRight(b.hashes[:], "\x00")}))
		}
	}
	return ops
}
