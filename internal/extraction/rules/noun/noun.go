// Package noun finds short noun phrases that name a procedure, a team, a
// policy or a risk by their last word: "vendor onboarding process".
package noun

import (
	"strings"
	"sync"

	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/sentence"
	"griot/internal/extraction/rules/step"
)

// Phrase is a noun phrase at the tokens From up to To; Type is an entity type.
type Phrase struct {
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
	heads    = sync.OnceValue(readHeads)
	function = lexicon.Words("function")
	empty    = lexicon.Words("emptywords")
)

func readHeads() map[string]head {
	m := map[string]head{}
	for _, line := range lexicon.Lines("processes") {
		rest, weak := strings.CutPrefix(line, "weak:")
		for _, w := range strings.Fields(rest) {
			m[w] = head{"Workflow", !weak}
		}
	}
	for _, line := range lexicon.Lines("heads") {
		kind, words, _ := strings.Cut(line, ":")
		for _, w := range strings.Fields(words) {
			m[w] = head{kind, true}
		}
	}
	return m
}

// maxModifiers is how many words may stand before the head.
const maxModifiers = 4

// Phrases returns the noun phrases of a sentence from left to right.
func Phrases(s sentence.Sentence) []Phrase {
	var all []Phrase
	free := 0 // no phrase overlaps the one before
	for i := range s.Tokens {
		h, ok := heads()[s.Tokens[i].Lower]
		if !ok || !endsPhrase(s.Tokens, i) || takesObject(s.Tokens, i) {
			continue
		}
		from := modifiers(s.Tokens, free, i)
		bare := from == i
		if bare && (!h.strong || !isBare()[s.Tokens[i].Lower] || isVerbHere(s.Tokens, i)) {
			continue
		}
		all = append(all, Phrase{From: from, To: i + 1, Type: h.kind, Head: i, Bare: bare, Strong: h.strong})
		free = i + 1
	}
	return all
}

// isBare are heads that name a procedure without more words.
var isBare = lexicon.Words("bareheads")

// endsPhrase tells that no further noun follows: "review process" ends with
// its last word only.
func endsPhrase(toks []sentence.Token, i int) bool {
	if i+1 >= len(toks) {
		return true
	}
	next := toks[i+1]
	if _, isHead := heads()[next.Lower]; isHead && !next.Glued {
		return false
	}
	return !(next.Glued && next.Text == "-")
}

// takesObject tells the verb in "the team lead releases it".
func takesObject(toks []sentence.Token, i int) bool {
	if i+1 >= len(toks) || step.Base(toks[i].Lower) == "" {
		return false
	}
	switch toks[i+1].Lower {
	case "it", "them", "the", "a", "an", "our", "your", "their", "every", "each", "this", "these":
		return true
	}
	return false
}

// modifiers returns where the phrase that ends with the head i begins.
func modifiers(toks []sentence.Token, free, i int) int {
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
	for from < i && (empty()[toks[from].Lower] || isVerbHere(toks, from)) {
		from++
		if from < i && toks[from].Text == "-" {
			return i
		}
	}
	return from
}

// isPredicate tells the verb after a name: "Priya freezes invoicing".
func isPredicate(toks []sentence.Token, j int) bool {
	return j > 0 && !toks[j].Capital && toks[j-1].Capital && !function()[toks[j-1].Lower] && !toks[j].Glued && step.Base(toks[j].Lower) != ""
}

func isModifier(toks []sentence.Token, j int) bool {
	t := toks[j]
	if t.Kind != sentence.Word && t.Kind != sentence.Number || t.Kind == sentence.Number && len(t.Text) > 4 {
		return false
	}
	if sentence.IsFiller(t.Lower) || len(t.Text) < 3 && !t.Capital && t.Kind == sentence.Word {
		return false
	}
	return !function()[t.Lower] && !pastOrNow()[t.Lower] && !strings.HasSuffix(t.Lower, "ly")
}

// pastOrNow are verb forms that stand between a subject and an object.
var pastOrNow = lexicon.Words("verbforms")

// isVerbHere tells that the word at i is the verb, not a modifier: it follows
// a subject, "to" or nothing.
func isVerbHere(toks []sentence.Token, i int) bool {
	w := toks[i].Lower
	if !step.IsVerbForm(w) {
		return false
	}
	if i == 0 || strings.HasSuffix(w, "ing") && !isBare()[w] && toks[i].Kind == sentence.Word && !determined(toks, i) {
		return true
	}
	before := toks[i-1]
	return before.Kind != sentence.Word || before.Lower == "to" || before.Lower == "and" || function()[before.Lower] && !determined(toks, i)
}

func determined(toks []sentence.Token, i int) bool {
	if i == 0 {
		return false
	}
	switch toks[i-1].Lower {
	case "the", "a", "an", "this", "that", "our", "your", "my", "their", "his", "her", "its", "every", "each", "any", "of", "for", "in", "on", "with", "during", "about", "'s", "no":
		return true
	}
	return false
}

// Fragment returns the tokens of a short answer that only names something,
// as "The bank import.", without the article; from == to when it is none.
func Fragment(s sentence.Sentence) (from, to int) {
	toks := s.Tokens
	to = len(toks)
	for to > 0 && toks[to-1].Kind == sentence.Punct {
		to--
	}
	if to < 2 || to > 6 || s.Question || !articles[toks[0].Lower] {
		return 0, 0
	}
	for _, t := range toks[1:to] {
		if t.Kind != sentence.Word && t.Text != "-" || function()[t.Lower] && t.Lower != "of" || pastOrNow()[t.Lower] {
			return 0, 0
		}
	}
	return 1, to
}

var articles = map[string]bool{"the": true, "our": true, "my": true, "their": true}

// IsBare tells a noun that names a procedure by itself: "payroll".
func IsBare(word string) bool { return isBare()[word] }
