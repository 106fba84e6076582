package entity

import (
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/name"
)

// mergeParts joins "Dana" with "Dana Whitfield", and "Larkin" with "Larkin
// Foods", when only one longer name begins so. A bare last name is joined with
// a person's.
func (g *Gatherer) mergeParts() {
	full := map[string][]*candidate{}
	for _, c := range g.all {
		words := strings.Fields(strings.ToLower(c.order[0]))
		if len(words) < 2 || len(words) > 3 || !c.caps {
			continue
		}
		full[words[0]] = append(full[words[0]], c)
		last := words[len(words)-1]
		if kind, _ := c.decide(); kind == "Person" && last != words[0] {
			full[last] = append(full[last], c)
		}
	}
	for _, c := range g.all {
		word := strings.ToLower(c.order[0])
		if strings.Contains(word, " ") || len(full[word]) != 1 || full[word][0] == c || !c.caps || common()[word] && !name.IsGiven(word) {
			continue
		}
		if kind, sure := c.decide(); kind == "Person" || kind == "" || sure < 0.5 && !isListed(word) {
			full[word][0].absorb(c)
		}
	}
}

func isListed(word string) bool {
	kind, _ := name.Lookup(word)
	return kind != name.Unknown
}

// mergeAliases joins short forms with the long ones that introduced them.
func (g *Gatherer) mergeAliases() {
	for _, c := range g.all {
		long := g.byKey[g.aliases[c.key]]
		if long != nil && long != c {
			long.absorb(c)
		}
	}
}

// absorb moves all of o to c; what is left of o has no mentions and is not
// emitted.
func (c *candidate) absorb(o *candidate) {
	c.mentions += o.mentions
	c.first = min(c.first, o.first)
	c.speaker = c.speaker || o.speaker
	for _, s := range o.order {
		if c.surfaces[s] == 0 {
			c.order = append(c.order, s)
		}
		c.surfaces[s] += o.surfaces[s]
	}
	for _, kind := range extraction.EntityTypes {
		c.vote(kind, o.votes[kind])
	}
	c.last = max(c.last, o.last)
	c.worth = max(c.worth, o.worth)
	c.caps = c.caps || o.caps
	c.places += o.places
	c.traits = append(c.traits, o.traits...)
	for i, s := range o.scores {
		if c.scores == nil {
			c.scores = make([]float64, len(classes))
		}
		c.scores[i] += s
	}
	c.titled = append(c.titled, o.titled...)
	for _, e := range o.evidence {
		if !slices.Contains(c.evidence, e) {
			c.evidence = append(c.evidence, e)
		}
	}
	if len(c.evidence) > MaxEvidence {
		c.evidence = c.evidence[:MaxEvidence]
	}
	o.mentions, o.evidence, o.votes = 0, nil, map[string]float64{}
	o.places, o.scores, o.traits = 0, nil, nil
	o.speaker = false
}

// mergeProcedures joins "month-end close" with "month-end revenue close" when
// only one longer name has all its words and the same last one.
func (g *Gatherer) mergeProcedures() {
	heads := map[string][]*candidate{}
	for _, c := range g.all {
		if kind, _ := c.decide(); kind == "Workflow" && len(heads[lastWord(c)]) < 50 {
			heads[lastWord(c)] = append(heads[lastWord(c)], c)
		}
	}
	for _, c := range g.all {
		var longer []*candidate
		for _, o := range heads[lastWord(c)] {
			if o != c && len(o.evidence) > 0 && within(c, o) {
				longer = append(longer, o)
			}
		}
		if kind, _ := c.decide(); kind == "Workflow" && len(longer) == 1 {
			longer[0].absorb(c)
		}
	}
}

func lastWord(c *candidate) string {
	words := strings.Fields(strings.ToLower(c.order[0]))
	return words[len(words)-1]
}

// within tells that all words of c, two at least, stand in o.
func within(c, o *candidate) bool {
	words, more := strings.Fields(strings.ToLower(c.order[0])), strings.Fields(strings.ToLower(o.order[0]))
	if len(words) < 2 || len(words) >= len(more) {
		return false
	}
	for _, w := range words {
		if !slices.Contains(more, w) {
			return false
		}
	}
	return true
}
