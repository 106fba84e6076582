package entity

import (
	"slices"
	"strings"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/linear"
)

// Gatherer collects entities line by line.
type Gatherer struct {
	byKey   map[string]*candidate
	all     []*candidate
	aliases map[string]string // the key of a short form → the long form's
	said    map[string]bool   // speakers seen
	last    *candidate        // of the last name
	lines   int
	model   *linear.Model
	buffer  features
	work    bool // people talk with each other
	learns  bool // keeps what a model is learnt from
}

// NewGatherer returns an empty Gatherer of a document.
func NewGatherer(doc *document.Document) *Gatherer {
	g := newGatherer()
	g.model, g.work = learnt(), doc.Finder.Casing.Talk()
	return g
}

func newGatherer() *Gatherer {
	return &Gatherer{byKey: map[string]*candidate{}, aliases: map[string]string{}, said: map[string]bool{}}
}

var (
	cues      = english.Patterns("entity-cues")
	nextCues  = english.Labels("words-after-names")
	suffixes  = english.Labels("name-suffixes")
	roleNames = english.Words("role-names")
	orgHeads  = english.Words("organisation-heads")
	teamCues  = english.Words("team-cues")
)

// Line gathers the names of a sentence.
func (g *Gatherer) Line(l document.Line, nouns []english.NounPhrase) {
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
		if m.text = titled; sp.Kind == english.Person {
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

// lookBack takes "They're our biggest customer" as a definition of the name last
// mentioned.
func (g *Gatherer) lookBack(l document.Line) {
	if g.last == nil || l.N-g.last.last > 1 || len(l.Tokens) < 3 {
		return
	}
	if p := pronounKinds()[l.Tokens[0].Lower].Name; p != "" {
		g.buffer = g.buffer[:0]
		g.buffer.addBoth(g.work, 1, "next", p)
		g.accumulate(g.last)
	}
	if l.Question || !lookingBack()[l.Tokens[0].Lower] {
		return
	}
	if kind := apposed(l.Tokens, 0); kind != "" && g.last.votes["Person"] < 0.5 {
		g.last.vote(kind, 0.55)
	}
}

var lookingBack = english.Words("looking-back")

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

func withoutTitle(text string) string {
	for {
		first, rest, ok := strings.Cut(text, " ")
		if !ok || !english.IsTitle(strings.ToLower(first)) {
			return text
		}
		text = rest
	}
}

// skip recognises names of no entity: places, times, titles of work.
func skip(l document.Line, sp english.Name) bool {
	if sp.Kind == english.Place || sp.Kind == english.Time {
		return true
	}
	only := sp.To == sp.From+1
	first := strings.TrimSuffix(l.Tokens[sp.From].Lower, ".")
	if only && (roleNames()[first] && sp.Kind != english.Team || english.IsTitle(first) || l.Tokens[sp.From].Text[0] == '#') {
		return true
	}
	return only && len(first) < 2
}

// joined returns the names of the line, with those joined that make one:
// "University of Leeds".
func joined(l document.Line) []english.Name {
	var out []english.Name
	for _, sp := range l.Names {
		if n := len(out); n > 0 && links(l.Tokens, out[n-1], sp) {
			out[n-1].To, out[n-1].Kind, out[n-1].Known = sp.To, english.Unknown, ""
			continue
		}
		out = append(out, sp)
	}
	return out
}

func links(toks []english.Token, a, b english.Name) bool {
	gap := toks[a.To:b.From]
	if len(gap) == 0 || len(gap) > 2 || !orgHeads()[toks[a.To-1].Lower] {
		return false
	}
	if gap[0].Lower != "of" && gap[0].Lower != "for" {
		return false
	}
	return len(gap) == 1 || gap[1].Lower == "the"
}

// acronym notes "Accounts Receivable (AR)": the short form is an alias.
func (g *Gatherer) acronym(l document.Line, sp english.Name, text string) {
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
func (g *Gatherer) addTeams(l document.Line, matches []english.Match, taken []bool) {
	for i := 0; i < len(l.Tokens); i++ {
		n, listed := english.TeamAt(l.Tokens, i)
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
func teamWeight(toks []english.Token, i, n int) float64 {
	if i+n < len(toks) && (toks[i+n].Lower == "team" || toks[i+n].Lower == "department" || toks[i+n].Lower == "group") {
		return 0 // a noun phrase
	}
	after := i + n
	if after < len(toks) && teamCues()[toks[after].Lower+"_"] {
		return 0.6
	}
	if i > 0 && teamCues()["_"+toks[i-1].Lower] && (after >= len(toks) || toks[after].Kind != english.Word || teamCues()["then_"+toks[after].Lower]) {
		return 0.45
	}
	return 0
}

func mark(taken []bool, from, to int) {
	for i := from; i < to; i++ {
		taken[i] = true
	}
}

// addNouns adds procedures, teams, policies and risks that noun phrases name.
func (g *Gatherer) addNouns(l document.Line, nouns []english.NounPhrase, matches []english.Match, taken []bool) {
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

func nounWeight(n english.NounPhrase) float64 {
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

// breakers end the short phrase that names a decision or a risk.
var breakers = english.Words("clause-openers")

var phraseFillers = english.Words("phrase-fillers")

// maxPhrase is the most words of such a name.
const maxPhrase = 7

// addPhrases adds the decisions and risks that cues name.
func (g *Gatherer) addPhrases(l document.Line, matches []english.Match) {
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

// names recognises a token that can begin a name: no pronoun, filler or the like.
func names(t english.Token) bool {
	return t.Kind == english.Word && !english.IsFiller(t.Lower) && (!function()[t.Lower] || t.Lower == "not")
}

// shorten returns the phrase at from up to a word that begins another clause.
func shorten(toks []english.Token, from int) (int, int) {
	for from < len(toks) && phraseFillers()[toks[from].Lower] {
		from++
	}
	to := from
	for to < len(toks) && to < from+maxPhrase && !(to > from && breakers()[toks[to].Lower]) {
		if t := toks[to]; t.Kind == english.Punct && t.Text != "-" && t.Text != "/" && t.Text != "&" {
			break
		}
		to++
	}
	for to > from && trailing()[toks[to-1].Lower] {
		to--
	}
	return from, to
}

var trailing = english.Words("trailing-words")

// unsure reports whether a cue follows a negation, a condition or a wish.
func unsure(toks []english.Token, at int) bool {
	return slices.ContainsFunc(toks[max(0, at-4):min(at+1, len(toks))], func(t english.Token) bool { return unsettled()[t.Lower] })
}

var unsettled = english.Words("unsettled")

// maxNames bounds how many different names are followed.
const maxNames = 20_000

// mention is one place where a name stands.
type mention struct {
	from, to int
	text     string
	votes    map[string]float64
	caps     bool
	placed   bool            // stands at from up to to, where cues are matched
	matches  []english.Match // of the line's cues
}

func (g *Gatherer) add(l document.Line, m mention) *candidate {
	k := key(m.text)
	if k == "" {
		return nil
	}
	c := g.byKey[k]
	if c == nil {
		if len(g.all) >= maxNames {
			return nil
		}
		c = &candidate{key: k, votes: map[string]float64{}, surfaces: map[string]int{}, first: l.N, quoted: -1}
		g.byKey[k] = c
		g.all = append(g.all, c)
	}
	c.mentions++
	c.last = l.N
	c.caps = c.caps || m.caps
	c.worth = max(c.worth, l.Worth)
	if m.placed {
		g.observe(c, l, m)
	}
	c.spell(m.text)
	for kind, w := range m.votes {
		c.vote(kind, w)
	}
	if c.quoted != l.N && len(c.evidence) < MaxEvidence {
		c.evidence = append(c.evidence, l.Cite(m.from, m.to))
		c.quoted = l.N
	}
	return c
}

// maxPlaces is how many places of a name are looked at.
const maxPlaces = 50

// observe adds the features of one mention to what is known of its name.
func (g *Gatherer) observe(c *candidate, l document.Line, m mention) {
	if c.places >= maxPlaces {
		return
	}
	c.places++
	g.buffer = g.buffer[:0]
	g.buffer.context(l, m.from, m.to, m.matches, g.work)
	g.accumulate(c)
}

// accumulate adds the features in the buffer to what is known of a name.
func (g *Gatherer) accumulate(c *candidate) {
	if g.learns {
		c.features = append(c.features, g.buffer...)
		return
	}
	if c.scores == nil {
		c.scores = make([]float64, len(classes))
	}
	for _, f := range g.buffer {
		g.model.Add(c.scores, f)
	}
}
