package english

import (
	"strings"
	"sync"
)

// A pattern is a line of words between spaces:
//
//	word        the word itself, in lower case
//	a|b|c       one of the words
//	docum*      a word that begins so
//	[a|b]       the same, but it may be missing
//	..          up to three tokens
//	...         up to eight tokens
//	<x>         one to six tokens, kept
//	!a|b        at the start: not right after, or one word after, these words
//
// The first word (after !) is a literal one. Gaps and kept tokens never cross
// the end of a clause ("; : . ? !"), kept ones no comma either. Matching is
// linear in the tokens, as patterns are short.

// Match is a pattern found at the tokens From up to To. Kept is the first
// <x>'s range, or From == To there.
type Match struct {
	Label    string
	Weight   float64
	From, To int
	Kept     [2]int
}

type element struct {
	words    []string
	prefixes []string
	min, max int
	gap      bool
	keep     bool
}

type pattern struct {
	Label
	not      []string
	elements []element
}

// PatternSet is a list of patterns, ready to be matched.
type PatternSet struct {
	patterns []pattern
	first    map[string][]int
}

// Patterns returns the patterns of a list, which are read when they are first
// asked for.
func Patterns(list string) func() *PatternSet {
	return sync.OnceValue(func() *PatternSet { return compile(entries(list)) })
}

// compile reads the patterns of a list. Lists are part of the program, so a bad
// one is a programming error and panics.
func compile(list []entry) *PatternSet {
	s := &PatternSet{first: map[string][]int{}}
	for _, e := range list {
		p := pattern{Label: e.Label}
		for _, f := range strings.Fields(e.text) {
			if not, ok := strings.CutPrefix(f, "!"); ok {
				p.not = strings.Split(not, "|")
				continue
			}
			p.elements = append(p.elements, parseElement(f))
		}
		if e.Name == "" || len(p.elements) == 0 || len(p.elements[0].words) == 0 || p.elements[0].min == 0 {
			panic("english: " + e.text + ": a pattern has a label, and begins with a word")
		}
		for _, w := range p.elements[0].words {
			s.first[w] = append(s.first[w], len(s.patterns))
		}
		s.patterns = append(s.patterns, p)
	}
	return s
}

func parseElement(f string) element {
	switch {
	case f == "..":
		return element{gap: true, max: 3}
	case f == "...":
		return element{gap: true, max: 8}
	case strings.HasPrefix(f, "<"):
		return element{keep: true, min: 1, max: 6}
	}
	e := element{min: 1, max: 1}
	if strings.HasPrefix(f, "[") {
		e.min, f = 0, strings.Trim(f, "[]")
	}
	for w := range strings.SplitSeq(f, "|") {
		if prefix, ok := strings.CutSuffix(w, "*"); ok {
			e.prefixes = append(e.prefixes, prefix)
		} else {
			e.words = append(e.words, w)
		}
	}
	return e
}

// All returns every match in order of its start, at most one for each pattern
// and start.
func (s *PatternSet) All(tokens []Token) []Match {
	var found []Match
	for i := range tokens {
		for _, n := range s.first[tokens[i].Lower] {
			if m, ok := s.patterns[n].match(tokens, i); ok {
				found = append(found, m)
			}
		}
	}
	return found
}

// At returns the matches that begin with the token i.
func (s *PatternSet) At(tokens []Token, i int) []Match {
	var found []Match
	for _, n := range s.first[tokens[i].Lower] {
		if m, ok := s.patterns[n].match(tokens, i); ok {
			found = append(found, m)
		}
	}
	return found
}

func (p *pattern) match(tokens []Token, i int) (Match, bool) {
	for back := 1; back <= 2 && i-back >= 0; back++ {
		for _, w := range p.not {
			if tokens[i-back].Lower == w {
				return Match{}, false
			}
		}
	}
	m := Match{Label: p.Name, Weight: p.Weight, From: i}
	to, ok := walk(tokens, i, p.elements, &m)
	m.To = to
	return m, ok
}

func walk(tokens []Token, i int, rest []element, m *Match) (int, bool) {
	if len(rest) == 0 {
		return i, true
	}
	e := rest[0]
	if e.gap || e.keep {
		return walkRange(tokens, i, rest, m)
	}
	if i < len(tokens) && e.matches(tokens[i].Lower) {
		if to, ok := walk(tokens, i+1, rest[1:], m); ok {
			return to, true
		}
	}
	if e.min == 0 {
		return walk(tokens, i, rest[1:], m)
	}
	return 0, false
}

// walkRange takes as few tokens as the rest needs; a final <x> takes all it can.
func walkRange(tokens []Token, i int, rest []element, m *Match) (int, bool) {
	e := rest[0]
	limit := i
	for limit < len(tokens) && limit < i+e.max && !stops(tokens[limit], e.keep) {
		limit++
	}
	if e.keep && len(rest) == 1 {
		m.Kept = [2]int{i, limit}
		return limit, limit > i
	}
	for to := i + e.min; to <= limit; to++ {
		end, ok := walk(tokens, to, rest[1:], m)
		if ok && e.keep {
			m.Kept = [2]int{i, to}
		}
		if ok {
			return end, true
		}
	}
	return 0, false
}

func stops(t Token, keep bool) bool {
	return t.Is(";:.?!…") || keep && t.Text == ","
}

func (e element) matches(word string) bool {
	for _, w := range e.words {
		if w == word {
			return true
		}
	}
	for _, p := range e.prefixes {
		if strings.HasPrefix(word, p) {
			return true
		}
	}
	return false
}
