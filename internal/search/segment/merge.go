package segment

import (
	"fmt"
	"slices"

	"griot/internal/search/posting"
)

// Input is a whole segment to merge.
type Input struct {
	Meta *Meta
	Data []byte
}

// Open reads a segment that is wholly in memory.
func Open(data []byte, meta int64) (Input, error) {
	if meta < 0 || meta > int64(len(data)) {
		return Input{}, fmt.Errorf("%w: a segment cut short", posting.ErrCorrupt)
	}
	m, err := ParseMeta(data[meta:], int64(len(data)))
	return Input{m, data}, err
}

func (in Input) slice(r Range) ([]byte, error) {
	if r.Offset < 0 || r.Length < 0 || r.Offset+r.Length > int64(len(in.Data)) {
		return nil, posting.ErrCorrupt
	}
	return in.Data[r.Offset : r.Offset+r.Length], nil
}

// Keep decides about a unit: those it refuses are left out, words and all.
type Keep func(conversation, memory string) bool

// Merge makes one segment of several, from the oldest to the newest. A unit
// of a newer one replaces the same unit of an older one. Tombstones are kept
// on demand: as long as there are still older segments. A segment without any
// unit is nil.
//
// Conversations and passages get new numbers first; then the dictionaries are
// walked together, and each term's postings are renumbered.
func Merge(inputs []Input, keep Keep, tombstones bool) (data []byte, meta int64, err error) {
	m := merger{inputs: inputs, keep: keep, tombstones: tombstones}
	if err := m.number(); err != nil {
		return nil, 0, err
	}
	if len(m.convs) == 0 {
		return nil, 0, nil
	}
	w := NewWriter(m.convs)
	if err := m.terms(w); err != nil {
		return nil, 0, err
	}
	data, meta = w.Finish()
	return data, meta, nil
}

type merger struct {
	inputs     []Input
	keep       Keep
	tombstones bool

	convs   []Conversation
	conv    [][]uint32 // by input and conversation: its new number
	passage [][]uint32 // by input and passage: its new number within its conversation, or gone

	// Of the term at hand:
	entries  []posting.Entry
	postings []Posting
}

const gone = ^uint32(0)

// number gives new numbers to what stays.
func (m *merger) number() error {
	var metas []*Meta
	for _, in := range m.inputs {
		metas = append(metas, in.Meta)
		m.conv = append(m.conv, make([]uint32, in.Meta.Conversations()))
		m.passage = append(m.passage, slices.Repeat([]uint32{gone}, in.Meta.Passages()))
	}
	for id, places := range Union(metas) {
		conv, passages := Conversation{ID: id}, uint32(0)
		for _, at := range places {
			units, next, err := m.unitsToKeep(int(at.Segment), at.Conversation, passages)
			if err != nil {
				return err
			}
			conv.Units, passages = append(conv.Units, units...), next
			m.conv[at.Segment][at.Conversation] = uint32(len(m.convs))
		}
		if len(conv.Units) > 0 {
			m.convs = append(m.convs, conv)
		}
	}
	return nil
}

// unitsToKeep returns the units of a conversation in an input that stay, and
// numbers their passages on from those that it has so far.
func (m *merger) unitsToKeep(input int, conv uint32, passages uint32) (units []Unit, next uint32, err error) {
	meta := m.inputs[input].Meta
	data, err := m.inputs[input].slice(meta.Memories(conv))
	if err != nil {
		return nil, 0, err
	}
	memories, err := meta.ParseMemories(conv, data)
	if err != nil {
		return nil, 0, err
	}
	first, end := meta.UnitsOf(conv)
	for unit := first; unit < end; unit++ {
		from, to := meta.PassagesOf(unit)
		memory := memories[unit-first]
		if m.replaced(input, meta.ID(conv), meta.HashOf(unit)) || !m.keep(meta.ID(conv), memory) || from == to && !m.tombstones {
			continue
		}
		u := Unit{Memory: memory, Lengths: meta.lengths[from:to]}
		for p := from; p < to; p++ {
			m.passage[input][p] = passages
			passages++
		}
		units = append(units, u)
	}
	return units, passages, nil
}

