package rank

import "griot/internal/search/analysis"

// pair is two terms of a query, by number, that stand beside each other in it.
type pair struct{ first, second int }

// neighbourShare is what a pair counts beside its terms where it stands so in a
// passage, too, in either order: of what the lesser of its terms counts there.
// So a term counts at most this much more for each pair that it is the commoner
// one of.
const neighbourShare = 0.3

// pair finds the pairs of a query's own terms.
func (q *query) pair(slots []analysis.Slot) {
	own := map[int]int{} // by slot: its own term
	for n, t := range q.terms {
		if t.slot >= 0 && !t.near && t.text == slots[t.slot].Terms[0].Text {
			own[t.slot] = n
		}
	}
	before, last := -1, 0 // the term before, and its place
	for i, slot := range slots {
		if slot.At < 0 {
			continue
		}
		n, has := own[i]
		if !has {
			n = -1
		}
		if has && before >= 0 && slot.At == last+1 {
			q.pairs = append(q.pairs, pair{before, n})
		}
		before, last = n, slot.At
	}
}

// pairsOf returns of how many pairs a term is the one that counts less.
func (q *query) pairsOf(t int) int {
	n := 0
	for _, p := range q.pairs {
		lesser := p.first
		if q.passageIDF[p.second] < q.passageIDF[p.first] {
			lesser = p.second
		}
		if lesser == t {
			n++
		}
	}
	return n
}

// neighbours reports whether terms with these positions stand beside each
// other.
func neighbours(first, second []byte) bool {
	a, b := places{encoded: first}, places{encoded: second}
	for at, more := a.next(); more; at, more = a.next() {
		for !b.begun || b.at < at-1 {
			if _, more := b.next(); !more {
				return false
			}
		}
		if b.at <= at+1 {
			return true
		}
	}
	return false
}
