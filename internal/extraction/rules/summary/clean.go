package summary

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/sentence"
)

// hesitations are sounds that are left out.
var hesitations = lexicon.Words("hesitations")

// clean is the sentence as one would write it down: without the words that
// only open it, without hesitations and stumbled repetitions, with a capital
// and a full stop. No other word is changed.
func clean(l document.Line) string {
	toks := l.Tokens
	for len(toks) > fewestWords && opener(toks) {
		toks = toks[1:]
	}
	var b strings.Builder
	before := -1 // the token last written
	for i, t := range toks {
		switch {
		case t.Kind == sentence.Word && hesitations()[t.Lower]:
			continue
		case t.Text == "," && (before < 0 || i > 0 && hesitations()[toks[i-1].Lower] || toks[before].Text == ","):
			continue
		case before >= 0 && stumbles(toks[before], t):
			continue
		}
		if before >= 0 && !t.Glued {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
		before = i
	}
	return finish(b.String())
}

// opener tells a filler that only opens the sentence, and the comma after it.
func opener(toks []sentence.Token) bool {
	t := toks[0]
	if t.Text == "," {
		return true
	}
	return t.Kind == sentence.Word && sentence.IsFiller(t.Lower) && !meant[t.Lower] && (toks[1].Text == "," || toks[1].Kind == sentence.Word)
}

// meant are fillers that are part of what is said where no comma follows, or
// nearly so.
var meant = map[string]bool{"now": true, "see": true, "look": true, "also": true, "just": true, "like": true, "again": true}

// stumbles tells a word that is said twice: "we we", which "had had" is not.
func stumbles(before, t sentence.Token) bool {
	return t.Kind == sentence.Word && before.Kind == sentence.Word && t.Lower == before.Lower && t.Lower != "had" && t.Lower != "that"
}

func finish(text string) string {
	text = strings.TrimRight(text, " ,;:-")
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return ""
	}
	word, _, _ := strings.Cut(text, " ")
	if strings.IndexFunc(word, unicode.IsUpper) <= 0 {
		text = string(unicode.ToUpper(r)) + text[n:]
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	if unicode.IsLetter(last) || unicode.IsDigit(last) {
		text += "."
	}
	return text
}
