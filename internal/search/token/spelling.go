package token

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// Spellings returns the terms of a word that has a letter which some write with
// two: those of "mueller" for "Müller", and the other way round, if the word may
// be such a one; certain are those of a word that has such a letter.
func Spellings(word string) (terms []string, certain bool) {
	if !spellable(word) {
		return nil, false
	}
	plain := fold(word)
	if term := spelled(twoLetters().Replace(strings.ToLower(word)), plain); term != "" {
		return []string{term}, true
	}
	if term := spelled(oneLetter(plain), plain); term != "" {
		return []string{term}, false
	}
	return nil, false
}

// spellable reports whether a word has a letter, or two, that may be spelled
// otherwise; most have not.
func spellable(word string) bool {
	if first, _ := utf8.DecodeRuneInString(word); first >= 0x370 { // no Latin letter
		return false
	}
	if strings.ContainsAny(word, "äöüåøÄÖÜÅØ\u0308\u030a") {
		return true
	}
	for i := 1; i < len(word); i++ {
		if digraph(strings.ToLower(word[i-1 : i+1])) {
			return true
		}
	}
	return false
}

// spelled returns the term of a word that is not the plain one.
func spelled(word, plain string) string {
	if fold(word) == plain {
		return ""
	}
	term, stop := normalise(word)
	if stop {
		return ""
	}
	return term
}

var twoLetters = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe",
		"a\u0308", "ae", "o\u0308", "oe", "u\u0308", "ue", "a\u030a", "aa")
})

// oneLetter returns a word with one letter for each two that may stand for it:
// between others than vowels (no German word has quelle or bauen with ü).
func oneLetter(word string) string {
	if len(word) < 5 {
		return word
	}
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		b.WriteByte(word[i])
		if i > 0 && i+2 < len(word) && digraph(word[i:i+2]) && consonant(word[i-1]) && word[i-1] != 'q' && consonant(word[i+2]) {
			i++
		}
	}
	return b.String()
}

func digraph(two string) bool { return two == "ae" || two == "oe" || two == "ue" || two == "aa" }

func consonant(c byte) bool { return 'a' <= c && c <= 'z' && strings.IndexByte("aeiou", c) < 0 }
