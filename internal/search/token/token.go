// Package token makes the terms of texts and queries: words in lower case
// without accents, stemmed as English, without stop words, and dates.
package token

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"griot/internal/text"
)

// maxWord is the most bytes of a word that count; the rest of it is ignored, in
// texts and queries alike.
const maxWord = 64

// Token is a word of a text.
type Token struct {
	Term       string // what the index knows it by
	Stop       bool   // it is a stop word, too common to tell texts apart
	Start, End int    // its bytes in the text
}

// All yields the words of a text in order. In scripts without spaces between
// words, each letter is a word.
func All(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for from := 0; ; {
			start, end := next(text, from)
			if start == end {
				return
			}
			from = end
			term, stop := normalise(text[start:end])
			if term != "" && !yield(Token{Term: term, Stop: stop, Start: start, End: end}) {
				return
			}
		}
	}
}

// Words yields the words of a text as they are written, in lower case and
// without accents: for names that are compared letter by letter.
func Words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for start, end := next(text, 0); start < end; start, end = next(text, end) {
			if word := fold(text[start:end]); word != "" && !yield(word) {
				return
			}
		}
	}
}

// next finds the first word that begins at or after from; start == end when
// there is none.
func next(text string, from int) (start, end int) {
	start = -1
	for i := from; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch kind := classOf(r); {
		case kind == letter && start < 0:
			start = i
		case kind == alone && start < 0:
			return i, i + size
		case kind == alone, kind == other && start >= 0 && !joins(text, i, r, size):
			return start, i
		}
		i += size
	}
	if start < 0 {
		return len(text), len(text)
	}
	return start, len(text)
}

// joins reports whether an apostrophe has letters on both sides.
func joins(text string, i int, r rune, size int) bool {
	if r != '\'' && r != '’' {
		return false
	}
	after, _ := utf8.DecodeRuneInString(text[i+size:])
	return classOf(after) == letter
}

type class uint8

const (
	other  class = iota // between words
	letter              // of a word: letters, digits and marks
	alone               // a word by itself
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return letter
		}
		return other
	case r == utf8.RuneError:
		return other
	case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
		return other
	case text.Unspaced(r):
		return alone
	}
	return letter
}
