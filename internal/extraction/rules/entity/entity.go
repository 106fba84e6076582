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

// Options weigh what a session is about.
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
	for i, chance := range told(c, g.chances(c)) {
		if classes[i] != Other && chance > sure && (classes[i] != "Person" || !strings.Contains(c.order[0], "&")) {
			best, sure = classes[i], chance
		}
		if body[classes[i]] {
			bodies += chance
		}
	}
	if !g.work && body[best] {
		sure = bodies
	}
	return best, calibrated(sure)
}

// judged recognises a candidate whose class the model decides; decisions and risks
// are phrases.
func (c *candidate) judged() bool {
	return (c.mentions > 0 || c.speaker) && len(c.evidence) > 0 && c.votes["Decision"] == 0 && c.votes["Risk"] == 0
}

// chances are those of each class.
func (g *Gatherer) chances(c *candidate) []float64 {
	g.buffer = g.buffer[:0]
	g.buffer.role(c, g.lines, g.work)
	scores := g.model.Scores(g.buffer)
	for i, s := range c.scores {
		scores[i] += s / math.Sqrt(float64(max(1, c.places)))
	}
	return linear.Softmax(scores)
}

// How much is given to the type that the hand-written cues tell, where they are
// sure of one: all, where it is said outright or listed.
const (
	sureCues = 0.55
	trusted  = 0.7
	outright = 0.75
)

// seldom are types of which the interviews that the model is learnt from have
// too few.
var seldom = map[string]bool{"Workflow": true, "Customer": true}

// told moves the chances towards the type that the hand-written cues are sure
// of: lists and plain words ("Zuora is our billing system"), of which the model
// has seen too few. The others share what they leave.
func told(c *candidate, chances []float64) []float64 {
	kind, sure := c.decide()
	at := class(kind)
	if at < 0 || sure < sureCues {
		return chances
	}
	trust := trusted
	if c.votes[kind] >= outright || seldom[kind] {
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

// body are the classes of organisations. A text in which nobody talks does not
// tell whose customer one is: there any of them will do.
var body = map[string]bool{"Team": true, "Customer": true, "Vendor": true}

// right is the share of entities that were right among those of a confidence,
// in interviews that the model had not learnt from, smoothed to rise.
var right = [][2]float64{{0, 0}, {0.6, 0.6}, {0.8, 0.7}, {0.9, 0.82}, {1, 0.94}}

// calibrated makes a confidence mean what it says.
func calibrated(sure float64) float64 {
	i := 1
	for i < len(right)-1 && sure > right[i][0] {
		i++
	}
	from, to := right[i-1], right[i]
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

// merge joins the candidates that are one.
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
		if kind, sure := c.decide(); kind == "Person" || kind == "" || sure < 0.5 && !isListed(word) {
			full[word][0].absorb(c)
		}
	}
}

func isListed(word string) bool {
	kind, _ := english.LookupName(word)
	return kind != english.Unknown
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
