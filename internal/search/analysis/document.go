// Package analysis turns documents and queries into terms: what is indexed of
// a document, and what is looked for.
package analysis

import (
	"cmp"
	"slices"
	"time"

	"griot/internal/search/posting"
	"griot/internal/search/token"
)

// Doc is a unit to index. Title and Summary are for the conversation's own
// unit, Text is a memory's; any of them may be empty, and all are searched.
type Doc struct {
	Conversation string // its id, without "#"
	Memory       string // its id; "" is the conversation's own unit
	Title        string
	Summary      string
	Text         string
	Topics       []string
	At           time.Time // when it happened (eventTime, else timestamp); zero in a conversation's own unit
}

const (
	// passageWords is the most content words (all but stop words) of a passage.
	// Longer texts are cut into equal passages; ranking hardly changes between
	// 20 and 150.
	passageWords = 100
	// titleWeight is how many occurrences in the text one in a title or topic
	// is worth.
	titleWeight = 2
	// maxUnit is the most bytes of an encoded unit, well under table.MaxItem.
	// Only texts in unusual scripts reach it; their ends are not indexed.
	maxUnit = 380 << 10
)

// Unit returns the passages and terms of a document. Stop words are indexed
// without a position, though positions count them, and count towards no
// length: only queries that consist of nothing else look for them. Extras (see
// package token) count towards no length either.
func Unit(doc Doc) *posting.Unit {
	body := words(doc.Summary, 1)
	text := words(doc.Text, 1)
	if len(body) > 0 && len(text) > 0 {
		text[0].gap = true
	}
	body = append(body, text...)
	head := words(doc.Title, titleWeight)
	for _, topic := range doc.Topics {
		head = append(head, words(topic, titleWeight)...)
	}
	b := builder{}
	for i, passage := range passages(body) {
		if i == 0 {
			passage = slices.Concat(head, passage)
		}
		b.addPassage(passage)
	}
	if !doc.At.IsZero() && len(b.occurrences) > 0 {
		b.addUnplaced(0, token.DateTerms(doc.At))
	}
	return b.unit()
}

// word is a term of a text, as it stands there.
type word struct {
	term   string
	weight uint32
	gap    bool   // it begins another text: it is no neighbour of the word before it
	stop   bool   // it does not tell texts apart
	spans  uint32 // of an extra, how many words it stands for: those behind it
	pair   bool
}

// counts reports whether a word counts to the length of its text.
func (w word) counts() bool { return !w.stop && w.spans == 0 }

// words returns the words of a text. In titles, which have a weight, stop
// words count like all others.
func words(text string, weight uint32) []word {
	var out []word
	for t := range token.All(text) {
		out = append(out, word{t.Term, weight, len(out) == 0, t.Stop && weight == 1, uint32(t.Spans), t.Pair})
	}
	return out
}

// passages cuts a text into parts with equally many content words.
func passages(text []word) [][]word {
	content := 0
	for _, w := range text {
		if w.counts() {
			content++
		}
	}
	n := max(1, (content+passageWords-1)/passageWords)
	parts := make([][]word, 0, n)
	seen, from := 0, 0
	for i, w := range text {
		if len(parts)+1 < n && seen == content*(len(parts)+1)/n {
			parts, from = append(parts, text[from:i]), i
		}
		if w.counts() {
			seen++
		}
	}
	return append(parts, text[from:])
}

// occurrence is a term at a position of a passage.
type occurrence struct {
	term     string
	passage  uint32
	position uint32 // or unplaced
	weight   uint32
}

// unplaced is the position of stop words and of terms that stand for
// something written in several words.
const unplaced = ^uint32(0)

// builder collects the occurrences of a unit.
type builder struct {
	lengths     []uint32 // of passages, in content words
	occurrences []occurrence
}

// addPassage adds the next passage. Its length is at least 1, so that it can
// be told from a unit that has none.
func (b *builder) addPassage(text []word) {
	passage, position := uint32(len(b.lengths)), uint32(0)
	var content []string
	for _, w := range text {
		if w.gap {
			position++
		}
		if w.spans > 0 {
			b.addExtra(w, passage, position)
			continue
		}
		if w.stop {
			b.addUnplaced(passage, []string{w.term})
			position++
			continue
		}
		b.occurrences = append(b.occurrences, occurrence{w.term, passage, position, w.weight})
		content = append(content, w.term)
		position++
	}
	b.lengths = append(b.lengths, max(1, uint32(len(content))))
	b.addUnplaced(passage, token.Dates(content))
}

// addExtra adds an extra, which is a neighbour of the word before those that it
// stands for, and of the one behind them. Pairs have their characters for that.
func (b *builder) addExtra(w word, passage, position uint32) {
	b.occurrences = append(b.occurrences, occurrence{w.term, passage, position, w.weight})
	if w.spans > 1 && !w.pair {
		b.occurrences = append(b.occurrences, occurrence{w.term, passage, position + w.spans - 1, 0})
	}
}

func (b *builder) addUnplaced(passage uint32, terms []string) {
	for _, term := range terms {
		b.occurrences = append(b.occurrences, occurrence{term, passage, unplaced, 1})
	}
}

// unit sorts the occurrences into postings. A unit that would be too large
// loses its last passages; one without words has none.
func (b *builder) unit() *posting.Unit {
	if len(b.occurrences) == 0 {
		return &posting.Unit{}
	}
	slices.SortStableFunc(b.occurrences, func(x, y occurrence) int {
		return cmp.Or(cmp.Compare(x.term, y.term), cmp.Compare(x.passage, y.passage), cmp.Compare(x.position, y.position))
	})
	u := b.postings()
	for len(b.lengths) > 1 && len(u.Encode()) > maxUnit {
		b.lengths = b.lengths[:len(b.lengths)*7/8]
		b.occurrences = slices.DeleteFunc(b.occurrences, func(o occurrence) bool { return int(o.passage) >= len(b.lengths) })
		u = b.postings()
	}
	return u
}

// postings makes one entry of the sorted occurrences of a term in a passage.
func (b *builder) postings() *posting.Unit {
	u := &posting.Unit{Lengths: b.lengths}
	for i, before := 0, uint32(0); i < len(b.occurrences); i++ {
		o := b.occurrences[i]
		newTerm := i == 0 || b.occurrences[i-1].term != o.term
		if newTerm {
			u.Terms = append(u.Terms, posting.Term{Text: o.term})
		}
		t := &u.Terms[len(u.Terms)-1]
		if newTerm || b.occurrences[i-1].passage != o.passage {
			t.Entries, before = append(t.Entries, posting.Entry{Passage: o.passage}), 0
		}
		e := &t.Entries[len(t.Entries)-1]
		e.Weight += o.weight
		if o.position != unplaced {
			e.Positions = posting.AppendPosition(e.Positions, before, o.position)
			before = o.position
		}
	}
	return u
}