// replaced reports whether a newer input has the same unit.
func (m *merger) replaced(input int, id string, hash uint64) bool {
	for _, newer := range m.inputs[input+1:] {
		if conv, found := newer.Meta.Find(id); found {
			if _, found := newer.Meta.FindUnit(conv, hash); found {
				return true
			}
		}
	}
	return false
}

// terms writes the postings of all terms.
func (m *merger) terms(w *Writer) error {
	dicts := make([]*dictionary, len(m.inputs))
	for i, in := range m.inputs {
		dicts[i] = &dictionary{in: in}
		dicts[i].next()
	}
	for {
		term, more := "", false // the least of those at hand
		for _, d := range dicts {
			if d.more && (!more || d.entry.Term < term) {
				term, more = d.entry.Term, true
			}
		}
		if !more {
			break
		}
		m.entries, m.postings = m.entries[:0], m.postings[:0]
		for i, d := range dicts {
			if !d.more || d.entry.Term != term {
				continue
			}
			if err := m.addPostings(i, d.entry); err != nil {
				return fmt.Errorf("merging a term: %w", err)
			}
			d.next()
		}
		if len(m.postings) > 0 {
			w.Add(term, m.byConversation())
		}
	}
	for _, d := range dicts {
		if d.err != nil {
			return d.err
		}
	}
	return nil
}

// addPostings takes the postings of a term from an input, renumbered.
func (m *merger) addPostings(input int, e Entry) error {
	in := m.inputs[input]
	data, err := in.slice(e.Where)
	if err != nil {
		return err
	}
	list, err := in.Meta.List(e, data)
	if err != nil {
		return err
	}
	return list.Each(func(conv uint32, entries []posting.Entry) {
		from := len(m.entries)
		first, _ := in.Meta.Span(conv)
		for _, e := range entries {
			if e.Passage = m.passage[input][first+e.Passage]; e.Passage != gone {
				m.entries = append(m.entries, e)
			}
		}
		if len(m.entries) > from {
			m.postings = append(m.postings, Posting{m.conv[input][conv], m.entries[from:len(m.entries):len(m.entries)]})
		}
	})
}

// byConversation sorts the postings at hand and joins those of the same
// conversation, which are at most as many as there are inputs.
func (m *merger) byConversation() []Posting {
	slices.SortStableFunc(m.postings, func(a, b Posting) int { return int(a.Conversation) - int(b.Conversation) })
	joined := m.postings[:1]
	for _, p := range m.postings[1:] {
		if last := &joined[len(joined)-1]; last.Conversation == p.Conversation {
			last.Entries = slices.Concat(last.Entries, p.Entries)
			continue
		}
		joined = append(joined, p)
	}
	return joined
}

// dictionary walks through the terms of an input: entry is the term at hand,
// if there is one more.
type dictionary struct {
	in    Input
	block int
	rest  []Entry
	entry Entry
	more  bool
	err   error
}

func (d *dictionary) next() {
	d.more = false
	if len(d.rest) == 0 && d.block < d.in.Meta.Blocks() {
		data, err := d.in.slice(d.in.Meta.BlockAt(d.block))
		if err == nil {
			d.rest, err = d.in.Meta.ParseBlock(d.block, data)
		}
		d.block++
		d.err = err
	}
	if d.err != nil || len(d.rest) == 0 {
		return
	}
	if last := d.entry.Term; d.rest[0].Term <= last && last != "" {
		d.err = fmt.Errorf("%w: a dictionary out of order", posting.ErrCorrupt)
		return
	}
	d.entry, d.rest, d.more = d.rest[0], d.rest[1:], true
}
