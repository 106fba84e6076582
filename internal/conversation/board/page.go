package board

import (
	"slices"
	"sort"
)

// Selection is a part of a list.
type Selection struct {
	Order       Order
	Ascending   bool
	From        ID    // the lowest
	MinMemories int64 // only those with so many
	Offset      int
	After       *Place // only those behind it, in the list's direction
	Limit       int
}

func (s Selection) wants(e Entry) bool {
	return !e.Removed && e.Memories >= s.MinMemories && (s.From == ID{} || byID(Entry{ID: s.From}, e) <= 0)
}

// compare is in the list's direction.
func (s Selection) compare(p, q Place) int {
	if s.Ascending {
		return p.compare(q)
	}
	return q.compare(p)
}

// Select returns the entries of the selection and the number of all that match,
// however many of them it has.
func (b *Board) Select(s Selection) (found []Entry, total int) {
	late := b.wantedLate(s)
	return b.page(s, late), b.count(s) + len(late)
}

// wantedLate returns the late entries that match, in the list's order.
func (b *Board) wantedLate(s Selection) []Entry {
	var late []Entry
	for _, e := range b.late {
		if s.wants(e) {
			late = append(late, e)
		}
	}
	slices.SortFunc(late, func(x, y Entry) int { return s.compare(s.Order.Place(x), s.Order.Place(y)) })
	return late
}

// count counts the base's entries that match and are not late.
func (b *Board) count(s Selection) int {
	entries := b.base.entries
	first := sort.Search(len(entries), func(i int) bool { return byID(entries[i], Entry{ID: s.From}) >= 0 })
	if s.MinMemories > 0 {
		n := 0
		for _, e := range entries[first:] {
			if e.Memories >= s.MinMemories {
				if _, changed := b.late[e.ID]; !changed {
					n++
				}
			}
		}
		return n
	}
	n := len(entries) - first
	for conversation := range b.late {
		if byID(Entry{ID: conversation}, Entry{ID: s.From}) >= 0 && b.base.has(conversation) {
			n--
		}
	}
	return n
}

// page merges the base's entries, in the order, with the late ones.
func (b *Board) page(s Selection, late []Entry) (found []Entry) {
	at, skip := b.cursor(s), s.Offset
	late = late[afterIn(s, late):]
	for e, ok := at.next(); len(found) < s.Limit; {
		var next Entry
		switch {
		case !ok && len(late) == 0:
			return found
		case !ok || len(late) > 0 && s.compare(s.Order.Place(late[0]), s.Order.Place(e)) < 0:
			next, late = late[0], late[1:]
		default:
			next = e
			e, ok = at.next()
		}
		if skip > 0 {
			skip--
			continue
		}
		found = append(found, next)
	}
	return found
}

// afterIn is the first of some entries in the list's order that the selection
// begins with.
func afterIn(s Selection, entries []Entry) int {
	if s.After == nil {
		return 0
	}
	return sort.Search(len(entries), func(i int) bool { return s.compare(s.Order.Place(entries[i]), *s.After) > 0 })
}

// cursor goes through the base's entries that match and are not late.
type cursor struct {
	Selection
	*Board
	sorted []int32
	i      int // of the list
}

func (b *Board) cursor(s Selection) *cursor {
	c := &cursor{Selection: s, Board: b, sorted: b.base.by(s.Order)}
	if s.After != nil {
		c.i = sort.Search(len(c.sorted), func(i int) bool { return s.compare(s.Order.Place(c.entry(i)), *s.After) > 0 })
	}
	return c
}

// entry is the one at a place of the list.
func (c *cursor) entry(i int) Entry {
	if !c.Ascending {
		i = len(c.sorted) - 1 - i
	}
	return c.base.entries[c.sorted[i]]
}

func (c *cursor) next() (e Entry, ok bool) {
	for c.i < len(c.sorted) {
		e = c.entry(c.i)
		c.i++
		if _, changed := c.late[e.ID]; !changed && c.wants(e) {
			return e, true
		}
	}
	return Entry{}, false
}
