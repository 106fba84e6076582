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
	items, pass, conv := posting.NewReader(l.conv), posting.NewReader(l.pass), int64(-1)
	for range l.count {
		item := l.item(&items)
		if conv += int64(item.Conversation) + 1; items.Err() != nil || conv >= int64(len(l.meta.ids)) {
			return posting.ErrCorrupt
		}
		item.Conversation = uint32(conv)
		at := len(l.pass) - pass.Len()
		if l.skip(&pass, &item); pass.Err() != nil {
			return posting.ErrCorrupt
		}
		fn(item, uint32(at))
	}
	return nil
}

// skip reads over an item's entries. It finds out the shortest passage where
// there is only one.
func (l *List) skip(r *posting.Reader, item *Item) {
	if l.meta.old {
		skipEntries2(r, item.Passages)
		return
	}
	gap := r.SkipCompact()
	for n := item.Passages; n > 1 && r.Err() == nil; n-- {
		r.SkipCompact()
	}
	if item.Passages != 1 {
		return
	}
	if first, end := l.meta.Span(item.Conversation); gap < uint64(end-first) {
		item.Shortest = l.meta.lengths[uint64(first)+gap]
	} else {
		r.Fail()
	}
}

// Entries appends a conversation's entries to dst. They go from the place that
// Items says to that of the next conversation, or to [List.End].
func (l *List) Entries(dst []posting.Entry, conv, from, end uint32) ([]posting.Entry, error) {
	r := posting.NewReader(l.pass[from:end])
	first, behind := l.meta.Span(conv)
	for before := int64(-1); r.Len() > 0; {
		e := l.entry(&r, before, behind-first)
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

// item reads an item. Its Conversation is how many were passed over since the item
// before; Shortest is not there yet if the term is in one passage only.
func (l *List) item(r *posting.Reader) Item {
	if l.meta.old {
		return readItem2(r)
	}
	step := r.Uvarint(1 << 33)
	item := Item{Conversation: uint32(step >> 1), Weight: 1, Passages: 1, Most: 1}
	if step&1 == 0 {
		return item
	}
	passages := r.Uvarint(1 << 32)
	if item.Passages = uint32(passages >> 1); item.Passages == 0 {
		r.Fail()
	}
	if passages&1 == 0 {
		item.Weight, item.Shortest = item.Passages, uint32(r.Uvarint(1<<20))
		return item
	}
	item.Weight = uint32(r.Uvarint(1 << 31))
	if item.Most = item.Weight; item.Passages > 1 {
		item.Shortest, item.Most = uint32(r.Uvarint(1<<20)), uint32(r.Uvarint(1<<31))
	}
	return item
}

// entry reads the entry behind that of a passage of a conversation.
func (l *List) entry(r *posting.Reader, before int64, passages uint32) posting.Entry {
	if l.meta.old {
		return r.Entry(before, passages)
	}
	return r.Compact(before, passages)
}

// Each calls fn for every conversation, in order, with its entries, which last
// until the next call. It reads all that Items skips.
func (l *List) Each(fn func(conv uint32, entries []posting.Entry)) error {
	items, pass, conv := posting.NewReader(l.conv), posting.NewReader(l.pass), int64(-1)
	var entries []posting.Entry
	for range l.count {
		item := l.item(&items)
		if conv += int64(item.Conversation) + 1; items.Err() != nil || conv >= int64(len(l.meta.ids)) {
			return posting.ErrCorrupt
		}
		first, end := l.meta.Span(uint32(conv))
		entries = entries[:0]
		for passage := int64(-1); len(entries) < int(item.Passages); {
			e := l.entry(&pass, passage, end-first)
			if pass.Err() != nil {
				return posting.ErrCorrupt
			}
			entries, passage = append(entries, e), int64(e.Passage)
		}
		fn(uint32(conv), entries)
	}
	return nil
}
