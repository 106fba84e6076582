package entity

import (
	"strings"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
)

// listedVotes are what a list says about a name's type.
var listedVotes = map[english.NameKind]english.Label{
	english.Person:  {Name: "Person", Weight: 0.6},
	english.System:  {Name: "System", Weight: 0.75},
	english.Company: {Name: "Vendor", Weight: 0.4},
	english.Team:    {Name: "Team", Weight: 0.6},
	english.Policy:  {Name: "Policy", Weight: 0.75},
}

// judge returns the votes for the type of a name where it stands.
func judge(l document.Line, sp english.Name, matches []english.Match) map[string]float64 {
	votes := map[string]float64{}
	add := func(kind string, w float64) { votes[kind] = 1 - (1-votes[kind])*(1-w) }
	if v, ok := listedVotes[sp.Kind]; ok {
		add(v.Name, v.Weight)
	}
	for _, m := range matches {
		if !strings.HasSuffix(m.Label, "+") && near(m.Kept, sp) {
			add(m.Label, m.Weight)
		}
	}
	last := l.Tokens[sp.To-1].Lower
	kind := suffixes()[strings.TrimSuffix(last, ".")].Name
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

// org labels the last words of names of firms and institutions, never of people.
const org = "Org"

// says are the nouns of a definition: "Zuora is our billing system".
var says = english.Labels("said-kinds")

// function words end the noun phrase of a definition.
var function = english.Words("function-words")

// copulas stand between a name and the noun that defines it.
var copulas = english.Words("copulas")

// apposed returns the type that an apposition or a predicate from i on gives the
// name before it: ", our vendor", "is the billing system", ", they're a customer".
func apposed(toks []english.Token, i int) string {
	linked := false
	for ; i < len(toks) && copulas()[toks[i].Lower]; i++ {
		linked = true
	}
	for n := 0; linked && n < 4 && i < len(toks); n, i = n+1, i+1 {
		if toks[i].Kind != english.Word || toks[i].Capital || function()[toks[i].Lower] {
			return ""
		}
		kind := says()[toks[i].Lower].Name
		if kind != "" && (i+1 >= len(toks) || says()[toks[i+1].Lower].Name == "") {
			return kind
		}
	}
	return ""
}

// near reports whether what a cue captures begins with the name or with a word or
// two before it, such as its article.
func near(kept [2]int, sp english.Name) bool {
	return kept[1] > kept[0] && sp.From >= kept[0] && sp.From <= kept[0]+2
}

// around adds votes for the words beside the name.
func around(toks []english.Token, sp english.Name, add func(string, float64)) {
	next := sp.To
	if next < len(toks) && toks[next].Kind == english.Word {
		if v, ok := nextCues()[toks[next].Lower]; ok && (v.Name != "Person" || sp.Kind == english.Unknown || sp.Kind == english.Person) {
			add(v.Name, v.Weight)
		}
	}
	if kind := apposed(toks, next); kind != "" {
		add(kind, 0.8)
	}
	if next < len(toks) && english.BaseForm(toks[next].Lower) != "" && sp.Kind != english.System && sp.Kind != english.Company && sp.Kind != english.Team {
		add("Person", 0.22)
	}
	if next+1 < len(toks) && toks[next].Text == "," && toks[next+1].Lower == "who" {
		add("Person", 0.5)
	}
}

// shapeVotes adds weak guesses for names without any cue.
func shapeVotes(toks []english.Token, sp english.Name, add func(string, float64)) {
	first := toks[sp.From]
	words := sp.To - sp.From
	switch {
	case words == 1 && first.Upper && len(first.Text) >= 3:
		add("System", 0.12)
	case words == 1 && hasUpper(first.Text[1:]):
		add("System", 0.2)
	case (words == 2 || words == 3) && !first.Upper && sp.Kind == english.Unknown && allPlain(toks[sp.From:sp.To]):
		add("Person", 0.12)
	}
}

func allPlain(toks []english.Token) bool {
	for _, t := range toks {
		if t.Kind != english.Word || t.Upper || !t.Capital {
			return false
		}
	}
	return true
}
