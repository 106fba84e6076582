// Package text says which texts show nothing, which stand on one line, and which
// scripts put no spaces between words.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Blank reports whether nothing of a text is seen: it is empty, or all of it
// is white space, control characters and code points that Unicode calls
// default-ignorable, such as zero-width spaces and joiners.
func Blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.IsControl(r) && !ignorable(r) {
			return false
		}
	}
	return true
}

// ignorable reports Unicode's derived property Default_Ignorable_Code_Point.
func ignorable(r rune) bool {
	switch {
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return true
	case 0xFFF9 <= r && r <= 0xFFFB, 0x13430 <= r && r <= 0x13440, unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false // formats that are seen
	}
	return unicode.Is(unicode.Cf, r)
}

// Seen returns a text without the code points that Unicode calls
// default-ignorable.
func Seen(s string) string {
	return strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, s)
}

// OneLine reports whether s is a text without control characters and line
// breaks.
func OneLine(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			return false
		}
	}
	return true
}

// Unspaced reports whether a character is of a script that puts no spaces
// between words.
func Unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
