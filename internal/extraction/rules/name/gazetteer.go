package name

import (
	"strings"
	"sync"

	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/sentence"
)

// Kind says what a known name names.
type Kind string

// Kinds of known names; Unknown ones stand on their capitals alone.
const (
	Unknown Kind = ""
	Person  Kind = "person" // begins with a given name or a title
	Place   Kind = "place"
	Time    Kind = "time"
	System  Kind = "system"
	Company Kind = "company"
	Team    Kind = "team"
	Policy  Kind = "policy"
)

type entry struct {
	words []string
	kind  Kind
	name  string // the entry that this is a spelling of
}

// gazetteer finds the entries of the lists, longest first, by their first word.
type gazetteer map[string][]entry

var known = sync.OnceValue(load)

func load() gazetteer {
	g := gazetteer{}
	lists := []struct {
		file string
		kind Kind
	}{{"places", Place}, {"systems", System}, {"companies", Company}, {"teams", Team}, {"policies", Policy}}
	for _, l := range lists {
		for spelling, name := range lexicon.Phrases(l.file) {
			g.add(spelling, name, l.kind)
		}
	}
	for w := range lexicon.Words("seasons")() {
		g.add(w, w, Time)
	}
	return g
}

func (g gazetteer) add(spelling, name string, kind Kind) {
	var words []string
	for _, t := range sentence.Tokens(spelling) {
		words = append(words, t.Lower)
	}
	if len(words) == 0 {
		return
	}
	list := append(g[words[0]], entry{words, kind, name})
	for i := len(list) - 1; i > 0 && before(list[i], list[i-1]); i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
	g[words[0]] = list
}

// before orders entries independently of the order of the lists.
func before(a, b entry) bool {
	if len(a.words) != len(b.words) {
		return len(a.words) > len(b.words)
	}
	if n := strings.Compare(strings.Join(a.words, " "), strings.Join(b.words, " ")); n != 0 {
		return n < 0
	}
	return a.kind < b.kind
}

// at returns the longest entry that stands at token i.
func (g gazetteer) at(tokens []sentence.Token, i int) (entry, bool) {
	for _, e := range g[tokens[i].Lower] {
		if i+len(e.words) <= len(tokens) && e.matches(tokens[i:]) {
			return e, true
		}
	}
	return entry{}, false
}

func (e entry) matches(tokens []sentence.Token) bool {
	for j, w := range e.words {
		if tokens[j].Lower != w {
			return false
		}
	}
	return true
}

// Lookup returns the kind of a name in any case, and the spelling under which
// the lists have it.
func Lookup(name string) (Kind, string) {
	tokens := sentence.Tokens(name)
	if len(tokens) == 0 {
		return Unknown, ""
	}
	if e, ok := known().at(tokens, 0); ok && len(e.words) == len(tokens) {
		return e.kind, e.name
	}
	return Unknown, ""
}

var (
	given      = lexicon.Words("given")
	titles     = lexicon.Words("titles")
	demonyms   = lexicon.Words("demonyms")
	common     = lexicon.Words("common", "function")
	isFunction = lexicon.Words("function")
	ambiguous  = lexicon.Words("ambiguous")
)

// IsGiven tells a given name of a person, in lower case.
func IsGiven(word string) bool { return given()[word] }

// IsTitle tells "Dr" and "Minister", with or without full stop.
func IsTitle(word string) bool { return titles()[strings.TrimSuffix(word, ".")] }

// TeamAt returns how many tokens at i name a listed team, and whether they are
// written as a name. Short ones ("IT", "AR") must be in capitals.
func TeamAt(tokens []sentence.Token, i int) (n int, capital bool) {
	for _, e := range known()[tokens[i].Lower] {
		if e.kind == Team && i+len(e.words) <= len(tokens) && e.matches(tokens[i:]) {
			if tokens[i].Upper || len(e.words) > 1 || len(e.words[0]) > 3 || e.words[0] == "hr" {
				return len(e.words), tokens[i].Capital
			}
		}
	}
	return 0, false
}
