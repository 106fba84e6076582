package name

import (
	"strings"

	"griot/internal/extraction/rules/sentence"
	"griot/internal/extraction/rules/step"
)

// Span is a name at the tokens From up to To.
type Span struct {
	From, To int
	Kind     Kind
	Known    string // the lists' spelling, when the whole name is listed
}

// Finder finds names with what it knows about the document.
type Finder struct {
	Case *Case
}

// Find returns the names of a sentence from left to right. A name is a run of
// capitalised words; words that only open the sentence, adjectives of nations
// and function words do not count.
func (f Finder) Find(s sentence.Sentence) []Span {
	toks := s.Tokens
	flat, bare := isFlat(toks), f.bare(toks)
	var spans []Span
	for i := 0; i < len(toks); {
		if e, ok := known().at(toks, i); ok && f.listed(toks, i, e, bare || isShouted(toks)) {
			to := f.extend(toks, i+len(e.words), e.kind, flat || bare)
			spans = append(spans, f.span(toks, i, to))
			i = to
			continue
		}
		to := i
		if f.isName(toks, i, flat, bare) {
			to = f.runEnd(toks, i+1, flat, bare)
		}
		if to > i {
			spans = append(spans, f.span(toks, i, to))
		}
		i = max(to, i+1)
	}
	return spans
}

// extend lets the run go on after a listed name: "Boston University".
func (f Finder) extend(toks []sentence.Token, i int, kind Kind, plain bool) int {
	if plain || kind == Time {
		return i
	}
	return f.runEnd(toks, i, false, false)
}

func (f Finder) span(toks []sentence.Token, from, to int) Span {
	sp := Span{From: from, To: to}
	if e, ok := known().at(toks, from); ok && from+len(e.words) == to {
		sp.Kind, sp.Known = e.kind, e.name
		return sp
	}
	if first := toks[from]; given()[first.Lower] || IsTitle(first.Lower) {
		sp.Kind = Person
	}
	return sp
}

// bare tells a sentence without the capitals that names would have: all of
// the document is so, or it begins in lower case and has none.
func (f Finder) bare(toks []sentence.Token) bool {
	if isShouted(toks) || f.Case != nil && f.Case.Caseless() {
		return true
	}
	words := 0
	for _, t := range toks {
		if t.Kind != sentence.Word {
			continue
		}
		if t.Capital && t.Lower != "i" {
			return false
		}
		words++
	}
	return words > 1
}

// listed tells whether the entry e at i is meant as the name: written with a
// capital, or not an everyday word when there are no capitals.
func (f Finder) listed(toks []sentence.Token, i int, e entry, bare bool) bool {
	first := toks[i]
	plural := len(e.words) > 1
	if bare {
		return plural && e.kind != Team || !ambiguous()[first.Lower] && !common()[first.Lower] && e.kind != Team && !(i > 0 && determiner[toks[i-1].Lower])
	}
	if e.kind == Team && !plural && len(first.Text) <= 3 && !first.Upper {
		return false
	}
	if !first.Capital {
		return !plural && e.kind == System && !ambiguous()[first.Lower] && strings.ContainsAny(first.Text, ".0123456789")
	}
	if plural {
		return true
	}
	if opens(toks, i) && (ambiguous()[first.Lower] || common()[first.Lower]) {
		return f.isName(toks, i, isFlat(toks), false)
	}
	return first.Lower != "us" || first.Upper
}

// runEnd returns where the run of name words that has begun before i ends.
func (f Finder) runEnd(toks []sentence.Token, i int, flat, bare bool) int {
	for i < len(toks) {
		t := toks[i]
		switch {
		case bare && !f.follows(toks, i):
			return i
		case bare:
			i++
		case (t.Text == "-" || t.Text == "&") && i+1 < len(toks) && f.bridges(toks, i):
			i += 2
		case t.Kind == sentence.Word && f.isName(toks, i, flat, bare):
			i++
		default:
			return i
		}
	}
	return i
}

// bridges tells whether the mark at i holds a name together: "Joo-Ho",
// "Ernst & Young".
func (f Finder) bridges(toks []sentence.Token, i int) bool {
	next := toks[i+1]
	if toks[i].Text == "&" {
		return next.Capital && next.Kind == sentence.Word
	}
	if !toks[i].Glued || !next.Glued || next.Kind != sentence.Word {
		return false
	}
	return next.Capital && !common()[next.Lower] || !next.Capital && !isEveryday(next.Lower)
}

