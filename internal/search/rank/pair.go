package rank

import "griot/internal/search/analysis"

// pair is two terms of a query that stand beside each other in it: the second
// so many words behind the first.
type pair struct{ first, second, apart int }

// neighbourShare is what a pair counts beside its terms where it stands so in a
// passage, too: of what the lesser of its terms counts there. So a term counts
// at most this much more for each pair that it is the commoner one of.
const neighbourShare = 0.2

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
		if apart := slot.At - last; has && before >= 0 && 0 < apart && apart <= maxApart {
			q.pairs = append(q.pairs, pair{before, n, apart})
		}
		before, last = n, slot.At
	}
}

// maxApart is how far apart the words of a pair stand at most.
const maxApart = 3

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
// other, or with at most so many words between them as in the query.
func (p pair) neighbours(first, second []byte) bool {
	a, b := places{encoded: first}, places{encoded: second}
	for at, more := a.next(); more; at, more = a.next() {
		for !b.begun || b.at < at-1 {
			if _, more := b.next(); !more {
				return false
			}
		}
		if b.at-at <= p.apart {
			return true
		}
	}
	return false
}
