package segment

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
	"sort"

	"griot/internal/search/posting"
)

// Meta is what a reader keeps of a segment in memory: conversations, units,
// lengths and the dictionary's index. Conversations, units and passages are
// numbered from 0 through the whole segment.
type Meta struct {
	ids       []string
	unit      []uint32 // the first unit of each conversation, and one more
	passage   []uint32 // the first passage of each unit, and one more
	hash      []uint64 // of each unit's memory id
	lengths   []uint32 // of passages
	memories  []uint64 // where the ids of a conversation's memories begin, and one more
	index     []indexEntry
	dictEnd   uint64
	postEnd   uint64
	dictStart uint64
	old       bool // of the format before; see compat.go
}

// ParseMeta reads the end of a segment, of size bytes in all, from where its
// Meta begins.
func ParseMeta(data []byte, size int64) (*Meta, error) {
	if len(data) < footer || int64(len(data)) > size {
		return nil, fmt.Errorf("%w: a segment's end", posting.ErrCorrupt)
	}
	format := string(data[len(data)-len(magic):])
	if format != magic && format != magic2 {
		return nil, fmt.Errorf("%w: a segment of unknown format", posting.ErrCorrupt)
	}
	body, foot := data[:len(data)-footer], data[len(data)-footer:]
	at := func(i int) uint64 { return binary.BigEndian.Uint64(foot[8*i:]) }
	dict, ids, meta, index, count := at(0), at(1), at(2), at(3), at(4)
	start := uint64(size) - uint64(len(data))
	ordered := uint64(len(magic)) <= dict && dict <= ids && ids <= meta && meta == start && meta <= index && index <= start+uint64(len(body))
	if !ordered || crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(foot[40:]) || count > uint64(len(body)) {
		return nil, fmt.Errorf("%w: a segment's footer", posting.ErrCorrupt)
	}
	m := &Meta{dictStart: dict, dictEnd: ids, postEnd: dict, old: format == magic2}
	r := posting.NewReader(body[:index-start])
	m.readTables(&r, int(count), ids, meta)
	x := posting.NewReader(body[index-start:])
	m.readIndex(&x)
	if r.Err() != nil || x.Err() != nil || r.Len()+x.Len() > 0 {
		return nil, fmt.Errorf("%w: a segment's tables", posting.ErrCorrupt)
	}
	return m, nil
}

func (m *Meta) readTables(r *posting.Reader, count int, idsAt, idsEnd uint64) {
	m.ids = make([]string, 0, count)
	m.unit = make([]uint32, 0, count+1)
	m.memories = make([]uint64, 0, count+1)
	before := ""
	for range count {
		id := r.Shared(before)
		m.ids, before = append(m.ids, id), id
		m.unit = append(m.unit, uint32(len(m.hash)))
		m.memories = append(m.memories, idsAt)
		idsAt += r.Uvarint(idsEnd - idsAt)
		for range r.Count() {
			m.passage = append(m.passage, uint32(len(m.lengths)))
			var hash uint64
			if b := r.Bytes(8); b != nil {
				hash = binary.BigEndian.Uint64(b)
			}
			m.hash = append(m.hash, hash)
			for range r.Count() {
				m.lengths = append(m.lengths, uint32(r.Uvarint(1<<20)))
			}
		}
		if r.Err() != nil {
			return
		}
	}
	m.unit = append(m.unit, uint32(len(m.hash)))
	m.passage = append(m.passage, uint32(len(m.lengths)))
	m.memories = append(m.memories, idsAt)
}

func (m *Meta) readIndex(r *posting.Reader) {
	count := r.Count()
	m.index = make([]indexEntry, count)
	before := indexEntry{}
	for i := range m.index {
		e := indexEntry{term: r.Shared(before.term)}
		e.dict = before.dict + r.Uvarint(m.dictEnd-m.dictStart-before.dict)
		e.post = before.post + r.Uvarint(m.postEnd-before.post)
		m.index[i], before = e, e
	}
}

// Conversations returns their number.
func (m *Meta) Conversations() int { return len(m.ids) }

// Passages returns the number of passages of all units.
func (m *Meta) Passages() int { return len(m.lengths) }

// Units returns the number of units.
func (m *Meta) Units() int { return len(m.hash) }

// ID returns the id of a conversation.
func (m *Meta) ID(conv uint32) string { return m.ids[conv] }

