package english

import (
	"strings"
	"sync"
)

// NameKind says what a known name names.
type NameKind string

// Kinds of known names; Unknown ones stand on their capitals alone.
const (
	Unknown NameKind = ""
	Person  NameKind = "person" // begins with a given name or a title
	Place   NameKind = "place"
	Time    NameKind = "time"
	System  NameKind = "system"
	Company NameKind = "company"
	Team    NameKind = "team"
	Policy  NameKind = "policy"
)

type knownName struct {
	words []string
	kind  NameKind
	name  string // the one that this is another spelling of
}

// gazetteer finds known names by their first word, the longest first.
type gazetteer map[string][]knownName

var known = sync.OnceValue(load)

func load() gazetteer {
	g := gazetteer{}
	for list, kind := range map[string]NameKind{"places": Place, "systems": System, "companies": Company, "teams": Team, "policies": Policy} {
		names := map[string]string{} // from each spelling to the first
		for _, e := range entries(list) {
			for spellings := range strings.SplitSeq(e.text, ",") {
				first, _, _ := strings.Cut(spellings, "=")
				for s := range strings.SplitSeq(spellings, "=") {
					names[strings.TrimSpace(s)] = strings.TrimSpace(first)
				}
			}
		}
		for spelling, name := range names {
			g.add(spelling, name, kind)
		}
	}
	for w := range Words("seasons")() {
		g.add(w, w, Time)
	}
	return g
}

func (g gazetteer) add(spelling, name string, kind NameKind) {
	var words []string
	for _, t := range Tokens(spelling) {
		words = append(words, t.Lower)
	}
	if len(words) == 0 {
		return
	}
	list := append(g[words[0]], knownName{words, kind, name})
	for i := len(list) - 1; i > 0 && before(list[i], list[i-1]); i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
	g[words[0]] = list
}

// before orders entries independently of the order of the lists.
func before(a, b knownName) bool {
	if len(a.words) != len(b.words) {
		return len(a.words) > len(b.words)
	}
	if n := strings.Compare(strings.Join(a.words, " "), strings.Join(b.words, " ")); n != 0 {
		return n < 0
	}
	return a.kind < b.kind
}

// at returns the longest name that stands at token i.
func (g gazetteer) at(tokens []Token, i int) (knownName, bool) {
	for _, e := range g[tokens[i].Lower] {
		if i+len(e.words) <= len(tokens) && e.matches(tokens[i:]) {
			return e, true
		}
	}
	return knownName{}, false
}

func (e knownName) matches(tokens []Token) bool {
	for j, w := range e.words {
		if tokens[j].Lower != w {
			return false
		}
	}
	return true
}

// LookupName returns the kind of a name in any case, and the spelling under which
// the lists have it.
func LookupName(name string) (NameKind, string) {
	tokens := Tokens(name)
	if len(tokens) == 0 {
		return Unknown, ""
	}
	if e, ok := known().at(tokens, 0); ok && len(e.words) == len(tokens) {
		return e.kind, e.name
	}
	return Unknown, ""
}

var (
	given     = Words("given-names")
	titles    = Words("person-titles")
	demonyms  = Words("demonyms")
	ambiguous = Words("ambiguous-names")
)

// IsGivenName recognises a given name of a person, in lower case.
func IsGivenName(word string) bool { return given()[word] }

// IsTitle recognises "Dr" and "Minister", with or without full stop.
func IsTitle(word string) bool { return titles()[strings.TrimSuffix(word, ".")] }

// TeamAt returns how many tokens at i name a listed team, and whether they are
// written as a name. Short ones ("IT", "AR") must be in capitals.
func TeamAt(tokens []Token, i int) (n int, capital bool) {
	for _, e := range known()[tokens[i].Lower] {
		if e.kind == Team && i+len(e.words) <= len(tokens) && e.matches(tokens[i:]) {
			if tokens[i].Upper || len(e.words) > 1 || len(e.words[0]) > 3 || e.words[0] == "hr" {
				return len(e.words), tokens[i].Capital
			}
		}
	}
	return 0, false
}
