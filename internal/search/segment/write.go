package segment

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"griot/internal/id"
	"griot/internal/search/posting"
)

const (
	magic     = "griotsg3"
	magic2    = "griotsg2" // of segments that earlier versions wrote; see compat.go
	dictBlock = 64         // terms of a block of the dictionary
	footer    = 5*8 + 4 + len(magic)
)

// Conversation is a conversation that has units in a segment.
type Conversation struct {
	ID    string
	Units []Unit
}

// Unit is a memory, or the conversation's own unit (Memory ""). Lengths are
// those of its passages, in words; without any it is a tombstone.
type Unit struct {
	Memory  string
	Lengths []uint32
}

// Posting is the entries of a term in one conversation.
type Posting struct {
	Conversation uint32
	Entries      []posting.Entry
}

// Source is a unit to build a segment from.
type Source struct {
	Conversation, Memory string
	Unit                 *posting.Unit
}

// Build returns a segment of units, no two of the same id, and where its Meta
// begins.
func Build(sources []Source) (data []byte, meta int64) {
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int {
		return cmp.Or(strings.Compare(a.Conversation, b.Conversation), strings.Compare(a.Memory, b.Memory))
	})
	var convs []Conversation
	postings := map[string][]Posting{} // by term
	passages := 0                      // of the conversation so far
	for i, s := range sources {
		if i == 0 || sources[i-1].Conversation != s.Conversation {
			convs, passages = append(convs, Conversation{ID: s.Conversation}), 0
		}
		conv := len(convs) - 1
		convs[conv].Units = append(convs[conv].Units, Unit{s.Memory, s.Unit.Lengths})
		for _, t := range s.Unit.Terms {
			postings[t.Text] = addUnit(postings[t.Text], uint32(conv), uint32(passages), t.Entries)
		}
		passages += len(s.Unit.Lengths)
	}
	w := NewWriter(convs)
	for _, term := range slices.Sorted(maps.Keys(postings)) {
		w.Add(term, postings[term])
	}
	return w.Finish()
}

// addUnit adds a term's entries in a unit of a conversation, whose units before it
// have so many passages. Entries of the first unit are the unit's own; those of
// several are a copy.
func addUnit(postings []Posting, conv, passages uint32, entries []posting.Entry) []Posting {
	n := len(postings) - 1
	if joins := n >= 0 && postings[n].Conversation == conv; !joins && passages == 0 {
		return append(postings, Posting{conv, entries[:len(entries):len(entries)]})
	} else if !joins {
		postings, n = append(postings, Posting{Conversation: conv}), n+1
	}
	for _, e := range entries {
		e.Passage += passages
		postings[n].Entries = append(postings[n].Entries, e)
	}
	return postings
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
	w.conv, w.pass = w.conv[:0], w.pass[:0]
	before, passages := int64(-1), 0
	for _, p := range postings {
		w.conv = appendItem(w.conv, before, p, w.lengths[p.Conversation])
		passage := int64(-1)
		for _, e := range p.Entries {
			w.pass, passage = posting.AppendCompact(w.pass, passage, e), int64(e.Passage)
		}
		before = int64(p.Conversation)
		passages += len(p.Entries)
	}
	w.dict = posting.AppendShared(w.dict, w.last, term)
	for _, n := range []int{len(postings), passages, len(w.conv), len(w.pass)} {
		w.dict = binary.AppendUvarint(w.dict, uint64(n))
	}
	w.out = append(append(w.out, w.conv...), w.pass...)
	w.terms++
	w.last = term
}

// appendItem encodes a conversation's item in the first stream; see the
// package's comment. Lengths are those of its passages.
func appendItem(b []byte, before int64, p Posting, lengths []uint32) []byte {
	weight, most, shortest := uint32(0), uint32(0), lengths[p.Entries[0].Passage]
	for _, e := range p.Entries {
		weight += e.Weight
		most = max(most, e.Weight)
		shortest = min(shortest, lengths[e.Passage])
	}
	gap, passages := uint64(int64(p.Conversation)-before-1)<<1, uint64(len(p.Entries))<<1
	if weight == 1 {
		return binary.AppendUvarint(b, gap)
	}
	b = binary.AppendUvarint(b, gap|1)
	if int(weight) == len(p.Entries) {
		return binary.AppendUvarint(binary.AppendUvarint(b, passages), uint64(shortest))
	}
	b = binary.AppendUvarint(binary.AppendUvarint(b, passages|1), uint64(weight))
	if len(p.Entries) == 1 {
		return b
	}
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(shortest)), uint64(most))
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
			b = appendMemory(b, u.Memory)
		}
		lengths[i] = len(b) - before
	}
	return b, lengths
}

// A memory's id is a UUID as a rule, and then is written as its 16 bytes, behind a
// 1; another one is written as it is, behind its length and 1 more; none is a 0.
func appendMemory(b []byte, memory string) []byte {
	if memory == "" {
		return append(b, 0)
	}
	if u, ok := id.PackUUID(memory); ok {
		return append(append(b, 1), u[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(memory)+1))
	return append(b, memory...)
}

func readMemory(r *posting.Reader) string {
	switch n := r.Count(); n {
	case 0:
		return ""
	case 1:
		var u [16]byte
		copy(u[:], r.Bytes(len(u)))
		return id.UnpackUUID(u)
	default:
		return string(r.Bytes(n - 1))
	}
}

func (w *Writer) appendConversations(b []byte, idLengths []int) []byte {
	before := ""
	for i, c := range w.convs {
		b = posting.AppendShared(b, before, c.ID)
		before = c.ID
		b = binary.AppendUvarint(b, uint64(idLengths[i]))
		b = binary.AppendUvarint(b, uint64(len(c.Units)))
		for _, u := range c.Units {
			b = binary.BigEndian.AppendUint64(b, Hash(u.Memory))
			b = binary.AppendUvarint(b, uint64(len(u.Lengths)))
			for _, n := range u.Lengths {
				b = binary.AppendUvarint(b, uint64(n))
			}
		}
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

// NoMemory is the Hash of the conversation's own unit, which has no memory: FNV's
// offset basis.
const NoMemory uint64 = 14695981039346656037

// Hash tells the memories of a conversation apart without their ids (FNV-1a).
func Hash(memory string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(memory))
	return h.Sum64()
}
