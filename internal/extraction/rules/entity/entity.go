// Package entity gathers what a transcript names: people, teams, systems and
// the other types, with their mentions and spellings merged.
package entity

import (
	"cmp"
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
)

// MaxEvidence is the most citations of an entity.
const MaxEvidence = 20

// maxNames bounds how many different names are followed.
const maxNames = 20_000

// Options weigh what a session is about.
type Options struct {
	Min   float64            // least confidence
	Boost map[string]float64 // factor on the confidence of a type
}

// candidate is what is known of one name. Votes say how sure each type is, as
// the chance that none of the cues for it is wrong.
type candidate struct {
	key      string
	votes    map[string]float64
	surfaces map[string]int
	order    []string // surfaces as they appeared
	mentions int
	first    int // the line of the first mention
	last     int
	evidence []extraction.Evidence
	quoted   int // the line of the last evidence
	speaker  bool
	caps     bool // written with capitals, or listed
}

// Gatherer collects entities line by line.
type Gatherer struct {
	byKey   map[string]*candidate
	all     []*candidate
	aliases map[string]string // the key of a short form → the long form's
	said    map[string]bool   // speakers seen
	last    *candidate        // of the last name
}

// NewGatherer returns an empty Gatherer.
func NewGatherer() *Gatherer {
	return &Gatherer{byKey: map[string]*candidate{}, aliases: map[string]string{}, said: map[string]bool{}}
}

// mention is one place where a name stands.
type mention struct {
	from, to int
	text     string
	votes    map[string]float64
	caps     bool
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

func (c *candidate) spell(text string) {
	if c.surfaces[text] == 0 {
		if len(c.order) >= 12 {
			return
		}
		c.order = append(c.order, text)
	}
	c.surfaces[text]++
}

// weak votes only support others, however many they are.
const weak, maxWeak = 0.2, 0.35

func (c *candidate) vote(kind string, w float64) {
	if w < weak && c.votes[kind] >= maxWeak {
		return
	}
	c.votes[kind] = 1 - (1-c.votes[kind])*(1-w)
}

// decide returns the type with the most votes and how sure it is.
func (c *candidate) decide() (string, float64) {
	best, sum := "", 0.0
	for _, kind := range extraction.EntityTypes {
		sum += c.votes[kind]
		if best == "" || c.votes[kind] > c.votes[best] {
			best = kind
		}
	}
	if sum == 0 {
		return "", 0
	}
	v := c.votes[best]
	return best, v * (0.5 + 0.5*v/sum)
}

// Entities returns the entities, surest first.
func (g *Gatherer) Entities(o Options) []extraction.Entity {
	g.mergePeople()
	g.mergeAliases()
	g.mergeProcedures()
	var all []extraction.Entity
	for _, c := range g.all {
		if e, ok := c.entity(o); ok {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b extraction.Entity) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Mentions, a.Mentions))
	})
	return all
}

func (c *candidate) entity(o Options) (extraction.Entity, bool) {
	kind, sure := c.decide()
	if kind == "" || c.mentions == 0 && !c.speaker || len(c.evidence) == 0 {
		return extraction.Entity{}, false
	}
	if b, ok := o.Boost[kind]; ok {
		sure *= b
	}
	if sure < o.Min {
		return extraction.Entity{}, false
	}
	main, others := c.spellings(kind)
	return extraction.Entity{
		Type: kind, Name: main, Aliases: others, Mentions: max(1, c.mentions),
		Confidence: min(sure, 0.98), Evidence: c.evidence,
	}, true
}

// spellings returns the name to show and the others: the longest for people,
// the most frequent for the rest.
func (c *candidate) spellings(kind string) (string, []string) {
	main := c.order[0]
	for _, s := range c.order[1:] {
		if c.better(kind, s, main) {
			main = s
		}
	}
	seen := map[string]bool{strings.ToLower(main): true}
	others := []string{}
	for _, s := range c.order {
		if low := strings.ToLower(s); !seen[low] {
			seen[low] = true
			others = append(others, s)
		}
	}
	return capitalise(main), others
}

func (c *candidate) better(kind, s, main string) bool {
	if kind == "Person" && strings.Count(s, " ") != strings.Count(main, " ") {
		return strings.Count(s, " ") > strings.Count(main, " ")
	}
	if short(s) != short(main) && c.votes["Team"] > 0 {
		return short(main) && upper(s)
	}
	if upper(s) != upper(main) {
		return upper(s)
	}
	return c.surfaces[s] > c.surfaces[main]
}

// TypeOf returns the type under which a name was gathered, or "".
func (g *Gatherer) TypeOf(text string) string {
	c := g.byKey[key(text)]
	if c == nil {
		return ""
	}
	kind, _ := c.decide()
	return kind
}
