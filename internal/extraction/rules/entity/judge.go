package entity

import (
	"strings"
	"sync"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/name"
	"griot/internal/extraction/rules/phrase"
	"griot/internal/extraction/rules/sentence"
	"griot/internal/extraction/rules/step"
)

// listedVotes are what a list says about a name's type.
var listedVotes = map[name.Kind]vote{
	name.Person:  {"Person", 0.6},
	name.System:  {"System", 0.75},
	name.Company: {"Vendor", 0.4},
	name.Team:    {"Team", 0.6},
	name.Policy:  {"Policy", 0.75},
}

// judge returns the votes for the type of a name where it stands.
func judge(l document.Line, sp name.Span, matches []phrase.Match) map[string]float64 {
	votes := map[string]float64{}
	add := func(kind string, w float64) { votes[kind] = 1 - (1-votes[kind])*(1-w) }
	if v, ok := listedVotes[sp.Kind]; ok {
		add(v.kind, v.weight)
	}
	for _, m := range matches {
		if !strings.HasSuffix(m.Label, "+") && near(m.Kept, sp) {
			add(m.Label, m.Weight)
		}
	}
	last := l.Tokens[sp.To-1].Lower
	kind := suffixes()[strings.TrimSuffix(last, ".")]
	if sp.To-sp.From > 1 && kind == "Vendor" {
		add(kind, 0.4) // a firm, which may be a customer too
	} else if sp.To-sp.From > 1 && kind != "" && kind != org {
		add(kind, 0.7)
	}
	around(l.Tokens, sp, add)
	if len(votes) == 0 {
		shapeVotes(l.Tokens, sp, add)
	}
	if sp.To-sp.From > 1 && kind == org {
		delete(votes, "Person")
	}
	return votes
}

// org is the suffix of names of firms and bodies: no persons.
const org = "Org"

// says are nouns by which a sentence says what a name is: "Zuora is our
// billing system".
var says = sync.OnceValue(readSays)

func readSays() map[string]string {
	m := map[string]string{}
	for _, line := range lexicon.Lines("says") {
		kind, words, _ := strings.Cut(line, ":")
		for _, w := range strings.Fields(words) {
			m[w] = kind
		}
	}
	return m
}

// function end the noun phrase that says what a name is.
var function = lexicon.Words("function")

// copulas stand between a name and the noun that says what it is.
var copulas = lexicon.Words("copulas")

// apposed returns the type that the words from i say the name before them
// has: ", our vendor", "is the billing system", ", they're a customer".
func apposed(toks []sentence.Token, i int) string {
	linked := false
	for ; i < len(toks) && copulas()[toks[i].Lower]; i++ {
		linked = true
	}
	for n := 0; linked && n < 4 && i < len(toks); n, i = n+1, i+1 {
		if toks[i].Kind != sentence.Word || toks[i].Capital || function()[toks[i].Lower] {
			return ""
		}
		kind := says()[toks[i].Lower]
		if kind != "" && (i+1 >= len(toks) || says()[toks[i+1].Lower] == "") {
			return kind
		}
	}
	return ""
}

// near tells that what a cue keeps begins with the name, an article apart.
func near(kept [2]int, sp name.Span) bool {
	return kept[1] > kept[0] && sp.From >= kept[0] && sp.From <= kept[0]+2
}

// around adds what the words beside the name say.
func around(toks []sentence.Token, sp name.Span, add func(string, float64)) {
	next := sp.To
	if next < len(toks) && toks[next].Kind == sentence.Word {
		if v, ok := nextCues()[toks[next].Lower]; ok && (v.kind != "Person" || sp.Kind == name.Unknown || sp.Kind == name.Person) {
			add(v.kind, v.weight)
		}
	}
	if kind := apposed(toks, next); kind != "" {
		add(kind, 0.8)
	}
	if next < len(toks) && step.Base(toks[next].Lower) != "" && sp.Kind != name.System && sp.Kind != name.Company && sp.Kind != name.Team {
		add("Person", 0.22)
	}
	if next+1 < len(toks) && toks[next].Text == "," && toks[next+1].Lower == "who" {
		add("Person", 0.5)
	}
}

// shapeVotes adds weak guesses for names without any cue.
func shapeVotes(toks []sentence.Token, sp name.Span, add func(string, float64)) {
	first := toks[sp.From]
	words := sp.To - sp.From
	switch {
	case words == 1 && first.Upper && len(first.Text) >= 3:
		add("System", 0.12)
	case words == 1 && hasUpper(first.Text[1:]):
		add("System", 0.2)
	case (words == 2 || words == 3) && !first.Upper && sp.Kind == name.Unknown && allPlain(toks[sp.From:sp.To]):
		add("Person", 0.12)
	}
}

func allPlain(toks []sentence.Token) bool {
	for _, t := range toks {
		if t.Kind != sentence.Word || t.Upper || !t.Capital {
			return false
		}
	}
	return true
}
