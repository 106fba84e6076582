package rank

import (
	"math/bits"
	"slices"

	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/posting"
)

// times are the slots of a query that stand for times.
type times struct {
	slots  []uint64 // the terms of each, by number
	terms  uint64   // of all of them
	raises uint64   // the terms of those without which something else has to match
}

// takeTimes notes which of the terms that were taken are times.
func (q *query) takeTimes(slots []analysis.Slot) {
	bySlot := make([]uint64, len(slots))
	for n, t := range q.terms {
		if t.slot >= 0 && slots[t.slot].Time {
			bySlot[t.slot] |= 1 << n
		}
	}
	for i, set := range bySlot {
		if set == 0 {
			continue
		}
		q.times.slots, q.times.terms = append(q.times.slots, set), q.times.terms|set
		if slots[i].Raises {
			q.times.raises |= set
		}
	}
}

// maxWithin is how many times a query can be held to here. What it is held to
// is checked by its caller anyway, memory by memory.
const maxWithin = analysis.MaxTerms / 2

// takeWithin takes the times that a query is held to. It reports whether the
// index knows any of them, if there are some.
func (q *query) takeWithin(known map[string]inQuery, numbers map[string]int, within []string) (some bool) {
	there := slices.DeleteFunc(slices.Clone(within), func(text string) bool { return known[text].passages == 0 })
	if len(there) > maxWithin || len(within) == 0 {
		return true
	}
	for _, text := range there {
		numbers[text] = q.take(term{text: text, slot: -1, inQuery: known[text]})
		q.within |= 1 << numbers[text]
	}
	return len(there) > 0
}

// keepWithin leaves out what the conversation at hand has of other times than
// the query is held to: of its memories, and of what it is called if none is
// left. Lengths stay as they are, which bounds rest on.
func (s *scorer) keepWithin() {
	any := false
	for i := range s.units {
		if u := &s.units[i]; !u.own && s.has(u, s.q.within) {
			u.within, any = true, true
		}
	}
	for i := range s.units {
		if u := &s.units[i]; !u.within && !(u.own && any) {
			for p := u.first; p < u.end; p++ {
				s.terms[p] = 0
			}
			for h := u.firstHit; h < u.endHit; h++ {
				s.weights[s.hits[h].term] -= s.hits[h].weight
				s.hits[h].weight = 0
			}
		}
	}
}

// has reports whether a unit has any of some terms.
func (s *scorer) has(u *unit, terms uint64) bool {
	for _, of := range s.terms[u.first:u.end] {
		if of&terms != 0 {
			return true
		}
	}
	return false
}

// addTimes adds what times count: for each unit that is of one, in the passage
// that its words make the best, since a unit's times stand in its first one,
// whatever that says. How long a text is makes no difference to when it was.
func (s *scorer) addTimes() {
	for _, slot := range s.q.times.slots {
		for i := range s.units {
			u := &s.units[i]
			h := slices.IndexFunc(s.hits[u.firstHit:u.endHit], func(h hit) bool { return slot&(1<<h.term) != 0 && h.weight > 0 })
			if h < 0 {
				continue
			}
			found := s.hits[u.firstHit+h]
			best := found.passage
			for p := u.first; p < u.end; p++ {
				if s.scores[p] > s.scores[best] {
					best = p
				}
			}
			s.scores[best] += s.q.passageIDF[found.term]
		}
	}
}

// wholeTimes returns what times count in the conversation at hand as one text.
func (s *scorer) wholeTimes() (sum float64) {
	for _, slot := range s.q.times.slots {
		for set := slot; set != 0; set &= set - 1 {
			if t := bits.TrailingZeros64(set); s.weights[t] > 0 {
				sum += s.q.wholeIDF[t]
				break
			}
		}
	}
	return sum
}

// addTimes adds to the bounds what times count in a conversation that has them,
// however many of them and in however many units.
func (b *bounds) addTimes() {
	for _, slot := range b.q.times.slots {
		whole, passage := b.q.mostOf(bits.TrailingZeros64(slot))
		most := float32(whole + passage*maxShareSum)
		split := index.NewBits(len(b.split.bounds))
		addSplit := func(n int32) {
			if !split.Has(uint32(n)) {
				split.Set(uint32(n))
				b.split.bounds[n] += most
			}
		}
		for s, alone := range b.alone {
			seen, marks := index.NewBits(len(alone)), b.marks[s]
			for set := slot; set != 0; set &= set - 1 {
				list := b.q.lists[s][bits.TrailingZeros64(set)]
				if list == nil {
					continue
				}
				for _, conv := range list.conversations {
					switch {
					case seen.Has(conv):
						continue
					case marks == nil || !marks.Has(conv):
						alone[conv] += most
					default:
						addSplit(b.splitAt(s, conv))
					}
					seen.Set(conv)
				}
			}
		}
		for set := slot; set != 0; set &= set - 1 {
			b.addTimeRows(b.q.terms[bits.TrailingZeros64(set)].rows, addSplit)
		}
	}
}

// addTimeRows tells add of the conversations of which rows of the tail have a
// time.
func (b *bounds) addTimeRows(rows [][]posting.Entry, add func(n int32)) {
	for i, c := range b.q.tail {
		for r := c.first; rows != nil && r < c.end; r++ {
			if len(rows[r]) > 0 {
				add(b.inTail[i])
			}
		}
	}
}
