package token

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is what tells whether a capital does: what stands before a word.
type sentence struct {
	end    int  // where the word before ended; 0 if there was none
	inside bool // the word at hand is not the first of a sentence
	second bool // the word before was the first of this one
	small  bool // the word before began with no capital
	loud   int  // how many words there were since one with small letters
	quiet  bool // there was one
}

// lookAround is how many words on either side tell whether a text is all in
// capitals.
const lookAround = 3

// begin tells of a word at hand.
func (s *sentence) begin(text string, start int) {
	wasInside := s.inside
	s.inside = s.end > 0 && plainGap(text[s.end:start])
	s.second = s.inside && !wasInside
}

// over tells that the word is over.
func (s *sentence) over(text string, start, end int) {
	first, _ := utf8.DecodeRuneInString(text[start:])
	s.end, s.small = end, !unicode.IsUpper(first)
	if s.loud++; hasSmall(text[start:end]) {
		s.quiet, s.loud = true, 0
	}
}

// plainGap reports whether what stands between two words is white space of a
// line, or that behind a comma.
func plainGap(gap string) bool {
	gap = strings.TrimPrefix(gap, ",")
	for _, r := range gap {
		if r != ' ' && r != '\t' && r != '\u00a0' {
			return false
		}
	}
	return gap != ""
}

// name returns the term of a stop word that is written as a name, "" if it is
// none: in capitals among words that are not (IT, US), or with a capital inside
// a sentence (Will, Who). At the beginning of a sentence a capital tells
// nothing; but there the verb is followed by its subject (Will you, Will Anna),
// the name by a verb, a comma, or an apostrophe. The terms of such names are
// the only ones with capitals.
func (w *walker) name(start, end int) string {
	word := w.text[start:end]
	if i := strings.IndexAny(word, "'’"); i > 0 {
		word = word[:i]
	}
	first, size := utf8.DecodeRuneInString(word)
	if len(word) <= size || !unicode.IsUpper(first) {
		return ""
	}
	title := string(first) + strings.ToLower(word[size:])
	switch {
	case !hasSmall(word):
		if w.shouted(end) {
			return ""
		}
	case word != title:
		return ""
	case w.sentence.inside:
		if !w.sentence.small && !w.sentence.second {
			return ""
		}
	case title != "Will" && title != "Don" || len(word) == end-start && !w.verbFollows(end):
		return ""
	}
	return title
}

// shouted reports whether a word in capitals stands among such words only. One
// that is all there is does not.
func (w *walker) shouted(end int) bool {
	if w.sentence.quiet && w.sentence.loud < lookAround {
		return false
	}
	others := w.sentence.end > 0
	for range lookAround {
		start, last, kind := next(w.text, end)
		if kind == other {
			break
		}
		if hasSmall(w.text[start:last]) {
			return false
		}
		end, others = last, true
	}
	return others
}

// verbFollows reports whether the word behind the first one of a sentence is
// neither its subject nor the beginning of it.
func (w *walker) verbFollows(end int) bool {
	if strings.HasPrefix(w.text[end:], ",") {
		return true
	}
	start, last, kind := next(w.text, end)
	if kind != letter || !plainGap(w.text[end:start]) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(w.text[start:])
	_, stop := normalise(w.text[start:last])
	return unicode.IsLower(first) && !stop
}

// hasSmall reports whether there is a small letter in a word, as far as it
// counts.
func hasSmall(word string) bool {
	for _, r := range word[:min(len(word), maxWord)] {
		if 'a' <= r && r <= 'z' || r >= utf8.RuneSelf && !unicode.IsUpper(r) && unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// Name returns the term that a stop word has where it is written as a name.
func Name(stop string) string { return strings.ToUpper(stop[:1]) + stop[1:] }