// Find returns a conversation by its id.
func (m *Meta) Find(id string) (conv uint32, found bool) {
	i := sort.SearchStrings(m.ids, id)
	return uint32(i), i < len(m.ids) && m.ids[i] == id
}

// UnitsOf returns a conversation's units: from the first up to, without, the
// end.
func (m *Meta) UnitsOf(conv uint32) (first, end uint32) { return m.unit[conv], m.unit[conv+1] }

// PassagesOf returns a unit's passages.
func (m *Meta) PassagesOf(unit uint32) (first, end uint32) {
	return m.passage[unit], m.passage[unit+1]
}

// Span returns a conversation's passages.
func (m *Meta) Span(conv uint32) (first, end uint32) {
	return m.passage[m.unit[conv]], m.passage[m.unit[conv+1]]
}

// Length returns a passage's length.
func (m *Meta) Length(passage uint32) uint32 { return m.lengths[passage] }

// FindUnit returns a conversation's unit by its memory's Hash.
func (m *Meta) FindUnit(conv uint32, hash uint64) (unit uint32, found bool) {
	for u := m.unit[conv]; u < m.unit[conv+1]; u++ {
		if m.hash[u] == hash {
			return u, true
		}
	}
	return 0, false
}

// HashOf returns the Hash of a unit's memory.
func (m *Meta) HashOf(unit uint32) uint64 { return m.hash[unit] }

// Size returns about how many bytes the Meta takes in memory.
func (m *Meta) Size() int64 {
	n := 200 + 28*len(m.ids) + 12*len(m.hash) + 4*len(m.lengths) + 48*len(m.index)
	for _, id := range m.ids {
		n += len(id)
	}
	return int64(n)
}

// Range is a part of the segment's object.
type Range struct{ Offset, Length int64 }

// Memories returns where the ids of a conversation's memories are.
func (m *Meta) Memories(conv uint32) Range {
	return Range{int64(m.memories[conv]), int64(m.memories[conv+1] - m.memories[conv])}
}

// ParseMemories reads the ids of a conversation's memories, in the order of
// its units.
func (m *Meta) ParseMemories(conv uint32, data []byte) ([]string, error) {
	r := posting.NewReader(data)
	ids := make([]string, m.unit[conv+1]-m.unit[conv])
	for i := range ids {
		if m.old {
			ids[i] = readMemory2(&r)
		} else {
			ids[i] = readMemory(&r)
		}
	}
	return ids, r.Err()
}

// Block returns the block of the dictionary that has a term, if any has.
func (m *Meta) Block(term string) (block int, where Range, found bool) {
	i := sort.Search(len(m.index), func(i int) bool { return m.index[i].term > term }) - 1
	if i < 0 {
		return 0, Range{}, false
	}
	return i, m.BlockAt(i), true
}

// Blocks returns the number of the dictionary's blocks.
func (m *Meta) Blocks() int { return len(m.index) }

// BlockAt returns where a block of the dictionary is.
func (m *Meta) BlockAt(i int) Range {
	end := m.dictEnd - m.dictStart
	if i+1 < len(m.index) {
		end = m.index[i+1].dict
	}
	return Range{int64(m.dictStart + m.index[i].dict), int64(end - m.index[i].dict)}
}

// Lengths returns those of a conversation's passages.
func (m *Meta) Lengths(conv uint32) []uint32 {
	first, end := m.Span(conv)
	return m.lengths[first:end:end]
}

// Place is a conversation of one of several segments.
type Place struct {
	Segment      uint32
	Conversation uint32
}

// Union yields the conversations of several segments in the order of their
// ids, each with all places where it stands, in the order of the segments. The
// places last until the next step.
func Union(segments []*Meta) iter.Seq2[string, []Place] {
	return func(yield func(string, []Place) bool) {
		next := make([]uint32, len(segments))
		var places []Place
		for {
			least := ""
			places = places[:0]
			for i, m := range segments {
				if int(next[i]) == m.Conversations() {
					continue
				}
				id := m.ID(next[i])
				if len(places) == 0 || id < least {
					least, places = id, places[:0]
				}
				if id == least {
					places = append(places, Place{uint32(i), next[i]})
				}
			}
			if len(places) == 0 || !yield(least, places) {
				return
			}
			for _, at := range places {
				next[at.Segment]++
			}
		}
	}
}
