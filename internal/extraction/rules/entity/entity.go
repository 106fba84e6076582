// Package entity gathers what a transcript names: people, teams, systems and
// the other types, with their mentions and spellings merged.
package entity

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/linear"
	"griot/internal/extraction/rules/phrase"
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
	titled   []string // with a title: "Mr Tranter"
	mentions int
	first    int // the line of the first mention
	last     int
	evidence []extraction.Evidence
	quoted   int // the line of the last evidence
	speaker  bool
	caps     bool      // written with capitals, or listed
	worth    float64   // the most of a line that names it
	places   int       // where traits were taken
	scores   []float64 // sum of what the places say for each class
	traits   traits    // of the places, kept while a model is learnt
}

// Gatherer collects entities line by line.
type Gatherer struct {
	byKey   map[string]*candidate
	all     []*candidate
	aliases map[string]string // the key of a short form → the long form's
	said    map[string]bool   // speakers seen
	last    *candidate        // of the last name
	lines   int
	model   *linear.Model
	buffer  traits
	work    bool // people talk with each other
	learns  bool // keeps what a model is learnt from
}

// NewGatherer returns an empty Gatherer of a document.
func NewGatherer(doc *document.Document) *Gatherer {
	g := newGatherer()
	g.model, g.work = learnt(), doc.Finder.Case.Talk()
	return g
}

func newGatherer() *Gatherer {
	return &Gatherer{byKey: map[string]*candidate{}, aliases: map[string]string{}, said: map[string]bool{}}
}

// mention is one place where a name stands.
type mention struct {
	from, to int
	text     string
	votes    map[string]float64
	caps     bool
	placed   bool           // stands at from up to to, where cues are matched
	matches  []phrase.Match // of the line's cues
}

// maxPlaces is how many places of a name are looked at.
const maxPlaces = 50

// see takes in what a place of a name says of its class.
func (g *Gatherer) see(c *candidate, l document.Line, m mention) {
	if c.places >= maxPlaces {
		return
	}
	c.places++
	g.buffer = g.buffer[:0]
	g.buffer.where(l, m.from, m.to, m.matches, g.work)
	g.take(c)
}

// take adds what is in the buffer to what is known of a name.
func (g *Gatherer) take(c *candidate) {
	if g.learns {
		c.traits = append(c.traits, g.buffer...)
		return
	}
	if c.scores == nil {
		c.scores = make([]float64, len(classes))
	}
	for _, f := range g.buffer {
		g.model.Add(c.scores, f)
	}
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
		g.see(c, l, m)
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

// merge joins the candidates that are one.
func (g *Gatherer) merge() {
	g.mergeParts()
	g.mergeAliases()
	g.mergeProcedures()
}

// judged tells a candidate whose class the model decides; decisions and risks
// are phrases.
func (c *candidate) judged() bool {
	return (c.mentions > 0 || c.speaker) && len(c.evidence) > 0 && c.votes["Decision"] == 0 && c.votes["Risk"] == 0
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
	for _, s := range append(c.order[:len(c.order):len(c.order)], c.titled...) {
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
