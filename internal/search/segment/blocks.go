package segment

import (
	"fmt"

	"griot/internal/search/posting"
)

// FirstOf returns the first term of a block of the dictionary.
func (m *Meta) FirstOf(block int) string { return m.index[block].term }

// BlocksAt returns where the blocks from first up to, without, end are.
func (m *Meta) BlocksAt(first, end int) Range {
	from, last := m.BlockAt(first), m.BlockAt(end-1)
	return Range{from.Offset, last.Offset + last.Length - from.Offset}
}

// ParseBlocks reads the entries of neighbouring blocks.
func (m *Meta) ParseBlocks(first, end int, data []byte) ([]Entry, error) {
	from := m.BlockAt(first).Offset
	var entries []Entry
	for block := first; block < end; block++ {
		where := m.BlockAt(block)
		at := where.Offset - from
		if at < 0 || where.Length < 0 || at+where.Length > int64(len(data)) {
			return nil, fmt.Errorf("%w: blocks of a dictionary", posting.ErrCorrupt)
		}
		more, err := m.ParseBlock(block, data[at:at+where.Length])
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	return entries, nil
}
