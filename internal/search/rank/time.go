package rank

import (
	"math/bits"
	"slices"

	"griot/internal/search/analysis"
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

// addTimes adds what times count. Of each the best term of a unit does, in the
// passage that its words make the best: a unit's times stand in its first one,
// whatever that says. (Bounds hold: what is moved is no more than what terms
// count where they stand, one of them for each unit.)
func (s *scorer) addTimes() {
	for _, slot := range s.q.times.slots {
		for i := range s.units {
			u := &s.units[i]
			most, at := 0.0, 0
			for _, h := range s.hits[u.firstHit:u.endHit] {
				if slot&(1<<h.term) == 0 {
					continue
				}
				if counts := s.counts(h); counts > most {
					most, at = counts, h.passage
				}
			}
			if most == 0 {
				continue
			}
			for p := u.first; p < u.end; p++ {
				if s.scores[p] > s.scores[at] {
					at = p
				}
			}
			s.scores[at] += most
		}
	}
}

// wholeTimes returns what times count in the conversation at hand as one text:
// of each the best term.
func (s *scorer) wholeTimes(norm float64) (sum float64) {
	for _, slot := range s.q.times.slots {
		most := 0.0
		for set := slot; set != 0; set &= set - 1 {
			t := bits.TrailingZeros64(set)
			most = max(most, s.q.wholeIDF[t]*tf(s.weights[t], norm))
		}
		sum += most
	}
	return sum
}
