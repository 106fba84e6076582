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
	// timeWeight is what a time counts. A word of a memory stands in the title of
	// its conversation, too, as often as not; its time never does.
	timeWeight = 1.5
)

// withTimes adds slots of the times that a query speaks of to those of its
// words. In quotes, behind a minus sign and in a pasted text they are words
// only. Beside a time its own words are a frame: "last" says little of a text,
// and who asks "what did we decide last week" wants that week's decisions in
// whatever words.
func (p parsed) withTimes(q Query, spans []when.Span) Query {
	spans = slices.DeleteFunc(spans, func(s when.Span) bool {
		return slices.ContainsFunc(p.phrases, func(of writtenPhrase) bool { return of.start < s.End && s.Start < of.end })
	})
	if !p.typed || len(spans) == 0 {
		return q
	}
	asksMore := false // than when something happened
	for i, w := range p.words {
		switch {
		case slices.ContainsFunc(spans, func(s when.Span) bool { return s.Start <= w.Start && w.End <= s.End }):
			q.frame(w.Term, true)
		case p.asks(i):
			q.frame(w.Term, false)
		case !w.Stop && !frameWords()[w.Term] && w.Term != happens:
			asksMore = true
		}
	}
	for _, s := range spans[:min(maxTimes, len(spans))] {
		slot := Slot{At: noPlace, Time: true, Raises: asksMore && s.Days() >= longTime}
		for _, term := range s.Terms() {
			slot.Terms = append(slot.Terms, Term{term, timeWeight})
		}
		if len(slot.Terms) > 0 {
			q.Slots = append(q.Slots, slot)
		}
	}
	return q
}

// happens is the term of "what happened".
const happens = "happen"

// asks reports whether a word is what is asked for: the verb of "what did we
// decide", "what have I done".
func (p parsed) asks(i int) bool {
	if i < 3 || p.words[i].Stop {
		return false
	}
	is := func(i int, words ...string) bool { return slices.Contains(words, p.words[i].word) }
	return is(i-3, "what", "who", "whom", "which", "where", "why", "how") &&
		is(i-2, "did", "have", "has", "do", "does", "had") &&
		is(i-1, "we", "i", "you", "they", "he", "she", "it", "people", "everybody", "anybody", "anyone")
}

// frame has a word count as one that frames a question. Those of times count as
// they are written: what is spelt like one is none.
func (q Query) frame(term string, time bool) {
	for i := range q.Slots {
		if slot := &q.Slots[i]; slot.Terms[0].Text == term {
			slot.Terms[0].Weight = frameWeight
			if time {
				slot.Word = ""
			}
		}
	}
}
