package search

import (
	"cmp"
	"slices"

	"griot/internal/search/posting"
	"griot/internal/search/token"
)

const (
	// passageWords is how many words that count a passage has at most. Longer
	// texts are cut into equal passages; ranking finds little difference
	// between 20 and 150.
	passageWords = 100
	// A word of a title or topic counts as much as titleWeight of the text.
	titleWeight = 2
	// maxRow is the most bytes of an encoded unit, well under table.MaxItem.
	// Only texts of unusual scripts reach it; their ends are not indexed.
	maxRow = 380 << 10
)

// analyse makes a unit's passages and terms.
func analyse(doc Doc) *posting.Unit {
	words := contentOf(doc.Summary, 1)
	text := contentOf(doc.Text, 1)
	if len(words) > 0 && len(text) > 0 {
		text[0].gap = true
	}
	words = append(words, text...)
	head := contentOf(doc.Title, titleWeight)
	for _, topic := range doc.Topics {
		head = append(head, contentOf(topic, titleWeight)...)
	}
	a := analysis{}
	for i, part := range cutWords(words) {
		if i == 0 {
			part = slices.Concat(head, part)
		}
		a.passage(part)
	}
	if !doc.At.IsZero() && len(a.found) > 0 {
		a.add(0, token.DateTerms(doc.At))
	}
	return a.unit()
}

// word is a term of a text. Gap says that it does not follow the word before
// it, but begins something else.
type word struct {
	term   string
	weight uint32
	gap    bool
	common bool // it does not tell texts apart, and counts for no length
}

// contentOf returns the words of a text; of titles, all of them count.
func contentOf(text string, weight uint32) []word {
	var words []word
	for t := range token.All(text) {
		words = append(words, word{t.Term, weight, len(words) == 0, t.Stop && weight == 1})
	}
	return words
}

// cutWords cuts words into passages with equally many that count.
func cutWords(words []word) [][]word {
	count := 0
	for _, w := range words {
		if !w.common {
			count++
		}
	}
	n := max(1, (count+passageWords-1)/passageWords)
	parts := make([][]word, 0, n)
	seen, from := 0, 0
	for i, w := range words {
		if len(parts)+1 < n && seen == count*(len(parts)+1)/n {
			parts, from = append(parts, words[from:i]), i
		}
		if !w.common {
			seen++
		}
	}
	return append(parts, words[from:])
}

// occurrence is a term at a position of a passage; noPosition for terms that
// stand for something written in several words.
type occurrence struct {
	term     string
	passage  uint32
	position uint32
	weight   uint32
}

const noPosition = ^uint32(0)

type analysis struct {
	lengths []uint32
	found   []occurrence
}

// passage adds the next one. Its length is at least 1, so that what has a
// passage has a length.
func (a *analysis) passage(words []word) {
	number, position := uint32(len(a.lengths)), uint32(0)
	var plain []string
	for _, w := range words {
		if w.gap {
			position++
		}
		if w.common {
			a.add(number, []string{w.term})
			continue
		}
		a.found = append(a.found, occurrence{w.term, number, position, w.weight})
		plain = append(plain, w.term)
		position++
	}
	a.lengths = append(a.lengths, max(1, uint32(len(plain))))
	a.add(number, token.Dates(plain))
}

func (a *analysis) add(passage uint32, terms []string) {
	for _, term := range terms {
		a.found = append(a.found, occurrence{term, passage, noPosition, 1})
	}
}

// unit orders what was found. A unit that would be too large loses its last
// passages; one without words has none.
func (a *analysis) unit() *posting.Unit {
	if len(a.found) == 0 {
		return &posting.Unit{}
	}
	slices.SortStableFunc(a.found, func(x, y occurrence) int {
		return cmp.Or(cmp.Compare(x.term, y.term), cmp.Compare(x.passage, y.passage))
	})
	u := a.encode()
	for len(a.lengths) > 1 && len(u.Encode()) > maxRow {
		a.lengths = a.lengths[:len(a.lengths)*7/8]
		a.found = slices.DeleteFunc(a.found, func(o occurrence) bool { return int(o.passage) >= len(a.lengths) })
		u = a.encode()
	}
	return u
}

func (a *analysis) encode() *posting.Unit {
	u := &posting.Unit{Lengths: a.lengths}
	for rest := a.found; len(rest) > 0; {
		entry, n := entryOf(rest)
		if last := len(u.Terms) - 1; last >= 0 && u.Terms[last].Text == rest[0].term {
			u.Terms[last].Entries = append(u.Terms[last].Entries, entry)
		} else {
			u.Terms = append(u.Terms, posting.Term{Text: rest[0].term, Entries: []posting.Entry{entry}})
		}
		rest = rest[n:]
	}
	return u
}

// entryOf makes an entry of the occurrences of a term in a passage, which
// begin the list, and returns how many they are.
func entryOf(found []occurrence) (e posting.Entry, n int) {
	e.Passage = found[0].passage
	before := uint32(0)
	for n < len(found) && found[n].term == found[0].term && found[n].passage == e.Passage {
		o := found[n]
		e.Weight += o.weight
		if o.position != noPosition {
			e.Positions = posting.AppendPosition(e.Positions, before, o.position)
			before = o.position
		}
		n++
	}
	return e, n
}
