package english

import (
	"strings"
	"sync"
)

// NounPhrase is one at the tokens From up to To; Type is an entity type.
type NounPhrase struct {
	From, To int
	Type     string
	Head     int  // the token that decides the type
	Bare     bool // the head alone is the name, as in "payroll"
	Strong   bool // the head always names such a thing
}

type head struct {
	kind   string
	strong bool
}

var (
	heads            = sync.OnceValue(readHeads)
	processNouns     = Words("bare-heads")
	emptyModifiers   = Words("empty-modifiers")
	verbForms        = Words("verb-forms")
	nounOpeners      = Words("noun-determiners")
	objectOpeners    = Words("object-determiners")
	fragmentArticles = Words("possessive-articles")
)

func readHeads() map[string]head {
	all := map[string]head{}
	for w, l := range Labels("process-heads")() {
		all[w] = head{"Workflow", l.Name != "weak"}
	}
	for w, l := range Labels("noun-heads")() {
		all[w] = head{l.Name, true}
	}
	return all
}

// maxModifiers is how many words may stand before the head.
const maxModifiers = 4

// NounPhrases returns the noun phrases of a sentence from left to right.
func NounPhrases(s Sentence) []NounPhrase {
	var all []NounPhrase
	free := 0 // no phrase overlaps the one before
	for i := range s.Tokens {
		h, ok := heads()[s.Tokens[i].Lower]
		if !ok || !endsPhrase(s.Tokens, i) || takesObject(s.Tokens, i) {
			continue
		}
		from := modifiers(s.Tokens, free, i)
		bare := from == i
		if bare && (!h.strong || !processNouns()[s.Tokens[i].Lower] || isVerbHere(s.Tokens, i)) {
			continue
		}
		all = append(all, NounPhrase{From: from, To: i + 1, Type: h.kind, Head: i, Bare: bare, Strong: h.strong})
		free = i + 1
	}
	return all
}

// endsPhrase reports whether no further noun follows: "review process" ends with
// its last word only.
func endsPhrase(toks []Token, i int) bool {
	if i+1 >= len(toks) {
		return true
	}
	next := toks[i+1]
	if _, isHead := heads()[next.Lower]; isHead && !next.Glued {
		return false
	}
	return !(next.Glued && next.Text == "-")
}

// takesObject recognises the verb in "the team lead releases it".
func takesObject(toks []Token, i int) bool {
	if i+1 >= len(toks) || BaseForm(toks[i].Lower) == "" {
		return false
	}
	return objectOpeners()[toks[i+1].Lower]
}

// modifiers returns where the phrase that ends with the head i begins.
func modifiers(toks []Token, free, i int) int {
	from := i
	for n := 0; from > free && n < maxModifiers; n++ {
		j := from - 1
		if toks[j].Text == "-" && toks[j].Glued && j > free {
			j--
		}
		if !isModifier(toks, j) || isPredicate(toks, j) {
			break
		}
		from = j
	}
	for from < i && (emptyModifiers()[toks[from].Lower] || isVerbHere(toks, from)) {
		from++
		if from < i && toks[from].Text == "-" {
			return i
		}
	}
	return from
}

// isPredicate recognises the verb after a name: "Priya freezes invoicing".
func isPredicate(toks []Token, j int) bool {
	return j > 0 && !toks[j].Capital && toks[j-1].Capital && !function()[toks[j-1].Lower] && !toks[j].Glued && BaseForm(toks[j].Lower) != ""
}

func isModifier(toks []Token, j int) bool {
	t := toks[j]
	if t.Kind != Word && t.Kind != Number || t.Kind == Number && len(t.Text) > 4 {
		return false
	}
	if IsFiller(t.Lower) || len(t.Text) < 3 && !t.Capital && t.Kind == Word {
		return false
	}
	return !function()[t.Lower] && !verbForms()[t.Lower] && !strings.HasSuffix(t.Lower, "ly")
}

// isVerbHere reports whether the word at i is the verb, not a modifier: it follows
// a subject, "to" or nothing.
func isVerbHere(toks []Token, i int) bool {
	w := toks[i].Lower
	if !IsVerbForm(w) {
		return false
	}
	if i == 0 || strings.HasSuffix(w, "ing") && !processNouns()[w] && toks[i].Kind == Word && !determined(toks, i) {
		return true
	}
	before := toks[i-1]
	return before.Kind != Word || before.Lower == "to" || before.Lower == "and" || function()[before.Lower] && !determined(toks, i)
}

func determined(toks []Token, i int) bool {
	return i > 0 && nounOpeners()[toks[i-1].Lower]
}

// NounFragment returns the tokens of a short answer that only names something,
// as "The bank import.", without the article; from == to when it is none.
func NounFragment(s Sentence) (from, to int) {
	toks := s.Tokens
	to = len(toks)
	for to > 0 && toks[to-1].Kind == Punct {
		to--
	}
	if to < 2 || to > 6 || s.Question || !fragmentArticles()[toks[0].Lower] {
		return 0, 0
	}
	for _, t := range toks[1:to] {
		if t.Kind != Word && t.Text != "-" || function()[t.Lower] && t.Lower != "of" || verbForms()[t.Lower] {
			return 0, 0
		}
	}
	return 1, to
}

// IsProcessNoun recognises a noun that names a procedure by itself: "payroll".
func IsProcessNoun(word string) bool { return processNouns()[word] }
