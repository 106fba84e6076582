// Package token makes the terms of texts and queries: words in lower case
// without accents, stemmed as English, without stop words, and dates.
package token

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"griot/internal/text"
)

// maxWord is the most bytes of a word that are looked at; what follows in the
// same word is ignored, in texts and queries alike.
const maxWord = 64

// Token is a word of a text. Term is what the index knows it by; words that
// are too common to tell texts apart have Stop set. Start and End are the
// word's bytes in the text.
type Token struct {
	Term       string
	Stop       bool
	Start, End int
}

// All yields the words of a text in their order. A letter of a script that
// does not put spaces between words is a word of its own.
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

// next finds the first word that begins at from or behind it; start == end
// when there is none.
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
	letter              // within a word: letters, digits and what belongs to them
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
