package entity

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/name"
	"griot/internal/extraction/rules/noun"
	"griot/internal/extraction/rules/phrase"
	"griot/internal/extraction/rules/sentence"
)

type vote struct {
	kind   string
	weight float64
}

var (
	cues      = phrase.List("entitycues")
	nextCues  = sync.OnceValue(readNext)
	suffixes  = sync.OnceValue(readSuffixes)
	roleNames = lexicon.Words("rolenames")
	orgHeads  = lexicon.Words("orgheads")
	teamCues  = lexicon.Words("teamcues")
)

func readNext() map[string]vote {
	m := map[string]vote{}
	for _, line := range lexicon.Lines("nextcues") {
		f := strings.Fields(line)
		weight, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			panic("entity: nextcues: " + err.Error())
		}
		for _, w := range f[2:] {
			if _, known := m[w]; !known {
				m[w] = vote{f[0], weight}
			}
		}
	}
	return m
}

func readSuffixes() map[string]string {
	m := map[string]string{}
	for _, line := range lexicon.Lines("suffixes") {
		kind, words, _ := strings.Cut(line, ":")
		for _, w := range strings.Fields(words) {
			m[w] = kind
		}
	}
	return m
}

// Line gathers the names of a sentence.
func (g *Gatherer) Line(l document.Line, nouns []noun.Phrase) {
	g.lines++
	g.addSpeaker(l)
	spans := joined(l)
	matches := cues().All(l.Tokens)
	g.lookBack(l)
	taken := make([]bool, len(l.Tokens))
	for _, sp := range spans {
		if skip(l, sp) {
			continue
		}
		m := mention{from: sp.From, to: sp.To, text: l.Phrase(sp.From, sp.To), votes: judge(l, sp, matches), caps: true, placed: true, matches: matches}
		titled := strings.TrimPrefix(m.text, "@")
		if m.text = titled; sp.Kind == name.Person {
			m.text = withoutTitle(m.text)
		}
		if g.last = g.add(l, m); g.last != nil && m.text != titled && !slices.Contains(g.last.titled, titled) && len(g.last.titled) < 3 {
			g.last.titled = append(g.last.titled, titled)
		}
		g.acronym(l, sp, m.text)
		mark(taken, sp.From, sp.To)
	}
	g.addTeams(l, matches, taken)
	g.addNouns(l, nouns, matches, taken)
	g.addPhrases(l, matches)
}

// lookBack lets "They're our biggest customer" tell the type of the name last
// mentioned.
func (g *Gatherer) lookBack(l document.Line) {
	if g.last == nil || l.N-g.last.last > 1 || len(l.Tokens) < 3 {
		return
	}
	if p := pronouns[l.Tokens[0].Lower]; p != "" {
		g.buffer = g.buffer[:0]
		g.buffer.here(g.work, 1, "next", p)
		g.take(g.last)
	}
	if l.Question || !backward[l.Tokens[0].Lower] {
		return
	}
	if kind := apposed(l.Tokens, 0); kind != "" && g.last.votes["Person"] < 0.5 {
		g.last.vote(kind, 0.55)
	}
}

var backward = map[string]bool{"they": true, "that": true, "it": true, "which": true}

func mark(taken []bool, from, to int) {
	for i := from; i < to; i++ {
		taken[i] = true
	}
}

// addSpeaker notes a speaker, cited by the first sentence of some length.
func (g *Gatherer) addSpeaker(l document.Line) {
	if l.Speaker == "" || g.said[l.Speaker] || l.Words() < 3 {
		return
	}
	g.said[l.Speaker] = true
	who := document.PersonName(l.Speaker)
	if who = withoutTitle(who); who == "" {
		return
	}
	c := g.add(l, mention{from: 0, to: len(l.Tokens), text: who, votes: map[string]float64{"Person": 0.9}, caps: true})
	if c != nil {
		c.mentions--
		c.speaker = true
	}
}

