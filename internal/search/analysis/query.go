package analysis

import (
	"cmp"
	"math"
	"slices"
	"strings"
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
	// Unclear: it may be in any language, so that all words are foreign in texts
	// that are.
	Unclear bool
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
	// Foreign: it is not English, and so may be inflected in ways that stems do
	// not know: it has near terms beside its own.
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

// What other terms count beside those that a query has as they are.
const (
	// numberShare is for numbers in what is looked for as a whole (a version, an
	// address), which are everywhere.
	numberShare = 0.25
	// wholeShare is for a whole beside its parts, particleShare for a verb with its
	// particle, beside which the verb says nearly as much.
	wholeShare, particleShare = 0.6, 0.3
	// characterShare is for characters of which there are pairs.
	characterShare = 0.4
	// syllableShare is for pairs of syllables beside the word that has them.
	syllableShare = 0.5
	// spellingShare is for what a letter with dots is also written as, and
	// maybeShare for a letter that two may stand for.
	spellingShare, maybeShare = 0.8, 0.3
	// formShare is for another form of a word, such as the one with an article.
	formShare = 0.5
	// nameShare is for names that look like a common word, which may have been
	// meant by a query without capitals.
	nameShare = 0.4
)

func (w queryWord) weight() float64 {
	switch {
	case frameWords()[w.Term]:
		return frameWeight
	case w.Part && '0' <= w.Term[0] && w.Term[0] <= '9':
		return numberShare
	case w.Part && w.Term[0] >= utf8.RuneSelf && utf8.RuneCountInString(w.Term) == 1:
		return characterShare
	case w.Pair && w.Spans == 1:
		return syllableShare
	case w.Spans > 1 && !w.Pair && !strings.ContainsAny(w.Term, "0123456789"):
		return cmp.Or(w.share, wholeShare)
	}
	return cmp.Or(w.share, 1)
}

// ParseQuery reads a query; any text is one. Stop words are looked for only
// if there is nothing else. Times that it speaks of are relative to now.
func ParseQuery(text string, now time.Time) Query {
	p := parse(text)
	q := Query{Unclear: p.language == unclear}
	for _, phrase := range p.phrases {
		if made := phrase.phrase(); phrase.excluded {
			q.Excluded = append(q.Excluded, made)
		} else if len(made.Terms) > 0 {
			q.Required = append(q.Required, made)
		}
	}
	content := p.content()
	q.Slots = slots(content)
	if !p.typed {
		q.weighLines(p, text)
	}
	if len(q.Slots) > MaxSlots {
		q.Slots = rarest(q.Slots, p.words)
	}
	return p.withTimes(q, when.Find(text, now))
}

// maxShort is how many words a query has that may be written without the
// capitals of its names.
const maxShort = 3

// shortNames are the common words that such a query may mean as names.
var shortNames = []string{"it", "us", "who", "will", "don", "can"}

// content returns the words to look for: all but stop words, and those, too, if
// there is nothing else. In a short query without capitals stop words may be
// names.
func (p parsed) content() []queryWord {
	isWord := func(w queryWord) bool { return w.Spans == 0 && !w.Stop }
	if !slices.ContainsFunc(p.words, isWord) {
		return p.words
	}
	var out []queryWord
	var form string
	for i, w := range p.words {
		if w.Spans > 1 && i+1 < len(p.words) && p.words[i+1].Spans == 0 && !p.words[i+1].Part {
			w.share = particleShare
		}
		switch {
		case w.Spans == 1 && !w.Pair: // of the next word, or if that is a stop word, of a name
			form = w.Term
			continue
		case !w.Stop:
			w.form = form
			out = append(out, w)
		case form != "":
			out = append(out, w.named(form, 1))
		case p.short && slices.Contains(shortNames, w.Term):
			out = append(out, w.named(token.Name(w.Term), nameShare))
		}
		form = ""
	}
	return out
}

// named returns a stop word as the name as which it is written.
func (w queryWord) named(name string, share float64) queryWord {
	w.Term, w.Stop, w.share = name, false, share
	w.written, w.word, w.begins = "", "", false
	return w
}

// slots makes one of each word, behind them those of what is written in several
// or is a part of one: extras and dates. So words that are neighbours in the
// query are so here.
func slots(words []queryWord) []Slot {
	var out, extras []Slot
	var terms []string
	seen := map[string]int{}
	for _, w := range words {
		if w.Spans > 0 {
			extras = append(extras, Slot{Terms: []Term{{w.Term, w.weight()}}, At: noPlace})
			continue
		}
		terms = append(terms, w.Term)
		slot := w.slot()
		if i, again := seen[w.Term]; again {
			out[i].Begins = out[i].Begins || slot.Begins
			out[i].Terms[0].Weight = max(out[i].Terms[0].Weight, slot.Terms[0].Weight)
			continue
		}
		seen[w.Term] = len(out)
		out = append(out, slot)
	}
	for _, date := range token.Dates(terms) {
		extras = append(extras, Slot{Terms: []Term{{date, 1}}, At: noPlace})
	}
	for _, slot := range extras {
		term := slot.Terms[0].Text
		if _, again := seen[term]; !again {
			seen[term] = len(out)
			out = append(out, slot)
		}
	}
	return out
}

// slot returns the slot of a word.
func (w queryWord) slot() Slot {
	slot := Slot{Terms: []Term{{w.Term, w.weight()}}, Begins: w.begins, At: w.at}
	if w.form != "" {
		slot.Terms = append(slot.Terms, Term{w.form, formShare * w.weight()})
	}
	if w.quoted || w.Stop || w.written == "" {
		return slot
	}
	slot.Word, slot.Foreign = w.word, w.foreign
	share := maybeShare
	spellings, certain := token.Spellings(w.written)
	if certain {
		share = spellingShare
	}
	for _, term := range spellings {
		slot.Terms = append(slot.Terms, Term{term, share * slot.Terms[0].Weight})
	}
	return slot
}

// fewLines is how many lines a pasted text has at least of which some say the
// same again and again.
const fewLines = 10

// weighLines makes less of words that stand in many lines of a pasted text, as
// logs and stack traces have them: by how rare a word is among the lines, as
// the index does by how rare it is among texts.
func (q *Query) weighLines(p parsed, text string) {
	in, last, line, at := map[string]int{}, map[string]int{}, 1, 0
	for _, w := range p.words {
		line += strings.Count(text[at:w.Start], "\n")
		at = w.Start
		if last[w.Term] < line {
			last[w.Term] = line
			in[w.Term]++
		}
	}
	if line < fewLines {
		return
	}
	rare := func(lines int) float64 {
		return math.Log1p((float64(line-lines) + 0.5) / (float64(lines) + 0.5))
	}
	for i := range q.Slots {
		for t := range q.Slots[i].Terms {
			if term := &q.Slots[i].Terms[t]; in[term.Text] > 1 {
				term.Weight *= rare(in[term.Text]) / rare(1)
			}
		}
	}
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
