package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/search/token"
)

// What of a query's text is more than words, where it is short enough to have
// been typed (see typed):
//
//	"a phrase"   stands so; “these”, „these“, «these» and 「these」 are quotes, too.
//	             One that is not closed is none.
//	-word        is not there, nor -"a phrase": where the minus follows white space
//	             or nothing, and a letter or a quote follows it, and if there are
//	             other words than such.
//	word*        is the beginning of a word.

// typedMost is the most characters of a query whose quotes, minus signs and
// stars mean something.
const typedMost = 1000

// typed reports whether somebody has typed a query, as far as one can tell.
// Longer texts, and those of several lines, were pasted: theirs are just
// characters of code, logs and lists.
func typed(text string) bool {
	return utf8.RuneCountInString(text) <= typedMost && !strings.ContainsAny(strings.TrimSpace(text), "\r\n")
}

// closing are the quotes by what they are opened with.
var closing = map[rune]string{
	'"': `"`, '“': "”“", '„': "“”", '«': "»", '»': "«", '「': "」", '『': "』",
}

// parsed is a query's words and phrases.
type parsed struct {
	typed   bool
	short   bool        // it has few words, and no capitals
	words   []queryWord // to look for
	phrases []writtenPhrase
	language
}

// queryWord is a word of a query.
type queryWord struct {
	token.Token
	at      int    // its place among all words; of an extra, that of its first one
	written string // as it is written; "" of an extra
	word    string // the same, folded
	quoted  bool
	begins  bool
	foreign bool
	share   float64 // what it counts of a word; 0 is all
	form    string  // another term of it
}

// writtenPhrase is words in quotes, or excluded ones.
type writtenPhrase struct {
	part
	words []queryWord
}

// part is bytes of a text in quotes, or behind a minus sign.
type part struct {
	start, end       int
	quoted, excluded bool
}

func parse(text string) parsed {
	var parts []part
	isTyped := typed(text)
	if isTyped {
		parts = partsOf(text)
	}
	var all []queryWord
	at, language := 0, languageOf(text)
	for t := range token.All(text) {
		w := queryWord{Token: t, at: at}
		if t.Spans == 0 {
			w.written, w.word = text[t.Start:t.End], folded(text[t.Start:t.End])
			w.foreign = language == foreign || otherLetters(w.written)
			w.begins = isTyped && starred(text, t)
			at++
		}
		all = append(all, w)
	}
	p := parsed{typed: isTyped, language: language, short: at <= maxShort && strings.IndexFunc(text, unicode.IsUpper) < 0}
	for _, part := range parts {
		p.phrases = append(p.phrases, writtenPhrase{part: part})
	}
	i := 0
	for _, w := range all {
		for i < len(p.phrases) && p.phrases[i].end <= w.Start {
			i++
		}
		if i < len(p.phrases) && p.phrases[i].start <= w.Start {
			w.quoted, w.begins = true, false
			p.phrases[i].words = append(p.phrases[i].words, w)
			if p.phrases[i].excluded {
				continue
			}
		}
		p.words = append(p.words, w)
	}
	if len(p.words) == 0 { // nothing would be left to look for
		return parsed{words: all, typed: isTyped, language: language, short: p.short}
	}
	return p
}

// partsOf finds the phrases in quotes and what is excluded.
func partsOf(text string) []part {
	var out []part
	before := ' '
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		found := part{start: i}
		switch {
		case r == '-' && unicode.IsSpace(before):
			found = excludedAt(text, i+size)
		case !wordRune(before):
			found = quotedAt(text, i)
		}
		if found.end > i {
			out = append(out, found)
			i, before = found.end, ' '
			continue
		}
		before = r
		i += size
	}
	return out
}

// excludedAt returns what a minus sign before i excludes; it ends at its start
// if that is nothing.
func excludedAt(text string, i int) part {
	if quoted := quotedAt(text, i); quoted.end > i {
		quoted.excluded = true
		return quoted
	}
	if r, _ := utf8.DecodeRuneInString(text[i:]); !unicode.IsLetter(r) {
		return part{start: i, end: 0}
	}
	end := len(text)
	if n := strings.IndexFunc(text[i:], unicode.IsSpace); n >= 0 {
		end = i + n
	}
	return part{start: i, end: end, excluded: true}
}

// quotedAt returns the phrase in quotes that begins at i; it ends there if
// none does.
func quotedAt(text string, i int) part {
	opening, size := utf8.DecodeRuneInString(text[i:])
	ends := closing[opening]
	if ends == "" {
		return part{start: i, end: 0}
	}
	for at, r := range text[i+size:] {
		if strings.ContainsRune(ends, r) {
			end := i + size + at + utf8.RuneLen(r)
			if after, _ := utf8.DecodeRuneInString(text[end:]); !wordRune(after) {
				return part{start: i, end: end, quoted: true}
			}
		}
	}
	return part{start: i, end: 0}
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// starred reports whether a star, and no other behind it, ends a word.
func starred(text string, t token.Token) bool {
	if t.Start > 0 && text[t.Start-1] == '*' || !strings.HasPrefix(text[t.End:], "*") {
		return false
	}
	after, _ := utf8.DecodeRuneInString(text[t.End+1:])
	return after != '*' && !wordRune(after)
}

// phrase returns what has to stand in a text. Words that are too common to
// have a place are left out, or if there are no others, need only be there, as
// the names that they are written as.
func (p writtenPhrase) phrase() Phrase {
	var placed, names, common Phrase
	for _, w := range p.words {
		if w.Spans > 0 {
			names.Terms = append(names.Terms, w.Term)
			continue
		}
		if w.Stop {
			common.Terms = append(common.Terms, w.Term)
			continue
		}
		placed.Terms = append(placed.Terms, w.Term)
		placed.At = append(placed.At, w.at)
	}
	switch {
	case len(placed.Terms) > 0:
	case len(names.Terms) > 0:
		return names
	default:
		return common
	}
	first := placed.At[0]
	for i := range placed.At {
		placed.At[i] -= first
	}
	return placed
}

func folded(word string) string {
	for w := range token.Words(word) {
		return w
	}
	return ""
}
