package analysis

import (
	"slices"

	"griot/internal/search/when"
)

const (
	// maxTimes is how many times of a query count: few speak of more.
	maxTimes = 2
	// longTime is how many days a time has, at least, that does not find by
	// itself what happened then: too much did.
	longTime = 45
)

// withTimes adds slots of the times that a query speaks of to those of its
// words. In quotes, behind a minus sign and in a pasted text they are words
// only.
func (p parsed) withTimes(q Query, spans []when.Span) Query {
	spans = slices.DeleteFunc(spans, func(s when.Span) bool {
		return slices.ContainsFunc(p.phrases, func(of writtenPhrase) bool { return of.start < s.End && s.Start < of.end })
	})
	if !p.typed || len(spans) == 0 {
		return q
	}
	asksMore := false // than when something happened
	for _, w := range p.words {
		if slices.ContainsFunc(spans, func(s when.Span) bool { return s.Start <= w.Start && w.End <= s.End }) {
			q.withoutNear(w.Term)
		} else if !w.Stop && !frameWords()[w.Term] && w.Term != happens {
			asksMore = true
		}
	}
	for _, s := range spans[:min(maxTimes, len(spans))] {
		slot := Slot{At: noPlace, Time: true, Raises: asksMore && s.Days() >= longTime}
		for _, term := range s.Terms() {
			slot.Terms = append(slot.Terms, Term{term, 1})
		}
		if len(slot.Terms) > 0 {
			q.Slots = append(q.Slots, slot)
		}
	}
	return q
}

// happens is the term of "what happened".
const happens = "happen"

// withoutNear leaves a word to count as it is written: what is spelt like a time
// is none.
func (q Query) withoutNear(term string) {
	for i := range q.Slots {
		if q.Slots[i].Terms[0].Text == term {
			q.Slots[i].Word = ""
		}
	}
}