// skip tells spans that name no entity: places, times, titles of work.
func skip(l document.Line, sp name.Span) bool {
	if sp.Kind == name.Place || sp.Kind == name.Time {
		return true
	}
	only := sp.To == sp.From+1
	first := strings.TrimSuffix(l.Tokens[sp.From].Lower, ".")
	if only && (roleNames()[first] && sp.Kind != name.Team || name.IsTitle(first) || l.Tokens[sp.From].Text[0] == '#') {
		return true
	}
	return only && len(first) < 2
}

// joined returns the names of the line, with those joined that make one:
// "University of Leeds".
func joined(l document.Line) []name.Span {
	var out []name.Span
	for _, sp := range l.Names {
		if n := len(out); n > 0 && links(l.Tokens, out[n-1], sp) {
			out[n-1].To, out[n-1].Kind, out[n-1].Known = sp.To, name.Unknown, ""
			continue
		}
		out = append(out, sp)
	}
	return out
}

func links(toks []sentence.Token, a, b name.Span) bool {
	gap := toks[a.To:b.From]
	if len(gap) == 0 || len(gap) > 2 || !orgHeads()[toks[a.To-1].Lower] {
		return false
	}
	if gap[0].Lower != "of" && gap[0].Lower != "for" {
		return false
	}
	return len(gap) == 1 || gap[1].Lower == "the"
}

func withoutTitle(text string) string {
	for {
		first, rest, ok := strings.Cut(text, " ")
		if !ok || !name.IsTitle(strings.ToLower(first)) {
			return text
		}
		text = rest
	}
}

// acronym notes "Accounts Receivable (AR)": the short form is an alias.
func (g *Gatherer) acronym(l document.Line, sp name.Span, text string) {
	if sp.To+2 >= len(l.Tokens) || l.Tokens[sp.To].Text != "(" || l.Tokens[sp.To+2].Text != ")" {
		return
	}
	short := l.Tokens[sp.To+1]
	if short.Capital && len(short.Text) <= 6 {
		g.aliases[key(short.Text)] = key(text)
	}
}

// addTeams adds departments that are named without "team" and in lower case:
// "then finance approves".
func (g *Gatherer) addTeams(l document.Line, matches []phrase.Match, taken []bool) {
	for i := 0; i < len(l.Tokens); i++ {
		n, listed := name.TeamAt(l.Tokens, i)
		if n == 0 || taken[i] {
			continue
		}
		if weight := teamWeight(l.Tokens, i, n); weight > 0 {
			g.add(l, mention{from: i, to: i + n, text: l.Phrase(i, i+n), votes: map[string]float64{"Team": weight}, caps: listed, placed: true, matches: matches})
			mark(taken, i, i+n)
			i += n - 1
		}
	}
}

// teamWeight judges by the words around: "ask legal", "finance approves".
func teamWeight(toks []sentence.Token, i, n int) float64 {
	if i+n < len(toks) && (toks[i+n].Lower == "team" || toks[i+n].Lower == "department" || toks[i+n].Lower == "group") {
		return 0 // a noun phrase
	}
	after := i + n
	if after < len(toks) && teamCues()[toks[after].Lower+"_"] {
		return 0.6
	}
	if i > 0 && teamCues()["_"+toks[i-1].Lower] && (after >= len(toks) || toks[after].Kind != sentence.Word || teamCues()["then_"+toks[after].Lower]) {
		return 0.45
	}
	return 0
}

// addNouns adds procedures, teams, policies and risks that noun phrases name.
func (g *Gatherer) addNouns(l document.Line, nouns []noun.Phrase, matches []phrase.Match, taken []bool) {
	for _, n := range nouns {
		votes := map[string]float64{n.Type: nounWeight(n)}
		if n.Type == "Team" && n.Bare {
			continue
		}
		if taken[n.From] && n.To-n.From == 2 && n.Type != "Workflow" {
			continue // judged with the name
		}
		g.add(l, mention{from: n.From, to: n.To, text: l.Phrase(n.From, n.To), votes: votes, placed: true, matches: matches})
	}
}

func nounWeight(n noun.Phrase) float64 {
	switch {
	case n.Type == "Workflow" && !n.Strong:
		return 0.3
	case n.Type == "Workflow" && n.Bare:
		return 0.3
	case n.Type == "Workflow":
		return 0.45
	case n.Type == "System":
		return 0.3
	}
	return 0.65
}
