package english

import "strings"

// Name is a name at the tokens From up to To.
type Name struct {
	From, To int
	Kind     NameKind
	Known    string // the lists' spelling, when the whole name is listed
}

// NameFinder finds names with what it knows about the document.
type NameFinder struct {
	Casing *Casing
}

// Find returns the names of a sentence from left to right. A name is a run of
// capitalised words, without those that are capitalised only because they open
// the sentence, adjectives of nations and function words.
func (f NameFinder) Find(s Sentence) []Name {
	toks := s.Tokens
	flat, bare := isFlat(toks), f.bare(toks)
	var spans []Name
	for i := 0; i < len(toks); {
		if e, ok := known().at(toks, i); ok && f.listed(toks, i, e, bare || isShouted(toks)) {
			to := i + len(e.words)
			if !flat && !bare && e.kind != Time { // "Boston University"
				to = f.runEnd(toks, to, false, false)
			}
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

func (f NameFinder) span(toks []Token, from, to int) Name {
	sp := Name{From: from, To: to}
	if e, ok := known().at(toks, from); ok && from+len(e.words) == to {
		sp.Kind, sp.Known = e.kind, e.name
		return sp
	}
	if first := toks[from]; given()[first.Lower] || IsTitle(first.Lower) {
		sp.Kind = Person
	}
	return sp
}

// bare recognises a sentence without the capitals that names would have: all of
// the document is so, or it begins in lower case and has none.
func (f NameFinder) bare(toks []Token) bool {
	if isShouted(toks) || f.Casing != nil && f.Casing.Caseless() {
		return true
	}
	words := 0
	for _, t := range toks {
		if t.Kind != Word {
			continue
		}
		if t.Capital && t.Lower != "i" {
			return false
		}
		words++
	}
	return words > 1
}

// listed reports whether the listed name e is meant at i: it has a capital, or is no
// everyday word where there are no capitals.
func (f NameFinder) listed(toks []Token, i int, e knownName, bare bool) bool {
	first := toks[i]
	plural := len(e.words) > 1
	if bare {
		return plural && e.kind != Team || !ambiguous()[first.Lower] && !everyday()[first.Lower] && e.kind != Team && !(i > 0 && nameDeterminers()[toks[i-1].Lower])
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
	if opens(toks, i) && (ambiguous()[first.Lower] || everyday()[first.Lower]) {
		return f.isName(toks, i, isFlat(toks), false)
	}
	return first.Lower != "us" || first.Upper
}

// runEnd returns where the run of name words that has begun before i ends.
func (f NameFinder) runEnd(toks []Token, i int, flat, bare bool) int {
	for i < len(toks) {
		t := toks[i]
		switch {
		case bare && !f.follows(toks, i):
			return i
		case bare:
			i++
		case (t.Text == "-" || t.Text == "&") && i+1 < len(toks) && f.bridges(toks, i):
			i += 2
		case t.Kind == Word && f.isName(toks, i, flat, bare):
			i++
		default:
			return i
		}
	}
	return i
}

// bridges reports whether the mark at i holds a name together: "Joo-Ho",
// "Ernst & Young".
func (f NameFinder) bridges(toks []Token, i int) bool {
	next := toks[i+1]
	if toks[i].Text == "&" {
		return next.Capital && next.Kind == Word
	}
	if !toks[i].Glued || !next.Glued || next.Kind != Word {
		return false
	}
	return next.Capital && !everyday()[next.Lower] || !next.Capital && !isEveryday(next.Lower)
}

// isName reports whether the word at i is (a part of) a name.
func (f NameFinder) isName(toks []Token, i int, flat, bare bool) bool {
	t := toks[i]
	if t.Kind != Word || len(t.Text) == 0 || demonyms()[t.Lower] {
		return false
	}
	if strings.ContainsAny(t.Text, "@") {
		return false
	}
	if bare {
		return f.bareName(t) || f.Casing != nil && f.Casing.Caseless() && f.Casing.usedAsName(t.Lower) && !isEveryday(t.Lower)
	}
	if !t.Capital {
		return mixed(t.Text)
	}
	if function()[t.Lower] && !(given()[t.Lower] && !opens(toks, i)) || t.Lower == "i" {
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
func (f NameFinder) bareName(t Token) bool {
	return given()[t.Lower] && !ambiguous()[t.Lower] && !everyday()[t.Lower]
}

// follows recognises a word that goes on with a name without capitals: a surname
// after a given name, or one more word that is used as names are.
func (f NameFinder) follows(toks []Token, i int) bool {
	t := toks[i]
	if t.Kind != Word || f.Casing == nil || !f.Casing.Caseless() || isEveryday(t.Lower) || function()[t.Lower] || len(t.Lower) < 4 {
		return false
	}
	if t.Lower == toks[i-1].Lower {
		return false // said twice
	}
	return f.Casing.usedAsName(t.Lower) || f.bareName(toks[i-1]) && !looksEveryday(t.Lower)
}

// flatName decides in a headline: by the document, else by the lists.
func (f NameFinder) flatName(t Token) bool {
	low, mid := f.counts(t.Lower)
	if low+mid > 0 {
		return mid > low
	}
	return given()[t.Lower] || !isEveryday(t.Lower)
}

// middleName decides inside a sentence, where a capital says much.
func (f NameFinder) middleName(toks []Token, i int) bool {
	t := toks[i]
	if t.Upper && len(t.Text) > 3 && isEveryday(t.Lower) {
		return false
	}
	low, mid := f.counts(t.Lower)
	return mid*6 > low || !isEveryday(t.Lower)
}

// openingName decides for the first word, whose capital says nothing.
func (f NameFinder) openingName(toks []Token, i int) bool {
	t := toks[i]
	low, mid := f.counts(t.Lower)
	if low+mid > 0 && mid != low {
		return mid > low
	}
	if t.Upper && len(t.Text) < 6 && !isEveryday(t.Lower) {
		return true
	}
	runs := i+1 < len(toks) && toks[i+1].Kind == Word && toks[i+1].Capital &&
		!function()[toks[i+1].Lower] && toks[i+1].Lower != "i" && !demonyms()[toks[i+1].Lower]
	if given()[t.Lower] {
		return runs || !ambiguous()[t.Lower] || !everyday()[t.Lower]
	}
	if everyday()[t.Lower] {
		return runs && !isOpener(t.Lower)
	}
	if IsVerbForm(t.Lower) {
		return runs
	}
	return runs || !looksEveryday(t.Lower)
}

func (f NameFinder) counts(word string) (low, mid int) {
	if f.Casing == nil {
		return 0, 0
	}
	return f.Casing.low[word], f.Casing.mid[word]
}

// isEveryday recognises words that are no names in themselves.
func isEveryday(word string) bool {
	return everyday()[word] || IsVerbForm(word)
}

// isOpener recognises words that do not begin a name even before one.
func isOpener(word string) bool {
	return function()[word] || IsVerbForm(word) || strings.HasSuffix(word, "ly")
}

// everydayEnds are endings of everyday nouns, adjectives and verb forms.
var everydayEndings = Ordered("everyday-endings")

func looksEveryday(word string) bool {
	if len(word) < 5 {
		return false
	}
	for _, end := range everydayEndings() {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// mixed recognises "iPhone" and "eBay".
func mixed(word string) bool {
	if len(word) < 3 || word[0] < 'a' || word[0] > 'z' {
		return false
	}
	return word[1] >= 'A' && word[1] <= 'Z' && strings.ToLower(word[2:]) == word[2:]
}

// maxWords bounds what Casing remembers of a document.
const maxWords = 200_000

// Casing counts how a document writes its words; a name is capitalised in the
// middle of sentences and seldom written in lower case.
type Casing struct {
	low, mid       map[string]int
	alone          map[string]int // of low: no article, adjective or noun before
	lowers, capped int            // words in the middle of sentences
	you            int            // words by which people address each other
}

// NewCasing returns empty counts.
func NewCasing() *Casing {
	return &Casing{low: map[string]int{}, mid: map[string]int{}, alone: map[string]int{}}
}

// Learn counts the words of a sentence. Headlines and shouting tell nothing
// about names and are left out.
func (c *Casing) Learn(s Sentence) {
	if isFlat(s.Tokens) {
		return
	}
	for i, t := range s.Tokens {
		if t.Kind != Word {
			continue
		}
		if address()[t.Lower] {
			c.you++
		}
		switch {
		case !t.Capital:
			count(c.low, t.Lower)
			if !isEveryday(t.Lower) && !function()[t.Lower] && stands(s.Tokens, i) {
				count(c.alone, t.Lower)
			}
			c.lowers++
		case !opens(s.Tokens, i):
			count(c.mid, t.Lower)
			if t.Lower != "i" {
				c.capped++
			}
		}
	}
}

func count(m map[string]int, word string) {
	if n, known := m[word]; known || len(m) < maxWords {
		m[word] = n + 1
	}
}

// Caseless reports whether the document has no capitals to go by, as the output of
// some recognisers.
func (c *Casing) Caseless() bool {
	return c.lowers > 200 && c.capped*500 < c.lowers
}

// address are the words of people who talk with each other.
var address = Words("address-words")

// Talk reports whether people talk with each other in the document, which nobody
// does in an article.
func (c *Casing) Talk() bool { return c.you*40 > c.lowers+c.capped }

// stands recognises a word without a word before it that would make it a noun among
// others: "in clover", but not "the clover", "red clover" or "a field clover".
func stands(toks []Token, i int) bool {
	if i == 0 || toks[i-1].Kind == Punct {
		return true
	}
	before := toks[i-1].Lower
	return function()[before] && !nameDeterminers()[before] || given()[before] || IsVerbForm(before) && !strings.HasSuffix(before, "ing")
}

var nameDeterminers = Words("name-determiners")

// usedAsName recognises a word of a document without capitals that is used as names are:
// again and again, nearly always by itself.
func (c *Casing) usedAsName(word string) bool {
	n := c.low[word]
	return n >= 2 && len(word) >= 4 && c.alone[word]*4 >= n*3 && !looksEveryday(word)
}

// isFlat recognises sentences whose capitals mean nothing: headlines, where most
// words have one, and text in capitals.
func isFlat(tokens []Token) bool {
	words, caps, upper := 0, 0, 0
	for _, t := range tokens {
		if t.Kind != Word || headlineWords()[t.Lower] {
			continue
		}
		words++
		if t.Capital {
			caps++
		}
		if t.Upper {
			upper++
		}
	}
	return words >= 5 && (caps*10 >= words*9 || upper*10 > words*6)
}

// isShouted recognises text in capitals.
func isShouted(tokens []Token) bool {
	words, upper := 0, 0
	for _, t := range tokens {
		if t.Kind == Word {
			words++
			if t.Upper {
				upper++
			}
		}
	}
	return words >= 4 && upper*10 > words*6
}

// small words stay in lower case in headlines.
var headlineWords = Words("headline-small-words")

// opens reports whether token i is the first word of its sentence, of a quoted
// one in it, or of an item.
func opens(tokens []Token, i int) bool {
	if i == 0 || tokens[i].Break {
		return true
	}
	before := tokens[i-1]
	if before.Kind == Number && i == 1 {
		return true
	}
	if before.Kind != Punct {
		return false
	}
	switch before.Text {
	case ",", "'", "’", "-", "/", "&", "%", "$", "(", "[", "*", "•", "–", "—":
		return i == 1
	case ")", "]":
		return i <= 3
	}
	return true
}
