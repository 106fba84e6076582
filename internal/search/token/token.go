// Package token makes the terms of texts and queries: words in lower case
// without accents, stemmed as English, without stop words, and dates.
//
// # Words
//
// A word is letters, digits, marks (UAX #29 without its dictionaries), with
// apostrophes inside. Emoji are words, as their sequences stand in UTS #51. In
// scripts without spaces between words each character is one.
//
// # Extras
//
// What is written together or apart, in one spelling or another, meets in
// extras: terms that stand for words which follow them, beside these. They have
// no place of their own and count to no length, so that a text is ranked as
// if they were not there by whoever does not ask for them. They are
//
//   - wholes of what is written without spaces: e-mail is "email" beside its
//     parts, getUserProfile and get_user_profile are "getuserprofile",
//     1.2.3 and v1.2.3 are "1.2.3", U.S.A. is "usa"; paths, addresses and URLs
//     are whole, and so are the names in them (compound.go);
//   - a verb with its particle: log in is "login" (particle.go);
//   - pairs of neighbouring characters of scripts without spaces, and of
//     syllables in Korean words (pair.go), as search engines for these use them;
//   - words that look like stop words and are names: Will, IT, US (name.go);
//   - other forms of one word: an Arabic word as it is written, beside the one
//     without its article that light stemmers make; the longer part at an
//     apostrophe (l'école, İzmir'den); C++ and F# with their signs.
package token

import "iter"

// maxWord is the most bytes of a word that count; the rest of it is ignored, in
// texts and queries alike.
const maxWord = 64

// Token is a word of a text, or an extra.
type Token struct {
	Term       string // what the index knows it by
	Stop       bool   // it is a stop word, too common to tell texts apart
	Spans      int    // of an extra, for how many words that follow it stands; 0 of a word
	Pair       bool   // it is an extra of two characters of words that have more
	Part       bool   // it is a word for which a whole or a pair stands, too
	Start, End int    // its bytes in the text
}

// All yields the words of a text in order, and extras before the words that
// they stand for.
func All(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		w := walker{text: text, yield: yield}
		for from := 0; ; {
			start, end, kind := next(text, from)
			if kind == other {
				return
			}
			var more bool
			switch kind {
			case letter:
				from, more = w.compound(start, end)
			case alone:
				from, more = w.character(start, end)
			default:
				from, more = w.emoji(start, end)
			}
			if !more {
				return
			}
		}
	}
}

// walker yields the tokens of a text.
type walker struct {
	text     string
	yield    func(Token) bool
	sentence sentence
	pieces   [maxPieces]piece // of the compound at hand
	paired   int              // up to where the characters of scripts without spaces are parts of pairs
}

// Words yields the words of a text as they are written, in lower case and
// without accents: for names that are compared letter by letter.
func Words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for start, end, kind := next(text, 0); kind != other; start, end, kind = next(text, end) {
			word := text[start:end]
			if kind == emoji {
				word = plainEmoji(word)
			} else {
				word = fold(word)
			}
			if word != "" && !yield(word) {
				return
			}
		}
	}
}
