package token

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"golang.org/x/text/unicode/norm"
)

// normalise returns the term of a word, "" if nothing is left of it, and whether
// it is a stop word.
func normalise(word string) (term string, stop bool) {
	low := fold(word)
	base, ending, cut := strings.Cut(low, "'")
	switch {
	case !cut:
	case contracted[ending]:
		low = strings.TrimSuffix(base, "n") // don't
		if ending != "t" {
			low = base
		}
	default:
		low = strings.ReplaceAll(low, "'", "") // o'brien
	}
	low = clip(low)
	if stopWords()[low] {
		return low, true
	}
	return stem(low), false
}

// contracted are the endings after an apostrophe that are not part of the word.
var contracted = map[string]bool{"s": true, "t": true, "re": true, "ve": true, "ll": true, "d": true, "m": true}

func clip(word string) string {
	if len(word) <= maxWord {
		return word
	}
	end := maxWord
	for end > 0 && !utf8.RuneStart(word[end]) {
		end--
	}
	return word[:end]
}

// stem returns the English stem (Snowball) of a word, of irregular forms that of
// their base. Words with other letters than a to z stay as they are.
func stem(word string) string {
	if base, ok := irregular()[word]; ok {
		word = base
	}
	if len(word) < 3 || !lower(word) {
		return word
	}
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return env.Current()
}

func lower(word string) bool {
	for _, c := range []byte(word) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// fold returns a word in lower case, without accents.
func fold(word string) string {
	for i := range len(word) {
		if word[i] >= utf8.RuneSelf {
			return foldUnicode(word)
		}
	}
	return strings.ToLower(word)
}

func foldUnicode(word string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(word) {
		r = unicode.ToLower(r)
		switch plain, known := plainLetters[r]; {
		case known:
			b.WriteString(plain)
		case r >= 0x300 && r < 0x370: // combining marks of Latin, Greek and Cyrillic
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '\'':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainLetters are for letters that have no decomposition.
var plainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", '’': "'", 'ς': "σ",
}
