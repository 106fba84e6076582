package segment

import (
	"fmt"

	"griot/internal/search/posting"
)

// Entry is a term of the dictionary, and where its postings are.
type Entry struct {
	Term          string
	Conversations int
	Passages      int
	Where         Range
	skip, conv    int // bytes; what remains is the passages' stream
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
	skip := r.Uvarint(left)
	conv := r.Uvarint(left - skip)
	pass := r.Uvarint(left - skip - conv)
	e.skip, e.conv = int(skip), int(conv)
	e.Where = Range{int64(at), int64(skip + conv + pass)}
	return e
}

// List is the postings of a term.
type List struct {
	meta             *Meta
	count, passages  int
	skip, conv, pass []byte
}

// List returns the postings of an entry, whose bytes data are.
func (m *Meta) List(e Entry, data []byte) (*List, error) {
	if int64(len(data)) != e.Where.Length {
		return nil, fmt.Errorf("%w: postings cut short", posting.ErrCorrupt)
	}
	return &List{meta: m, count: e.Conversations, passages: e.Passages, skip: data[:e.skip], conv: data[e.skip : e.skip+e.conv], pass: data[e.skip+e.conv:]}, nil
}

// Item is what a term has in one conversation: the sum of its weights, the
// number of its passages, the greatest weight of one, and the least length.
type Item struct {
	Conversation                     uint32
	Weight, Passages, Most, Shortest uint32
}

// Items calls fn for every conversation, in order.
func (l *List) Items(fn func(Item)) error {
	data, conv, limit := l.conv, int64(-1), int64(len(l.meta.ids))
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
		fn(item)
	}
	return nil
}

// smallItem reads an item all of whose numbers take a byte, by far the most;
// n is the number of bytes, 0 if it is none.
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

// Cursor finds conversations in a List, in ascending order.
type Cursor struct {
	list       *List
	conv, pass posting.Reader
	before     int64 // the last conversation read
	left       int   // items behind it
	skip       posting.Reader
	next       place
	more       bool // whether next is one
	err        error
}

// place is one of the skip list: where to read on behind a conversation.
type place struct {
	before, conv, pass int64
	items              int // in front of it
}

// Cursor returns one at the front of the list.
func (l *List) Cursor() *Cursor {
	c := &Cursor{list: l, skip: posting.NewReader(l.skip), next: place{before: -1}}
	c.jump(c.next)
	c.advance()
	return c
}

func (c *Cursor) jump(p place) {
	c.conv, c.pass = posting.NewReader(c.list.conv[p.conv:]), posting.NewReader(c.list.pass[p.pass:])
	c.before, c.left = p.before, c.list.count-p.items
}

// advance reads the next place of the skip list.
func (c *Cursor) advance() {
	if c.more = c.skip.Len() > 0; !c.more {
		return
	}
	for _, field := range []*int64{&c.next.before, &c.next.conv, &c.next.pass} {
		*field += int64(c.skip.Uvarint(1 << 40))
	}
	c.next.items += skipBlock
	if c.skip.Err() != nil || c.next.conv > int64(len(c.list.conv)) || c.next.pass > int64(len(c.list.pass)) {
		c.more, c.err = false, posting.ErrCorrupt
	}
}

// Seek appends the entries of a conversation to dst; none when the term does
// not occur there. Conversations ascend from call to call.
func (c *Cursor) Seek(conv uint32, dst []posting.Entry) []posting.Entry {
	best := place{before: c.before}
	for c.more && c.next.before < int64(conv) {
		best = c.next
		c.advance()
	}
	if best.before > c.before {
		c.jump(best)
	}
	for c.before < int64(conv) && c.left > 0 && c.err == nil {
		behind := c.conv
		item := readItem(&behind, c.before)
		if item.Conversation > conv {
			break
		}
		c.conv = behind
		if c.take(item); item.Conversation == conv {
			dst = c.entries(item, dst)
			break
		}
		c.skipEntries(item)
	}
	if c.conv.Err() != nil || c.pass.Err() != nil {
		c.err = posting.ErrCorrupt
	}
	return dst
}

// take notes that an item was read.
func (c *Cursor) take(item Item) {
	if c.conv.Err() != nil || int(item.Conversation) >= len(c.list.meta.ids) {
		c.err = posting.ErrCorrupt
	}
	c.before = int64(item.Conversation)
	c.left--
}

// Next appends the entries of the next conversation, which At returns then.
func (c *Cursor) Next(dst []posting.Entry) (entries []posting.Entry, more bool) {
	if c.err != nil || c.left <= 0 {
		return dst, false
	}
	item := readItem(&c.conv, c.before)
	entries = c.entries(item, dst)
	if c.conv.Err() != nil || c.pass.Err() != nil || c.err != nil {
		c.err = posting.ErrCorrupt
		return dst, false
	}
	c.before = int64(item.Conversation)
	c.left--
	return entries, true
}

// At returns the conversation that was read last.
func (c *Cursor) At() uint32 { return uint32(c.before) }

// Err returns ErrCorrupt if anything could not be read.
func (c *Cursor) Err() error { return c.err }

func (c *Cursor) entries(item Item, dst []posting.Entry) []posting.Entry {
	if int(item.Conversation) >= len(c.list.meta.ids) {
		c.err = posting.ErrCorrupt
		return dst
	}
	first, end := c.list.meta.Span(item.Conversation)
	before := int64(-1)
	for range item.Passages {
		e := c.pass.Entry(before, end-first)
		if c.pass.Err() != nil {
			return dst
		}
		dst, before = append(dst, e), int64(e.Passage)
	}
	return dst
}

// skipEntries reads over the entries of an item.
func (c *Cursor) skipEntries(item Item) {
	for range item.Passages {
		if c.pass.SkipEntry(); c.pass.Err() != nil {
			c.err = posting.ErrCorrupt
			return
		}
	}
}

// Conversations returns how many conversations have the term.
func (l *List) Conversations() int { return l.count }

// Passages returns how many passages have the term.
func (l *List) Passages() int { return l.passages }
