package token

import (
	"unicode"
	"unicode/utf8"

	"griot/internal/text"
)

type class uint8

const (
	other  class = iota // between words
	letter              // of a word: letters, digits and marks
	alone               // a word by itself
	emoji               // the beginning of one
)

// next finds the first word that begins at or after from, and what it is made
// of; other when there is none.
func next(text string, from int) (start, end int, kind class) {
	for i := from; i < len(text); {
		kind, size := classAt(text, i)
		switch kind {
		case letter:
			return i, wordEnd(text, i+size), letter
		case alone:
			return i, voiced(text, i+size), alone
		case emoji:
			return i, emojiEnd(text, i), emoji
		}
		i += size
	}
	return len(text), len(text), other
}

// wordEnd returns where a word ends of which i is inside.
func wordEnd(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if kind := classOf(r); kind != letter && (kind != other || !joins(text, i, r, size)) {
			return i
		}
		i += size
	}
	return i
}

// joins reports whether a character that is no letter is part of the word in
// which it stands: an apostrophe, a Hebrew one of short forms, what is not seen
// or only tells how to break a line, and the joiners of Indic letters.
func joins(text string, i int, r rune, size int) bool {
	switch r {
	case '\'', '’', '＇', '״', '׳', '\u00ad', '\u2060':
	case zwnj, zwj:
		if before, _ := utf8.DecodeLastRuneInString(text[:i]); unicode.Is(unicode.Arabic, before) {
			return false // it is between parts; see compound.go
		}
	default:
		return false
	}
	after, _ := utf8.DecodeRuneInString(text[i+size:])
	return classOf(after) == letter
}

const (
	zwnj = '\u200c' // zero width non-joiner
	zwj  = '\u200d' // zero width joiner
)

// classAt classifies the character at i, with the ones behind it that make an
// emoji of it.
func classAt(text string, i int) (kind class, size int) {
	if c := text[i]; c < utf8.RuneSelf {
		if ('0' <= c && c <= '9' || c == '#' || c == '*') && keycap(text[i+1:]) > 0 {
			return emoji, 1
		}
		return classOf(rune(c)), 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	kind = classOf(r)
	if kind == other && size > 1 && emojiAt(r, text[i+size:]) {
		kind = emoji
	}
	return kind, size
}

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return letter
		}
		return other
	case r == utf8.RuneError, variation(r):
		return other
	case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
		return other
	case text.Unspaced(r), r == 'ー', r == 'ｰ':
		return alone
	}
	return letter
}
