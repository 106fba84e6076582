package segment

import (
	"fmt"

	"griot/internal/search/posting"
)

// Entry is a term of the dictionary, how many conversations and passages have
// it, and where its postings are.
type Entry struct {
	Term          string
	Conversations int
	Passages      int
	Where         Range
	conv          int // bytes of the conversations' stream; the rest is the passages'
}

// ParseBlock reads the entries of a block of the dictionary.
func (m *Meta) ParseBlock(block int, data []byte) ([]Entry, error) {
	r := posting.NewReader(data)
	at := m.index[block].post
	var entries []Entry
	for before := ""; r.Len() > 0; {
		e := m.entry(&r, before, at)
		if r.Err() != nil || len(entries) == dictBlock {
			return nil, fmt.Errorf("%w: a dictionary's block", posting.ErrCorrupt)
		}
		entries, before = append(entries, e), e.Term
		at += uint64(e.Where.Length)
	}
	return entries, nil
}

func (m *Meta) entry(r *posting.Reader, before string, at uint64) Entry {
	e := Entry{Term: r.Shared(before)}
	e.Conversations = int(r.Uvarint(uint64(len(m.ids))))
	e.Passages = int(r.Uvarint(uint64(len(m.lengths))))
	left := m.postEnd - min(at, m.postEnd)
	conv := r.Uvarint(left)
	pass := r.Uvarint(left - conv)
	e.conv = int(conv)
	e.Where = Range{int64(at), int64(conv + pass)}
	return e
}

// List is the postings of a term.
type List struct {
	meta       *Meta
	count      int
	conv, pass []byte
}

// List returns the postings of an entry, whose bytes data are.
func (m *Meta) List(e Entry, data []byte) (*List, error) {
	if int64(len(data)) != e.Where.Length {
		return nil, fmt.Errorf("%w: postings cut short", posting.ErrCorrupt)
	}
	return &List{meta: m, count: e.Conversations, conv: data[:e.conv], pass: data[e.conv:]}, nil
}

// Item is a term in one conversation: its weight, how many passages have it,
// the most that one has of it, and the length of the shortest.
type Item struct {
	Conversation                     uint32
	Weight, Passages, Most, Shortest uint32
}

// Items calls fn for every conversation, in order, with the place where its
// entries begin; see [List.Entries].
func (l *List) Items(fn func(item Item, at uint32)) error {
	data, conv, limit := l.conv, int64(-1), int64(len(l.meta.ids))
	pass := posting.NewReader(l.pass)
	for range l.count {
		item, n := smallItem(data)
		if n == 0 {
			r := posting.NewReader(data)
			item = readItem(&r, -1)
			if r.Err() != nil {
				return posting.ErrCorrupt
			}
			n = len(data) - r.Len()
		}
		data = data[n:]
		if conv += int64(item.Conversation) + 1; conv >= limit {
			return posting.ErrCorrupt
		}
		item.Conversation = uint32(conv)
		at := len(l.pass) - pass.Len()
		if skipEntries(&pass, item.Passages); pass.Err() != nil {
			return posting.ErrCorrupt
		}
		fn(item, uint32(at))
	}
	return nil
}

func skipEntries(r *posting.Reader, n uint32) {
	for ; n > 0 && r.Err() == nil; n-- {
		r.SkipEntry()
	}
}

// Entries appends a conversation's entries to dst. They go from the place that
// Items says to that of the next conversation, or to [List.End].
func (l *List) Entries(dst []posting.Entry, conv, from, end uint32) ([]posting.Entry, error) {
	r := posting.NewReader(l.pass[from:end])
	first, behind := l.meta.Span(conv)
	for before := int64(-1); r.Len() > 0; {
		e := r.Entry(before, behind-first)
		dst, before = append(dst, e), int64(e.Passage)
	}
	return dst, r.Err()
}

// End returns the place where the last entries end.
func (l *List) End() uint32 { return uint32(len(l.pass)) }

// Size returns the bytes of the list.
func (l *List) Size() int64 { return int64(len(l.conv) + len(l.pass)) }

// Conversations returns how many conversations have the term.
func (l *List) Conversations() int { return l.count }

// smallItem is a fast path of readItem for items whose numbers all take one
// byte, by far the most. It returns how many bytes it read: 0 if it is none.
func smallItem(b []byte) (item Item, n int) {
	if len(b) >= 2 && b[0]&1 == 0 && (b[0]|b[1]) < 0x80 {
		return Item{uint32(b[0] >> 1), 1, 1, 1, uint32(b[1])}, 2
	}
	if len(b) >= 5 && b[0]&1 == 1 && (b[0]|b[1]|b[2]|b[3]|b[4]) < 0x80 {
		return Item{uint32(b[0] >> 1), uint32(b[2]), uint32(b[3]), uint32(b[4]), uint32(b[1])}, 5
	}
	return Item{}, 0
}

func readItem(r *posting.Reader, before int64) Item {
	step := r.Uvarint(1 << 33)
	item := Item{uint32(before + 1 + int64(step>>1)), 1, 1, 1, uint32(r.Uvarint(1 << 20))}
	if step&1 == 1 {
		item.Weight = uint32(r.Uvarint(1 << 31))
		item.Passages = uint32(r.Uvarint(1 << 31))
		item.Most = uint32(r.Uvarint(1 << 31))
	}
	return item
}

// Each calls fn for every conversation, in order, with its entries, which last
// until the next call. It reads all that Items skips.
func (l *List) Each(fn func(conv uint32, entries []posting.Entry)) error {
	items, pass, before := posting.NewReader(l.conv), posting.NewReader(l.pass), int64(-1)
	var entries []posting.Entry
	for range l.count {
		item := readItem(&items, before)
		if items.Err() != nil || int(item.Conversation) >= len(l.meta.ids) {
			return posting.ErrCorrupt
		}
		first, end := l.meta.Span(item.Conversation)
		entries = entries[:0]
		for passage := int64(-1); len(entries) < int(item.Passages); {
			e := pass.Entry(passage, end-first)
			if pass.Err() != nil {
				return posting.ErrCorrupt
			}
			entries, passage = append(entries, e), int64(e.Passage)
		}
		fn(item.Conversation, entries)
		before = int64(item.Conversation)
	}
	return nil
}
