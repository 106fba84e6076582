package rank

import (
	"encoding/binary"
	"slices"

	"griot/internal/search/analysis"
)

// phrase is terms, by number, that stand in one passage: at these places from
// the first, or anywhere in it if there are no places.
type phrase struct {
	terms    []int
	at       []int
	set      uint64
	excluded bool
}

// maxExcluded is how many terms of excluded phrases are looked for: all of a
// query that somebody typed. What is more is not excluded.
const maxExcluded = analysis.MaxTerms / 2

// maxPhrases is how many phrases count.
const maxPhrases = 64

// takePhrases takes the terms of phrases, of which the index knows some.
func (q *query) takePhrases(known map[string]inQuery, numbers map[string]int, asked analysis.Query) {
	for _, p := range asked.Excluded {
		if slices.ContainsFunc(p.Terms, func(text string) bool { return known[text].passages == 0 }) {
			continue // it stands nowhere
		}
		q.addPhrase(known, numbers, p, maxExcluded, true)
	}
	for _, p := range asked.Required {
		q.addPhrase(known, numbers, p, analysis.MaxTerms, false)
	}
}

// addPhrase adds a phrase whose terms the index knows, if they are not too
// many with those that there are.
func (q *query) addPhrase(known map[string]inQuery, numbers map[string]int, p analysis.Phrase, most int, excluded bool) {
	made := phrase{excluded: excluded}
	for i, text := range p.Terms {
		n, again := numbers[text]
		if !again {
			if len(q.terms) >= most {
				if excluded {
					return
				}
				continue
			}
			n = q.take(term{text: text, slot: -1, inQuery: known[text]})
			numbers[text] = n
		}
		made.terms = append(made.terms, n)
		if p.At != nil {
			made.at = append(made.at, p.At[i])
		}
		made.set |= 1 << n
	}
	if len(made.terms) == 0 || len(q.phrases) == maxPhrases {
		return
	}
	if excluded && len(made.terms) == 1 {
		q.excluded |= made.set
	}
	q.phrases = append(q.phrases, made)
}

// required is the terms without which nothing matches.
func (q *query) required() (set uint64) {
	for _, p := range q.phrases {
		if !p.excluded {
			set |= p.set
		}
	}
	return set
}

// stands reports whether a phrase stands in a passage; at says where its
// terms do.
func (p phrase) stands(at func(term int) []byte) bool {
	if len(p.terms) == 1 || p.at == nil {
		return true
	}
	var rest [analysis.MaxTerms]places
	for i, t := range p.terms {
		rest[i] = places{encoded: at(t)}
	}
	for first, more := rest[0].next(); more; first, more = rest[0].next() {
		all := true
		for i := 1; all && i < len(p.terms); i++ {
			all = rest[i].reaches(first - p.at[0] + p.at[i])
		}
		if all {
			return true
		}
	}
	return false
}

// places goes through the positions of a term in a passage.
type places struct {
	encoded []byte
	at      int
	begun   bool
}

// next returns the next place.
func (p *places) next() (at int, more bool) {
	step, n := binary.Uvarint(p.encoded)
	if n <= 0 {
		return 0, false
	}
	p.encoded = p.encoded[n:]
	p.at += int(step)
	p.begun = true
	return p.at, true
}

// reaches goes on to a place, or behind it if the term is not there.
func (p *places) reaches(wanted int) bool {
	for !p.begun || p.at < wanted {
		if _, more := p.next(); !more {
			return false
		}
	}
	return p.at == wanted
}
