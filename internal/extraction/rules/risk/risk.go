// Package risk finds the six risk signals where a sentence says who or what is at
// risk and how. A phrase alone is no signal, nor are a question that nobody
// affirms, hearsay, a negation or a condition.
package risk

import (
	"cmp"
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
)

// MaxEvidence is the most citations of a risk.
const MaxEvidence = 20

// maxRisks bounds how many different risks are followed.
const maxRisks = 1_000

var (
	signs    = english.Patterns("risk-signs")
	severity = english.Patterns("severity-cues")
)

// Options adapt the risks to the template of a session.
type Options struct {
	Min   float64
	Boost map[string]float64 // factor on the confidence of a signal
}

// found is a risk while evidence for it comes in.
type found struct {
	signal   string
	who      string
	topic    string
	doubt    float64 // chance that all its signs are wrong
	level    int     // of severity: words for it minus words against
	evidence []extraction.Evidence
}

// Finder collects risk signals line by line.
type Finder struct {
	all    []*found
	byKey  map[string]*found
	asked  []hit  // signs in a question that waits for its answer
	asker  int    // its turn
	last   string // the topic last named
	at     int    // its line
	person string // last named
	named  int    // its line
	recent map[string]recent
}

// recent is the last risk of a signal and the line of its sign.
type recent struct {
	risk *found
	line int
}

// hit is a sign in a line.
type hit struct {
	match english.Match
	who   string
	topic string
	cite  extraction.Evidence
	level int
	line  int
	own   bool // the topic stands in the sentence itself
	whole bool // the sentence says all that the risk needs
}

// Told is the context of a sentence: the subject under discussion, and who has
// just told a step of a procedure, "" when nobody has.
type Told struct {
	Topic, StepBy string
}

// NewFinder returns an empty Finder.
func NewFinder() *Finder { return &Finder{byKey: map[string]*found{}, recent: map[string]recent{}} }

// Line reads a sentence.
func (f *Finder) Line(l document.Line, nouns []english.NounPhrase, told Told) {
	f.affirm(l)
	hits := f.hits(l, nouns, told)
	if l.Question {
		f.asked, f.asker = hits, l.Turn
		return
	}
	for _, h := range hits {
		f.add(h)
	}
}

// affirm adds the signs of the question before if this line affirms it.
func (f *Finder) affirm(l document.Line) {
	if len(f.asked) == 0 {
		return
	}
	if affirms(l) {
		for _, h := range f.asked {
			h.match.Weight -= 0.1
			f.add(h)
			f.cite(h, l)
		}
	}
	f.asked = nil
}

var (
	yes           = english.Words("affirmations")
	answerOpeners = english.Words("answer-openers")
)

func affirms(l document.Line) bool {
	first, second := word(l, 0), word(l, 1)
	if first == "" || second == "but" || word(l, 2) == "but" || second == "not" || word(l, 2) == "not" {
		return false
	}
	return yes()[first] || yes()[first+"_"+second]
}

func word(l document.Line, n int) string {
	for _, t := range l.Tokens {
		if answerOpeners()[t.Lower] {
			continue
		}
		if n == 0 {
			return t.Lower
		}
		n--
	}
	return ""
}

// cite adds the answer to the risk of the question.
func (f *Finder) cite(h hit, l document.Line) {
	if r := f.byKey[key(h)]; r != nil && len(r.evidence) < MaxEvidence && l.Words() > 2 {
		r.evidence = append(r.evidence, l.Cite(0, len(l.Tokens)))
	}
}

// hits returns the strongest sign of each signal in the line.
func (f *Finder) hits(l document.Line, nouns []english.NounPhrase, told Told) []hit {
	best := map[string]english.Match{}
	vetoed := map[string]bool{}
	for _, m := range signs().All(l.Tokens) {
		if !personal(l, m) {
			continue
		}
		if m.Weight == 0 {
			vetoed[m.Label] = true
		} else if m.Weight > best[m.Label].Weight || m.Weight == best[m.Label].Weight && best[m.Label].Kept[1] == 0 {
			best[m.Label] = m
		}
	}
	var all []hit
	for _, signal := range signals {
		m, ok := best[signal]
		if !ok || vetoed[signal] || supposed(l, m) {
			continue
		}
		h := hit{match: m, cite: l.Cite(m.From, m.To), level: levelOf(l), line: l.N}
		h.who = f.who(l, m)
		h.topic = topicOf(l, m, nouns)
		h.own = h.topic != ""
		h.whole = h.says(l, told)
		h.topic = cmp.Or(h.topic, told.Topic, f.lately(l.N))
		all = append(all, h)
	}
	if t := topicOf(l, english.Match{}, nouns); t != "" {
		f.last, f.at = t, l.N
	}
	f.remember(l)
	return all
}

// lately returns the topic last named when it was a few lines ago.
func (f *Finder) lately(n int) string {
	if n-f.at > 2*nearby {
		return ""
	}
	return f.last
}

