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

// Keep decides about a unit: units it refuses are left out with all their
// words.
type Keep func(conversation, memory string) bool

// Merge makes one segment of several, from the oldest to the newest. A unit
// of a newer one replaces the same unit of an older one. Units that only hide
// older ones are kept when hiding says that there may be still older
// segments. A segment without any unit is nil.
func Merge(inputs []Input, keep Keep, hiding bool) (data []byte, meta int64, err error) {
	m := merger{inputs: inputs, keep: keep, hiding: hiding}
	if err := m.place(); err != nil {
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
	inputs []Input
	keep   Keep
	hiding bool

	convs   []Conversation
	conv    [][]uint32 // per input: the new number of each conversation
	passage [][]uint32 // per input: the new number of each passage within its conversation
	entries []posting.Entry
	found   []Posting
}

const gone = ^uint32(0)

// place numbers what stays.
func (m *merger) place() error {
	for _, in := range m.inputs {
		m.conv = append(m.conv, filled(in.Meta.Conversations()))
		m.passage = append(m.passage, filled(in.Meta.Passages()))
	}
	for id, places := range Union(m.metas()) {
		if err := m.placeConversation(id, places); err != nil {
			return err
		}
	}
	return nil
}

func (m *merger) metas() (metas []*Meta) {
	for _, in := range m.inputs {
		metas = append(metas, in.Meta)
	}
	return metas
}

func filled(n int) []uint32 { return slices.Repeat([]uint32{gone}, n) }

// placeConversation takes a conversation from all inputs that have it.
func (m *merger) placeConversation(id string, places []Place) error {
	conv := Conversation{ID: id}
	passages := uint32(0)
	for _, at := range places {
		units, n, err := m.placeUnits(int(at.Segment), at.Conversation, passages)
		if err != nil {
			return err
		}
		conv.Units, passages = append(conv.Units, units...), n
		m.conv[at.Segment][at.Conversation] = uint32(len(m.convs))
	}
	if len(conv.Units) > 0 {
		m.convs = append(m.convs, conv)
	}
	return nil
}

func (m *merger) placeUnits(input int, conv uint32, passages uint32) ([]Unit, uint32, error) {
	meta := m.inputs[input].Meta
	data, err := m.inputs[input].slice(meta.Memories(conv))
	if err != nil {
		return nil, 0, err
	}
	memories, err := meta.ParseMemories(conv, data)
	if err != nil {
		return nil, 0, err
	}
	var units []Unit
	first, end := meta.UnitsOf(conv)
	for unit := first; unit < end; unit++ {
		from, to := meta.PassagesOf(unit)
		memory := memories[unit-first]
		if m.replaced(input, meta.ID(conv), meta.HashOf(unit)) || !m.keep(meta.ID(conv), memory) || from == to && !m.hiding {
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
		term, more := least(dicts)
		if !more {
			break
		}
		if err := m.term(w, term, dicts); err != nil {
			return err
		}
	}
	for _, d := range dicts {
		if d.err != nil {
			return d.err
		}
	}
	return nil
}

func least(dicts []*dictionary) (term string, more bool) {
	for _, d := range dicts {
		if d.more && (!more || d.entry.Term < term) {
			term, more = d.entry.Term, true
		}
	}
	return term, more
}

func (m *merger) term(w *Writer, term string, dicts []*dictionary) error {
	m.entries, m.found = m.entries[:0], m.found[:0]
	for i, d := range dicts {
		if !d.more || d.entry.Term != term {
			continue
		}
		if err := m.collect(i, d.entry); err != nil {
			return fmt.Errorf("merging a term: %w", err)
		}
		d.next()
	}
	if len(m.found) == 0 {
		return nil
	}
	slices.SortStableFunc(m.found, func(a, b Posting) int { return int(a.Conversation) - int(b.Conversation) })
	w.Add(term, m.unite())
	return nil
}

// collect takes the postings of a term from an input.
func (m *merger) collect(input int, e Entry) error {
	in := m.inputs[input]
	data, err := in.slice(e.Where)
	if err != nil {
		return err
	}
	list, err := in.Meta.List(e, data)
	if err != nil {
		return err
	}
	for c := list.Cursor(); ; {
		from := len(m.entries)
		entries, more := c.Next(m.entries)
		if !more {
			return c.Err()
		}
		m.entries = m.renumber(input, c.At(), entries, from)
		if len(m.entries) > from {
			own := m.entries[from:len(m.entries):len(m.entries)]
			m.found = append(m.found, Posting{m.conv[input][c.At()], own})
		}
	}
}

// renumber gives the entries from a place on their new passages and drops
// those of passages that are gone.
func (m *merger) renumber(input int, conv uint32, entries []posting.Entry, from int) []posting.Entry {
	first, _ := m.inputs[input].Meta.Span(conv)
	kept := entries[:from]
	for _, e := range entries[from:] {
		if e.Passage = m.passage[input][first+e.Passage]; e.Passage != gone {
			kept = append(kept, e)
		}
	}
	return kept
}

// unite makes one posting of those of the same conversation, which are as many
// as there are inputs at most.
func (m *merger) unite() []Posting {
	kept := m.found[:1]
	for _, p := range m.found[1:] {
		if last := &kept[len(kept)-1]; last.Conversation == p.Conversation {
			last.Entries = slices.Concat(last.Entries, p.Entries)
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// dictionary walks through the terms of a segment.
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
