package analysis

import (
	"cmp"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"griot/internal/search/token"
	"griot/internal/search/when"
)

const (
	// MaxTerms is how many different terms of a query are looked for.
	MaxTerms = 64
	// MaxSlots is of how many different words of a query the index is asked how
	// rare they are: of a longer text, those that look rarest.
	MaxSlots = 256
)

// Query is what a text asks for: any of its slots, all required phrases, and
// none of the excluded ones.
type Query struct {
	Slots    []Slot // in the order of the text
	Required []Phrase
	Excluded []Phrase
	// Within are times, one of which a memory has to have for its words to count,
	// and a conversation a memory of; nil: any time will do.
	Within []string
}

// Slot is a word of a query, with the terms that stand for it. All of them
// that a text has count, each by its own weight.
type Slot struct {
	Terms []Term // the word's own first
	// Word is the word as it is written, in lower case and without accents;
	// "" where only Terms will do. A word of which the index knows no term has
	// near terms of the index in its place.
	Word string
	// Foreign: it may be inflected in ways that stems do not know, so that it has
	// near terms beside its own.
	Foreign bool
	// Begins: it stands for all words that begin so.
	Begins bool
	// At is its place among the words of the query, for neighbours.
	At int
	// Time: its terms are times, and which of them a memory has makes no
	// difference, nor how often, nor how long the memory is: they are as rare as
	// all of them together, and one of them counts.
	Time bool
	// Raises: a text that has nothing of a query but such slots does not match.
	Raises bool
}

// Term is a term to look for. A weight of 1 is that of a word of the query.
type Term struct {
	Text   string
	Weight float64
}

// Phrase is terms that stand so in a text: At are their places, from the
// first. Places left out are for words that are too common to have one.
// Without places the terms stand in the same passage, in any order.
type Phrase struct {
	Terms []string
	At    []int
}

// Texts returns the terms of all slots.
func (q Query) Texts() []string {
	var out []string
	for _, slot := range q.Slots {
		for _, term := range slot.Terms {
			out = append(out, term.Text)
		}
	}
	return out
}

// frameWeight is what a frame word counts: one that frames a question about a
// conversation and says little about what was talked of.
const frameWeight = 0.4

var frameWords = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for t := range token.All(
		"summarize summarise summary discuss discussion say think talk mention tell describe explain opinion meeting conversation ask") {
		m[t.Term] = true
	}
	return m
})

func weightOf(term string) float64 {
	if frameWords()[term] {
		return frameWeight
	}
	return 1
}

// ParseQuery reads a query; any text is one. Stop words are looked for only
// if there is nothing else. Times that it speaks of are relative to now.
func ParseQuery(text string, now time.Time) Query {
	p := parse(text)
	var q Query
	for _, phrase := range p.phrases {
		if made := phrase.phrase(); phrase.excluded {
			q.Excluded = append(q.Excluded, made)
		} else if len(made.Terms) > 0 {
			q.Required = append(q.Required, made)
		}
	}
	content := slices.DeleteFunc(slices.Clone(p.words), func(w queryWord) bool { return w.Stop })
	if len(content) == 0 {
		content = p.words
	}
	q.Slots = slots(content)
	if len(q.Slots) > MaxSlots {
		q.Slots = rarest(q.Slots, p.words)
	}
	return p.withTimes(q, when.Find(text, now))
}

// slots makes one of each word, and of each date that is written in several.
func slots(words []queryWord) []Slot {
	var out []Slot
	var terms []string
	seen := map[string]int{}
	for _, w := range words {
		terms = append(terms, w.Term)
		if i, again := seen[w.Term]; again {
			out[i].Begins = out[i].Begins || w.begins
			continue
		}
		seen[w.Term] = len(out)
		slot := Slot{Terms: []Term{{w.Term, weightOf(w.Term)}}, Begins: w.begins, At: w.at}
		if !w.quoted && !w.Stop {
			slot.Word, slot.Foreign = w.word, w.foreign
		}
		out = append(out, slot)
	}
	for _, date := range token.Dates(terms) {
		if _, again := seen[date]; !again {
			seen[date] = len(out)
			out = append(out, Slot{Terms: []Term{{date, 1}}, At: noPlace})
		}
	}
	return out
}

// noPlace is the place of slots that stand for no single word.
const noPlace = -1 << 20

// rarest returns the slots, in their order, whose words look rarest: what
// looks like a word before numbers, names of code and the like, then those that
// the text has less often, then the longer ones. The index knows better, but
// asking costs reads.
func rarest(all []Slot, words []queryWord) []Slot {
	times := map[string]int{}
	for _, w := range words {
		times[w.Term]++
	}
	type guess struct {
		slot, class, times, length int
	}
	guesses := make([]guess, len(all))
	for i, s := range all {
		term := s.Terms[0].Text
		g := guess{slot: i, class: 1, times: times[term], length: utf8.RuneCountInString(term)}
		if plainWord(term) && 3 <= g.length && g.length <= 16 {
			g.class = 0
		}
		guesses[i] = g
	}
	slices.SortStableFunc(guesses, func(a, b guess) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.times, b.times), cmp.Compare(b.length, a.length))
	})
	guesses = guesses[:MaxSlots]
	slices.SortFunc(guesses, func(a, b guess) int { return cmp.Compare(a.slot, b.slot) })
	out := make([]Slot, len(guesses))
	for i, g := range guesses {
		out[i] = all[g.slot]
	}
	return out
}
