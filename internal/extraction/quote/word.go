package quote

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"griot/internal/text"
)

// split yields the words of a text: runs of letters, digits and marks, with
// apostrophes left out, or single characters of scripts that put no spaces
// between words. Their text is folded; their bytes are those of the text.
func split(s string) iter.Seq[word] {
	return func(yield func(word) bool) {
		start := -1
		end := func(at int) bool {
			if start < 0 {
				return true
			}
			w := word{start: start, end: at, text: fold(s[start:at]), owner: owner(s[start:at])}
			start = -1
			return w.text == "" || yield(w)
		}
		for i, r := range s {
			size := utf8.RuneLen(r)
			if r == utf8.RuneError {
				size = 1
			}
			switch {
			case text.Unspaced(r):
				if !end(i) {
					return
				}
				start = i
				if !end(i + size) {
					return
				}
			case inWord(r):
				if start < 0 {
					start = i
				}
			case start >= 0 && joins(s[i:], size):
			default:
				if !end(i) {
					return
				}
			}
		}
		end(len(s))
	}
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || invisible(r)
}

// joins reports whether an apostrophe and a letter follow: don't is one word.
func joins(text string, size int) bool {
	r, _ := utf8.DecodeRuneInString(text)
	next, _ := utf8.DecodeRuneInString(text[size:])
	return apostrophe(r) && unicode.IsLetter(next)
}

// invisible characters stand within words and are none of theirs: the soft
// hyphen, joiners, marks of direction.
func invisible(r rune) bool { return r == '\u00AD' || r > '\u200A' && unicode.Is(unicode.Cf, r) }

// owner is a word without the s of a possessive: "ana" of "Ana's"; "" if it has
// none.
func owner(w string) string {
	if !strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "S") {
		return ""
	}
	name := w[:len(w)-1]
	r, size := utf8.DecodeLastRuneInString(name)
	if !apostrophe(r) {
		return ""
	}
	return fold(name[:len(name)-size])
}

func apostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼ`´", r) }

// fold makes one of the forms that a word is written in.
func fold(w string) string {
	ascii := true
	for i := range len(w) {
		ascii = ascii && w[i] < utf8.RuneSelf && w[i] != '\'' && w[i] != '`'
	}
	if ascii {
		return strings.ToLower(w)
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) || apostrophe(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(w))
}

func folded(text string) (words []string) {
	for w := range split(text) {
		words = append(words, w.text)
	}
	return words
}

// patterns are the words of each name, the longest name first.
func patterns(names []string) (all [][]string) {
	for _, name := range names {
		if words := folded(name); len(words) > 0 {
			all = append(all, words)
		}
	}
	slices.SortStableFunc(all, func(a, b []string) int { return len(b) - len(a) })
	return all
}
