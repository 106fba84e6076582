// Package segment is the format of a search segment: an immutable object that
// holds the postings of many units. From the front: postings, dictionary,
// memory ids, and at the end what a reader keeps in memory (see [Meta]).
//
// Per term there are two streams. The first has an item per conversation, in
// order: how often the term occurs in it at all, in how many passages, how
// often at most in one, and the length of the shortest. The second has the
// entries of those passages.
package segment

import (
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"

	"griot/internal/search/posting"
)

const (
	magic     = "griotsg2"
	dictBlock = 64 // terms of a block of the dictionary
	footer    = 5*8 + 4 + len(magic)
)

// Conversation is one with units in a segment. Conversations are in the order
// of their ids.
type Conversation struct {
	ID    string
	Units []Unit
}

// Unit is a memory, or the conversation's own unit (Memory ""). Lengths are
// those of its passages; a unit without any only hides older ones.
type Unit struct {
	Memory  string
	Lengths []uint32
}

// Posting is what a term has in one conversation: entries by passage, counted
// through all units of the conversation.
type Posting struct {
	Conversation uint32
	Entries      []posting.Entry
}

// Writer makes a segment in memory: NewWriter, Add for every term in order,
// Finish.
type Writer struct {
	convs   []Conversation
	lengths [][]uint32 // of each conversation's passages
	out     []byte     // postings so far
	dict    []byte
	index   []indexEntry
	terms   int
	last    string
	conv    []byte
	pass    []byte
}

type indexEntry struct {
	term       string
	dict, post uint64 // where the block and its first term's postings begin
}

// NewWriter returns a Writer of a segment with these conversations.
func NewWriter(convs []Conversation) *Writer {
	w := &Writer{convs: convs, lengths: make([][]uint32, len(convs)), out: []byte(magic)}
	for i, c := range convs {
		for _, u := range c.Units {
			w.lengths[i] = append(w.lengths[i], u.Lengths...)
		}
	}
	return w
}

// Add writes the postings of a term, by conversation. Terms ascend.
func (w *Writer) Add(term string, postings []Posting) {
	if w.terms%dictBlock == 0 {
		w.index = append(w.index, indexEntry{term, uint64(len(w.dict)), uint64(len(w.out))})
		w.last = ""
	}
	passages := w.encode(postings)
	w.dict = posting.AppendShared(w.dict, w.last, term)
	for _, n := range []int{len(postings), passages, len(w.conv), len(w.pass)} {
		w.dict = binary.AppendUvarint(w.dict, uint64(n))
	}
	w.out = append(append(w.out, w.conv...), w.pass...)
	w.terms++
	w.last = term
}

// encode fills the streams of a term and returns its number of passages.
func (w *Writer) encode(postings []Posting) (passages int) {
	w.conv, w.pass = w.conv[:0], w.pass[:0]
	before := int64(-1)
	for _, p := range postings {
		w.conv = appendItem(w.conv, before, p, w.lengths[p.Conversation])
		w.pass = appendEntries(w.pass, p.Entries)
		before = int64(p.Conversation)
		passages += len(p.Entries)
	}
	return passages
}

// appendItem encodes a conversation's item; one with a single occurrence is
// but the number of conversations that were skipped, doubled, and the length
// of its passage.
func appendItem(b []byte, before int64, p Posting, lengths []uint32) []byte {
	weight, most, shortest := weights(p.Entries, lengths)
	step := uint64(int64(p.Conversation)-before-1) << 1
	if weight == 1 {
		return binary.AppendUvarint(binary.AppendUvarint(b, step), uint64(shortest))
	}
	b = binary.AppendUvarint(b, step|1)
	for _, n := range []uint32{shortest, weight, uint32(len(p.Entries)), most} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func weights(entries []posting.Entry, lengths []uint32) (sum, most, shortest uint32) {
	shortest = lengths[entries[0].Passage]
	for _, e := range entries {
		sum += e.Weight
		most = max(most, e.Weight)
		shortest = min(shortest, lengths[e.Passage])
	}
	return sum, most, shortest
}

func appendEntries(b []byte, entries []posting.Entry) []byte {
	before := int64(-1)
	for _, e := range entries {
		b = posting.AppendEntry(b, before, e)
		before = int64(e.Passage)
	}
	return b
}

// Finish returns the segment's bytes and where its Meta begins in them.
func (w *Writer) Finish() (data []byte, meta int64) {
	b := w.out
	dictAt := len(b)
	b = append(b, w.dict...)
	idsAt := len(b)
	b, idLengths := w.appendMemories(b)
	metaAt := len(b)
	b = w.appendConversations(b, idLengths)
	indexAt := len(b)
	b = w.appendIndex(b)
	sum := crc32.ChecksumIEEE(b[metaAt:])
	for _, n := range []int{dictAt, idsAt, metaAt, indexAt, len(w.convs)} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = binary.BigEndian.AppendUint32(b, sum)
	return append(b, magic...), int64(metaAt)
}

// appendMemories writes the ids of the memories and returns how many bytes
// those of each conversation take.
func (w *Writer) appendMemories(b []byte) ([]byte, []int) {
	lengths := make([]int, len(w.convs))
	for i, c := range w.convs {
		before := len(b)
		for _, u := range c.Units {
			b = binary.AppendUvarint(b, uint64(len(u.Memory)))
			b = append(b, u.Memory...)
		}
		lengths[i] = len(b) - before
	}
	return b, lengths
}

func (w *Writer) appendConversations(b []byte, idLengths []int) []byte {
	before := ""
	for i, c := range w.convs {
		b = posting.AppendShared(b, before, c.ID)
		before = c.ID
		b = binary.AppendUvarint(b, uint64(idLengths[i]))
		b = binary.AppendUvarint(b, uint64(len(c.Units)))
		for _, u := range c.Units {
			b = appendUnit(b, u)
		}
	}
	return b
}

func appendUnit(b []byte, u Unit) []byte {
	b = binary.BigEndian.AppendUint64(b, Hash(u.Memory))
	b = binary.AppendUvarint(b, uint64(len(u.Lengths)))
	for _, n := range u.Lengths {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func (w *Writer) appendIndex(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(w.index)))
	before := indexEntry{}
	for _, e := range w.index {
		b = posting.AppendShared(b, before.term, e.term)
		b = binary.AppendUvarint(b, e.dict-before.dict)
		b = binary.AppendUvarint(b, e.post-before.post)
		before = e
	}
	return b
}

// Hash is what tells the memories of a conversation apart without their ids.
func Hash(memory string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(memory))
	return h.Sum64()
}
