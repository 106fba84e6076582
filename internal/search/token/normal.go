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
	low := clip(bare(word))
	if stopWords()[low] {
		return low, true
	}
	return stem(low), false
}

// bare returns a word folded, without apostrophes and what is short for another
// word behind one.
func bare(word string) string {
	low := fold(word)
	base, ending, cut := strings.Cut(low, "'")
	switch {
	case !cut:
		return low
	case contracted[ending] && ending == "t":
		return strings.TrimSuffix(base, "n") // don't
	case contracted[ending]:
		return base
	}
	return strings.ReplaceAll(low, "'", "") // o'brien
}

// contracted are the endings after an apostrophe that are not part of the word.
var contracted = map[string]bool{"s": true, "t": true, "re": true, "ve": true, "ll": true, "d": true, "m": true}

func clip(word string) string { return begin(word, maxWord) }

// begin returns the beginning of a word, of at most so many bytes.
func begin(word string, most int) string {
	if len(word) <= most {
		return word
	}
	end := most
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

// maxFolded is the most bytes of a word that are looked at: what they fold to is
// nearly always more than counts.
const maxFolded = 16 * maxWord

// fold returns a word in lower case, without accents.
func fold(word string) string {
	word = begin(word, maxFolded)
	ascii, ideographs := true, true
	for _, r := range word {
		ascii = ascii && r < utf8.RuneSelf
		ideographs = ideographs && 0x3400 <= r && r <= 0x9fff
	}
	switch {
	case ascii:
		return strings.ToLower(word)
	case ideographs: // of which these have no other form
		return word
	}
	return foldUnicode(word)
}

func foldUnicode(word string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(word) {
		r = unicode.ToLower(r)
		switch plain, known := plainLetters[r]; {
		case known:
			b.WriteString(plain)
		case accent(r):
		case unicode.IsDigit(r):
			b.WriteRune(digitOf(r))
		case unicode.IsLetter(r), unicode.IsMark(r), r == '\'':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainLetters are for letters that have no decomposition, and for those of one
// script that people write for each other.
var plainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ŋ': "n", 'ħ': "h",
	'’': "'", 'ʼ': "'", 'ʻ': "'", 'ς': "σ",
	'ى': "ي", 'ی': "ي", 'ة': "ه", 'ک': "ك", 'ٱ': "ا", 'ہ': "ه", 'ھ': "ه", 'ۀ': "ه", 'ـ': "", // Arabic, Persian, Urdu
	'ँ': "ं", '़': "", // Devanagari
}

// accent reports whether a mark only changes how a letter sounds or is
// stressed, and is often left out: those of Latin, Greek and Cyrillic, Arabic
// and Hebrew vowel signs. Marks of other scripts are the vowels of a word.
func accent(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r < 0x370, 0x1ab0 <= r && r < 0x1b00, 0x1dc0 <= r && r < 0x1e00, 0x20d0 <= r && r < 0x2100, 0xfe20 <= r && r < 0xfe30:
		return true
	case 0x591 <= r && r <= 0x5c7: // Hebrew
		return unicode.IsMark(r)
	case 0x610 <= r && r <= 0x6ed, 0x8d3 <= r && r <= 0x8ff: // Arabic
		return unicode.IsMark(r)
	}
	return false
}

// digitOf returns the European digit of any.
func digitOf(r rune) rune {
	if r < utf8.RuneSelf {
		return r
	}
	zero := r
	for zero > r-9 && unicode.IsDigit(zero-1) {
		zero--
	}
	return '0' + (r-zero)%10
}

// spoken returns the term of a word that is none of English, and another one by
// which it is found, "" if there is none: of an Arabic word with the article, it
// is the one without; of two parts at an apostrophe the longer one is found by
// itself: what is behind an elision (l'école, dell'acqua), and a name before its
// ending (İzmir'den).
func spoken(word, term string) (main, other string) {
	if first, _ := utf8.DecodeRuneInString(term); unicode.Is(unicode.Arabic, first) {
		for _, article := range articles {
			if rest := strings.TrimPrefix(term, article); len(rest) < len(term) && utf8.RuneCountInString(rest) >= leastNoun {
				return rest, term
			}
		}
		return term, ""
	}
	if strings.ContainsAny(word, "'’＇ʼ") {
		before, behind, _ := strings.Cut(fold(word), "'")
		if contracted[behind] || strings.Contains(behind, "'") {
			return term, ""
		}
		part := behind
		if len(before) > len(behind) {
			part = before
		}
		if utf8.RuneCountInString(part) >= leastNoun {
			return term, stem(clip(part))
		}
	}
	return term, ""
}

// articles are the Arabic article, alone and with what is written together with
// it: and, with, like, then, for.
var articles = []string{"ال", "وال", "بال", "كال", "فال", "لل"}

// leastNoun is how many letters a word has without its article.
const leastNoun = 3
