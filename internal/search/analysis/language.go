package analysis

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"griot/internal/search/token"
)

// language is in what a query is written, as far as one can tell.
type language int

const (
	unclear language = iota // it has letters from a to z, and no word that tells
	english
	foreign
)

// englishWords are words that English sentences have and hardly any other
// language, as far as its words are written with the same letters.
var englishWords = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(`
the and with from for that this these those what which who whom whose how where when why did does doing are were been
have having about our their they them you your she his her him its not between because while until should would could
can shall might must there here then than into onto through during before after above below against both each few more
most other some such only own same too very just also ever
`) {
		m[word] = true
	}
	return m
})

func languageOf(text string) language {
	for word := range token.Words(text) {
		if englishWords()[word] {
			return english
		}
	}
	if otherLetters(text) {
		return foreign
	}
	return unclear
}

// otherLetters reports whether a text has letters that English has not.
func otherLetters(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) }) >= 0
}
