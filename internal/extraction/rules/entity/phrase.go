package entity

import (
	"strings"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/phrase"
	"griot/internal/extraction/rules/sentence"
)

// breakers end the short phrase that names a decision or a risk.
var breakers = lexicon.Words("breakers")

// maxPhrase is the most words of such a name.
const maxPhrase = 7

// addPhrases adds the decisions and risks that cues name.
func (g *Gatherer) addPhrases(l document.Line, matches []phrase.Match) {
	if l.Question {
		return
	}
	taken := 0
	for _, m := range matches {
		kind, ok := strings.CutSuffix(m.Label, "+")
		if !ok || m.Kept[0] < taken || m.Kept[0] >= m.Kept[1] {
			continue
		}
		from, to := shorten(l.Tokens, m.Kept[0])
		if to-from < 2 && !(to > from && l.Tokens[from].Capital) || !names(l.Tokens[from]) || unsure(l.Tokens, m.From) {
			continue
		}
		g.add(l, mention{from: from, to: to, text: l.Phrase(from, to), votes: map[string]float64{kind: m.Weight}})
		taken = to
	}
}

// names tells a token that can begin a name: no pronoun, filler or the like.
func names(t sentence.Token) bool {
	return t.Kind == sentence.Word && !sentence.IsFiller(t.Lower) && (!function()[t.Lower] || t.Lower == "not")
}

// shorten returns the phrase at from up to a word that begins another clause.
func shorten(toks []sentence.Token, from int) (int, int) {
	for from < len(toks) && (toks[from].Lower == "the" || toks[from].Lower == "a" || toks[from].Lower == "just" || toks[from].Lower == "that") {
		from++
	}
	to := from
	for to < len(toks) && to < from+maxPhrase && !(to > from && breakers()[toks[to].Lower]) {
		if t := toks[to]; t.Kind == sentence.Punct && t.Text != "-" && t.Text != "/" && t.Text != "&" {
			break
		}
		to++
	}
	for to > from && trailing()[toks[to-1].Lower] {
		to--
	}
	return from, to
}

var trailing = lexicon.Words("trailing")

// unsure tells a cue after a negation, a condition or a wish.
func unsure(toks []sentence.Token, at int) bool {
	for i := max(0, at-4); i <= at && i < len(toks); i++ {
		switch toks[i].Lower {
		case "if", "not", "never", "haven't", "hasn't", "hadn't", "didn't", "don't", "should", "could", "would", "might", "before", "until", "unless", "whether", "isn't", "wasn't", "ain't", "no":
			return true
		}
	}
	return false
}