// remember notes the person last named.
func (f *Finder) remember(l document.Line) {
	for _, n := range l.Names {
		if n.Kind == english.Person || n.Kind == english.Unknown && n.To-n.From <= 2 {
			f.person, f.named = l.Phrase(n.From, n.To), l.N
		}
	}
}

// says reports whether the sentence names the subject of its sign: who is the only
// one and for what, who leaves, which work is not written down,
// which document is stale, what only which vendor can do. "It" may stand for the
// procedure at hand. A contradiction has its subject in the step that somebody
// else has just told.
func (h hit) says(l document.Line, told Told) bool {
	work := h.own || told.Topic != "" && has(l, references())
	switch h.match.Label {
	case "single_person_dependency":
		return h.who != "" && work
	case "tenure_cliff":
		return h.who != ""
	case "stale_sop":
		return has(l, documents())
	case "tribal_contradiction":
		return told.StepBy != "" && told.StepBy != l.Speaker
	case "vendor_lock":
		return h.own && (h.who != "" || has(l, vendors()))
	}
	return work
}

// references stand for what was just named.
var references = english.Words("references")

var (
	documents = english.Words("document-nouns")
	vendors   = english.Words("vendor-nouns")
)

func has(l document.Line, words english.Set) bool {
	return slices.ContainsFunc(l.Tokens, func(t english.Token) bool { return words[t.Lower] })
}

var (
	hearsay      = english.Words("hearsay")
	suppositions = english.Words("suppositions")
)

// supposed recognises a sign that is only imagined, hoped or known from hearsay.
func supposed(l document.Line, m english.Match) bool {
	for i, t := range l.Tokens[:m.From+1] {
		if hearsay()[t.Lower] {
			return true
		}
		if suppositions()[t.Lower] {
			return i < 3 && m.Label != "single_person_dependency"
		}
	}
	return false
}

func levelOf(l document.Line) int {
	level := 0
	for _, m := range severity().All(l.Tokens) {
		if m.Label == "up" {
			level++
		} else {
			level--
		}
	}
	return level
}

// signals are the six in the order of their weights.
var signals = orderedSignals()

func orderedSignals() []string {
	var all []string
	for s := range extraction.Weights {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(extraction.Weights[b], extraction.Weights[a]), strings.Compare(a, b))
	})
	return all
}

func key(h hit) string {
	if h.who != "" && (h.match.Label == "single_person_dependency" || h.match.Label == "tenure_cliff") {
		first, _, _ := strings.Cut(h.who, " ")
		return h.match.Label + "|" + strings.ToLower(first)
	}
	return h.match.Label + "|" + strings.ToLower(h.topic)
}

// nearby is within how many lines an incomplete sign still adds to the last risk of
// its signal.
const nearby = 4

func (f *Finder) add(h hit) {
	k := key(h)
	r := f.byKey[k]
	if last := f.recent[h.match.Label]; r == nil && last.risk != nil && (last.risk.topic != "" && short(h.topic, last.risk.topic) ||
		h.line-last.line <= nearby && !h.own && (h.who == "" || last.risk.who == "")) {
		r = last.risk
	}
	if r == nil {
		if !h.whole || len(f.all) >= maxRisks {
			return
		}
		r = &found{signal: h.match.Label, who: h.who, topic: h.topic, doubt: 1}
		f.byKey[k] = r
		f.all = append(f.all, r)
	}
	if len(h.who) > len(r.who) {
		r.who = h.who
	}
	r.topic = cmp.Or(r.topic, h.topic)
	f.recent[h.match.Label] = recent{r, h.line}
	r.level += h.level
	r.doubt *= 1 - h.match.Weight
	if len(r.evidence) < MaxEvidence && !slices.Contains(r.evidence, h.cite) {
		r.evidence = append(r.evidence, h.cite)
	}
}

// short reports whether a topic is the end of a longer one: "rebates" are the
// "distributor rebates".
func short(topic, long string) bool {
	return topic != "" && strings.HasSuffix(strings.ToLower(long), " "+strings.ToLower(topic))
}

// most is the confidence of a risk whose wording is certain: one in ten of those
// is meant otherwise.
const most = 0.9

// Risks returns the signals found, surest first.
//
// typeOf returns the type of an entity by its name: only a person can be a single
// point of failure, and what depends on a vendor is a lock-in.
func (f *Finder) Risks(title string, typeOf func(string) string, o Options) []extraction.Risk {
	var all []extraction.Risk
	for _, r := range f.all {
		if !r.settle(typeOf) {
			continue
		}
		sure := most * (1 - r.doubt)
		if b, ok := o.Boost[r.signal]; ok {
			sure = min(sure*b, most)
		}
		if sure >= o.Min {
			all = append(all, extraction.Risk{
				Signal: r.signal, Title: r.title(title), Severity: r.severity(),
				Confidence: sure, Evidence: r.evidence,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b extraction.Risk) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return all
}
