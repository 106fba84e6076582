// Package procedure finds the procedures that a transcript describes: runs of
// steps, one procedure for each question or announcement that opens one.
package procedure

import (
	"cmp"
	"slices"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
)

// Options adapt the procedures to the template of a session.
type Options struct {
	Min   float64 // least confidence of a procedure
	Boost float64 // factor on the confidence
}

// Limits on what one procedure takes.
const (
	maxSteps    = 40
	maxEvidence = 20
	maxGap      = 150 // words without a step after which a procedure is over
	maxDrafts   = 2_000
)

var (
	openers   = english.Patterns("procedure-openers")
	followUps = english.Words("follow-up-openers")
	negations = english.Words("opener-negations")
)

// draft is a procedure while it is read.
type draft struct {
	topic    string
	words    map[string]bool
	asked    float64 // weight of what opened it, 0 when nothing did
	opener   []extraction.Evidence
	steps    []taken
	ordered  int     // of what keep left: steps with a place in a sequence,
	density  float64 // the mean density of their stretches,
	named    float64 // and the share whose actor is named
	gap      int
	lastTurn int
	summary  summary
	nouns    []string // procedures named while it was open
}

// taken is a step and what decides whether it belongs to a procedure.
type taken struct {
	extraction.Step
	ordered bool
	line    place
}

// place is where a line stands, in words from the beginning, and who says it.
type place struct {
	from, to int
	speaker  string
	visit    int // counts the turns from one procedure to another
}

// Finder collects procedures line by line.
type Finder struct {
	doc    *document.Document
	drafts []*draft
	open   *draft
	person string // the person last named, for "she" and "he"
	told   string // who told the last step
	toldAt int    // its line
	taking *draft // what the last step went to
	visit  int    // see place
	read   int    // words read before the line at hand
	hint   hint   // what a short answer has just named: "The bank import."
}

// hint is a phrase and the line where it stood.
type hint struct {
	text string
	line int
}

// maxHint is how many lines a hint lasts.
const maxHint = 12

// NewFinder returns a Finder for a document.
func NewFinder(doc *document.Document) *Finder {
	return &Finder{doc: doc}
}

// Line reads a sentence.
func (f *Finder) Line(l document.Line, nouns []english.NounPhrase) {
	f.hear(l, nouns)
	defer func() { f.read += l.Words() }()
	if f.opens(l) {
		return
	}
	if l.Question {
		f.interrupt(l)
		return
	}
	steps := f.steps(l)
	if len(steps) == 0 {
		f.tell(l)
		f.pause(l.Words())
		return
	}
	f.take(l, steps)
}

// Topic returns the subject under discussion at the line n, or "".
func (f *Finder) Topic(n int) string {
	if f.hint.text != "" && n-f.hint.line <= 3 {
		return f.hint.text
	}
	if f.open == nil {
		return ""
	}
	return f.open.topic
}

// maxAnswer is how many lines after a step somebody may object to it.
const maxAnswer = 3

// StepBy returns who told a step of a procedure just before the line n, or "".
func (f *Finder) StepBy(n int) string {
	if f.open == nil || len(f.open.steps) < minSteps || n-f.toldAt > maxAnswer {
		return ""
	}
	return f.told
}

// hear notes the procedures that the line names.
func (f *Finder) hear(l document.Line, nouns []english.NounPhrase) {
	if from, to := english.NounFragment(l.Sentence); to > from {
		f.hint = hint{l.Phrase(from, to), l.N}
	}
	for _, n := range nouns {
		if n.Type != "Workflow" || n.Bare {
			continue
		}
		text := l.Phrase(n.From, n.To)
		if f.open != nil && len(f.open.nouns) < 20 {
			f.open.nouns = append(f.open.nouns, text)
		}
	}
}

// opens opens a procedure, or resumes one, if the line does, and reports whether
// that is all that the line says.
func (f *Finder) opens(l document.Line) bool {
	best := english.Match{}
	for _, m := range openers().All(l.Tokens) {
		if m.Label == "tell" && l.Question || negated(l, m.From) {
			continue
		}
		if m.Weight > best.Weight {
			best = m
		}
	}
	best = named(l, best)
	switch {
	case best.Weight == 0:
		return false
	case best.Label == "more":
		return l.Question && f.open != nil
	}
	topic, words := topicOf(l, best)
	if isThought(l, best) || len(words) == 0 && best.Label == "tell" {
		return false
	}
	f.begin(l, best, topic, words)
	return l.Question || best.Label == "ask"
}

// named makes an opener of "credit notes, how do those go?", whose name stands
// before the question.
func named(l document.Line, m english.Match) english.Match {
	if !l.Question || m.From < 2 || m.From > 5 || l.Tokens[m.From-1].Text != "," || l.Tokens[m.From].Lower != "how" {
		return m
	}
	if _, words := topicOf(l, m); len(words) == 0 {
		m.Label, m.Kept = "ask", [2]int{0, m.From - 1}
	}
	return m
}

// isThought recognises "how do you know": no procedure is asked for.
func isThought(l document.Line, m english.Match) bool {
	if m.Kept[0] >= m.Kept[1] {
		return false
	}
	w := l.Tokens[m.Kept[0]].Lower
	return chatter()[w] || english.IsStative(w)
}