// isName tells whether the word at i is (a part of) a name.
func (f Finder) isName(toks []sentence.Token, i int, flat, bare bool) bool {
	t := toks[i]
	if t.Kind != sentence.Word || len(t.Text) == 0 || demonyms()[t.Lower] {
		return false
	}
	if strings.ContainsAny(t.Text, "@") {
		return false
	}
	if bare {
		return f.bareName(t) || f.Case != nil && f.Case.Caseless() && f.Case.usedAsName(t.Lower) && !isEveryday(t.Lower)
	}
	if !t.Capital {
		return mixed(t.Text)
	}
	if isFunction()[t.Lower] && !(given()[t.Lower] && !opens(toks, i)) || t.Lower == "i" {
		return false
	}
	if flat {
		return f.flatName(t)
	}
	if opens(toks, i) {
		return f.openingName(toks, i)
	}
	return f.middleName(toks, i)
}

// bareName decides without capitals: a given name that is no other word.
func (f Finder) bareName(t sentence.Token) bool {
	return given()[t.Lower] && !ambiguous()[t.Lower] && !common()[t.Lower]
}

// follows tells a word that goes on with a name without capitals: a surname
// after a given name, or one more word that is used as names are.
func (f Finder) follows(toks []sentence.Token, i int) bool {
	t := toks[i]
	if t.Kind != sentence.Word || f.Case == nil || !f.Case.Caseless() || isEveryday(t.Lower) || isFunction()[t.Lower] || len(t.Lower) < 4 {
		return false
	}
	if t.Lower == toks[i-1].Lower {
		return false // said twice
	}
	return f.Case.usedAsName(t.Lower) || f.bareName(toks[i-1]) && !looksEveryday(t.Lower)
}

// flatName decides in a headline: by the document, else by the lists.
func (f Finder) flatName(t sentence.Token) bool {
	low, mid := f.counts(t.Lower)
	if low+mid > 0 {
		return mid > low
	}
	return given()[t.Lower] || !isEveryday(t.Lower)
}

// middleName decides inside a sentence, where a capital says much.
func (f Finder) middleName(toks []sentence.Token, i int) bool {
	t := toks[i]
	if t.Upper && len(t.Text) > 3 && isEveryday(t.Lower) {
		return false
	}
	low, mid := f.counts(t.Lower)
	return mid*6 > low || !isEveryday(t.Lower)
}

// openingName decides for the first word, whose capital says nothing.
func (f Finder) openingName(toks []sentence.Token, i int) bool {
	t := toks[i]
	low, mid := f.counts(t.Lower)
	if low+mid > 0 && mid != low {
		return mid > low
	}
	if t.Upper && len(t.Text) < 6 && !isEveryday(t.Lower) {
		return true
	}
	runs := i+1 < len(toks) && toks[i+1].Kind == sentence.Word && toks[i+1].Capital &&
		!isFunction()[toks[i+1].Lower] && toks[i+1].Lower != "i" && !demonyms()[toks[i+1].Lower]
	if given()[t.Lower] {
		return runs || !ambiguous()[t.Lower] || !common()[t.Lower]
	}
	if common()[t.Lower] {
		return runs && !isOpener(t.Lower)
	}
	if step.IsVerbForm(t.Lower) {
		return runs
	}
	return runs || !looksEveryday(t.Lower)
}

func (f Finder) counts(word string) (low, mid int) {
	if f.Case == nil {
		return 0, 0
	}
	return f.Case.low[word], f.Case.mid[word]
}

// isEveryday tells words that are no names in themselves.
func isEveryday(word string) bool {
	return common()[word] || step.IsVerbForm(word)
}

// isOpener tells words that do not begin a name even before one.
func isOpener(word string) bool {
	return isFunction()[word] || step.IsVerbForm(word) || strings.HasSuffix(word, "ly")
}

// everydayEnds are endings of everyday nouns, adjectives and verb forms.
var everydayEnds = []string{
	"ing", "ed", "ly", "tion", "tions", "sion", "ment", "ments", "ness", "ity", "ities", "ous", "ive", "able",
	"ible", "ful", "less", "ism", "ists", "ers", "ors", "ance", "ence", "ical", "ology", "ies", "ships", "ship", "ic", "als", "ants", "ents", "wise",
}

func looksEveryday(word string) bool {
	if len(word) < 5 {
		return false
	}
	for _, end := range everydayEnds {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// mixed tells "iPhone" and "eBay".
func mixed(word string) bool {
	if len(word) < 3 || word[0] < 'a' || word[0] > 'z' {
		return false
	}
	return word[1] >= 'A' && word[1] <= 'Z' && strings.ToLower(word[2:]) == word[2:]
}
