package token

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// character yields a character of a script without spaces, before it the pair
// that it makes with the next one if that follows it at once. In scripts whose
// vowels are marks (Thai, Lao, Khmer, Burmese) pairs are of letters with their
// marks.
func (w *walker) character(start, end int) (from int, more bool) {
	w.sentence.end = 0
	if r, _ := utf8.DecodeRuneInString(w.text[start:]); !unicode.IsMark(r) {
		middle := clusterEnd(w.text, end)
		if last := secondEnd(w.text, middle); last > middle {
			w.paired = last
			if !w.pair(clip(fold(w.text[start:last])), characters(w.text[start:last]), start, last) {
				return end, false
			}
		}
	}
	term := clip(fold(w.text[start:end]))
	return end, term == "" || w.yield(Token{Term: term, Part: start < w.paired, Start: start, End: end})
}

// characters returns how many words a pair is.
func characters(pair string) int {
	n := 0
	for i := 0; i < len(pair); n++ {
		_, size := utf8.DecodeRuneInString(pair[i:])
		i = voiced(pair, i+size)
	}
	return n
}

// extra yields an extra, if there is something of it.
func (w *walker) extra(term string, spans, start, end int) bool {
	return term == "" || w.yield(Token{Term: term, Spans: spans, Start: start, End: end})
}

func (w *walker) pair(term string, spans, start, end int) bool {
	return term == "" || w.yield(Token{Term: term, Spans: spans, Pair: true, Start: start, End: end})
}

// secondEnd returns where the second character of a pair ends that begins at i;
// i if none does.
func secondEnd(text string, i int) int {
	r, size := utf8.DecodeRuneInString(text[i:])
	if classOf(r) != alone || unicode.IsMark(r) {
		return i
	}
	return clusterEnd(text, voiced(text, i+size))
}

// clusterMarks is how many marks a letter has at most.
const clusterMarks = 8

// clusterEnd returns where the marks end that follow a character.
func clusterEnd(text string, i int) int {
	for range clusterMarks {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsMark(r) || classOf(r) != alone {
			break
		}
		i += size
	}
	return i
}

// voiced returns where a character of kana ends whose sound marks begin at i.
func voiced(text string, i int) int {
	if r, size := utf8.DecodeRuneInString(text[i:]); r == 0x3099 || r == 0x309a || r == 0xff9e || r == 0xff9f {
		return i + size
	}
	return i
}

// maxSyllables is of how many syllables of a Korean word there are pairs.
const maxSyllables = 16

// syllables yields the pairs of syllables of a Korean word of more than two: of
// compounds, and of words with particles, which are written together.
func (w *walker) syllables(start, end int) bool {
	word := w.text[start:end]
	if r, _ := utf8.DecodeRuneInString(word); !unicode.Is(unicode.Hangul, r) {
		return true
	}
	if len(word) > 3*maxSyllables*3 { // decomposed, a syllable has three letters of three bytes
		word = word[:3*maxSyllables*3]
	}
	composed := []rune(norm.NFC.String(word))
	if len(composed) < 3 {
		return true
	}
	for i := 1; i < min(len(composed), maxSyllables); i++ {
		if hangul(composed[i-1]) && hangul(composed[i]) &&
			!w.pair(fold(string(composed[i-1:i+1])), 1, start, end) {
			return false
		}
	}
	return true
}

func hangul(r rune) bool { return 0xac00 <= r && r <= 0xd7a3 }
