// Package entity gathers what a transcript names: people, teams, systems and
// the other types, with their mentions and spellings merged.
package entity

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/linear"
)

// Options adapt the entities to the template of a session.
type Options struct {
	Min   float64            // least confidence
	Boost map[string]float64 // factor on the confidence of a type
}

// Entities returns the entities, surest first.
func (g *Gatherer) Entities(o Options) []extraction.Entity {
	g.merge()
	var all []extraction.Entity
	for _, c := range g.all {
		if e, ok := g.entity(c, o); ok {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b extraction.Entity) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Mentions, a.Mentions))
	})
	return all
}

func (g *Gatherer) entity(c *candidate, o Options) (extraction.Entity, bool) {
	kind, sure := g.judge(c)
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
		Confidence: math.Round(min(sure, 0.98)*100) / 100, Evidence: c.evidence,
	}, true
}

// judge returns the type of a candidate and how sure it is. An ampersand is in
// names of firms, never of people.
func (g *Gatherer) judge(c *candidate) (string, float64) {
	if !c.judged() {
		return c.decide()
	}
	best, sure, bodies := "", 0.0, 0.0
	for i, chance := range withCues(c, g.chances(c)) {
		if classes[i] != Other && chance > sure && (classes[i] != "Person" || !strings.Contains(c.order[0], "&")) {
			best, sure = classes[i], chance
		}
		if organisations[classes[i]] {
			bodies += chance
		}
	}
	if !g.work && organisations[best] {
		sure = bodies
	}
	return best, calibrate(sure)
}

// judged reports whether the model decides the class of a candidate. Decisions and
// risks are phrases, of which it knows nothing.
func (c *candidate) judged() bool {
	return (c.mentions > 0 || c.speaker) && len(c.evidence) > 0 && c.votes["Decision"] == 0 && c.votes["Risk"] == 0
}

// chances returns the probability of each class.
func (g *Gatherer) chances(c *candidate) []float64 {
	g.buffer = g.buffer[:0]
	g.buffer.usage(c, g.lines, g.work)
	scores := g.model.Scores(g.buffer)
	for i, s := range c.scores {
		scores[i] += s / math.Sqrt(float64(max(1, c.places)))
	}
	return linear.Softmax(scores)
}

// How far the hand-written cues outweigh the model: above sureCues by the share
// trusted, and from outright on (said in so many words, or listed) altogether.
const (
	sureCues = 0.55
	trusted  = 0.7
	outright = 0.75
)

// sparse types are too rare in the training interviews for the model to know them.
var sparse = map[string]bool{"Workflow": true, "Customer": true}

// withCues moves the chances towards the type that the hand-written cues are sure
// of, since lists and definitions ("Zuora is our billing system") are too rare in
// the training data. The other types keep their proportions.
func withCues(c *candidate, chances []float64) []float64 {
	kind, sure := c.decide()
	at := class(kind)
	if at < 0 || sure < sureCues {
		return chances
	}
	trust := trusted
	if c.votes[kind] >= outright || sparse[kind] {
		trust = 1
	}
	for i := range chances {
		if i == at {
			chances[i] += (1 - chances[i]) * sure * trust
		} else {
			chances[i] *= 1 - sure*trust
		}
	}
	return chances
}

// organisations are classes that a text in which nobody talks does not tell apart,
// as it does not say whose customer a firm is: there their chances add up.
var organisations = map[string]bool{"Team": true, "Customer": true, "Vendor": true}

// precision is the share of right entities by their confidence, in interviews that
// the model was not trained on, smoothed so that it rises.
var precision = [][2]float64{{0, 0}, {0.6, 0.6}, {0.8, 0.7}, {0.9, 0.82}, {1, 0.94}}

// calibrate maps a confidence to the precision of entities that have it.
func calibrate(sure float64) float64 {
	i := 1
	for i < len(precision)-1 && sure > precision[i][0] {
		i++
	}
	from, to := precision[i-1], precision[i]
	return from[1] + (to[1]-from[1])*(sure-from[0])/(to[0]-from[0])
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

// merge joins candidates that name the same thing.
func (g *Gatherer) merge() {
	g.mergeParts()
	g.mergeAliases()
	g.mergeProcedures()
}

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
		if strings.Contains(word, " ") || len(full[word]) != 1 || full[word][0] == c || !c.caps || common()[word] && !english.IsGivenName(word) {
			continue
		}
		listed, _ := english.LookupName(word)
		if kind, sure := c.decide(); kind == "Person" || kind == "" || sure < 0.5 && listed == english.Unknown {
			full[word][0].absorb(c)
		}
	}
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

// within reports whether all words of c, two at least, stand in o.
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