// vague recognises a name that is only a verb: "what happens if somebody follows
// it".
func vague(l document.Line, m english.Match, words map[string]bool) bool {
	if len(words) > 1 {
		return false
	}
	for _, t := range l.Tokens[m.Kept[0]:m.Kept[1]] {
		if words[english.Stem(t.Lower)] {
			return english.IsVerbForm(t.Lower) && !common()[t.Lower] && !english.IsProcessNoun(t.Lower)
		}
	}
	return false
}

func negated(l document.Line, at int) bool {
	return slices.ContainsFunc(l.Tokens[max(0, at-3):at], func(t english.Token) bool { return negations()[t.Lower] })
}

// begin opens a procedure, or goes on with an earlier one about the same.
func (f *Finder) begin(l document.Line, m english.Match, topic string, words map[string]bool) {
	if f.open != nil && (same(f.open.words, words) || len(words) == 0) {
		f.open.gap = 0
		return
	}
	for i := len(f.drafts) - 1; i >= 0 && i >= len(f.drafts)-30; i-- {
		if same(f.drafts[i].words, words) {
			f.open = f.drafts[i]
			f.open.gap = 0
			return
		}
	}
	f.start(l)
	if len(words) > 0 && !vague(l, m, words) {
		f.open.topic, f.open.words = topic, words
	}
	f.open.asked = m.Weight
	f.open.opener = append(f.open.opener, l.Cite(m.From, m.To))
}

// start opens an empty procedure.
func (f *Finder) start(l document.Line) {
	f.open = nil
	d := &draft{lastTurn: l.Turn}
	if f.hint.text != "" && l.N-f.hint.line <= maxHint {
		d.topic = f.hint.text
	}
	if len(f.drafts) >= maxDrafts {
		f.drafts = slices.DeleteFunc(f.drafts, func(d *draft) bool { return len(d.steps) < 2 })
	}
	if len(f.drafts) < maxDrafts {
		f.drafts = append(f.drafts, d)
	}
	f.open = d
}

// interrupt closes the open procedure at a question about something else.
func (f *Finder) interrupt(l document.Line) {
	if f.open == nil || l.Turn == f.open.lastTurn {
		return
	}
	if len(f.open.steps) > 0 && !goesOn(l) && !f.open.concerns(l) {
		f.open = nil
		return
	}
	f.pause(40)
}

// goesOn recognises a short question, or one that begins with "and" or "so": it
// asks on, unless it asks "what about" something else.
func goesOn(l document.Line) bool {
	words := l.Words()
	for i := range min(3, len(l.Tokens)) {
		if l.Tokens[i].Lower == "about" {
			return false
		}
	}
	first := l.Tokens[0].Lower
	return words <= 5 || words <= 9 && followUps()[first]
}

// concerns reports whether a question goes on about the procedure: by its words,
// or by pointing back.
func (d *draft) concerns(l document.Line) bool {
	for _, t := range l.Tokens {
		if d.words[english.Stem(t.Lower)] || pointers()[t.Lower] {
			return true
		}
	}
	return false
}

var pointers = english.Words("back-references")

// pause closes the open procedure after too many words without a step.
func (f *Finder) pause(words int) {
	if f.open == nil {
		return
	}
	f.open.gap += words
	if f.open.gap > maxGap {
		f.open = nil
	}
}

// take adds steps to the open procedure, or to a new one.
func (f *Finder) take(l document.Line, steps []taken) {
	if f.open == nil || f.restarts(l) {
		f.start(l)
	}
	d := f.open
	d.gap, d.lastTurn = 0, l.Turn
	f.told, f.toldAt = l.Speaker, l.N
	if f.taking != d {
		f.taking = d
		f.visit++
	}
	for _, s := range steps {
		s.line = place{f.read, f.read + l.Words(), l.Speaker, f.visit}
		if len(d.steps) < maxSteps {
			d.steps = append(d.steps, s)
		}
	}
}

// restarts reports whether a "first" begins another procedure than the open one.
func (f *Finder) restarts(l document.Line) bool {
	if len(f.open.steps) < 2 || l.Turn == f.open.lastTurn {
		return false
	}
	for _, t := range l.Tokens[:min(6, len(l.Tokens))] {
		if t.Lower == "first" || t.Lower == "firstly" {
			return true
		}
	}
	return false
}

// Procedures returns the procedures found, surest first.
func (f *Finder) Procedures(o Options) []extraction.SOP {
	var all []extraction.SOP
	for _, d := range f.drafts {
		if sop, ok := f.finish(d, o); ok {
			all = append(all, sop)
		}
	}
	slices.SortStableFunc(all, func(a, b extraction.SOP) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return all
}

// confidence estimates the share of the steps that a human reader would list too,
// by their density, how many are ordered, how many have an actor, and whether
// somebody asked for them.
func (d *draft) confidence() float64 {
	c := 0.3 + 0.25*d.density + 0.1*d.named + 0.04*float64(min(d.ordered, 4))
	if d.asked > 0 && d.topic != "" {
		c += 0.1
	}
	return min(c, 0.9)
}
