package procedure

import (
	"strings"
	"unicode/utf8"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
)

var noise = english.Words("topic-noise")

// maxTitle is the most words of a title.
const maxTitle = 9

// topicOf returns the name of a procedure from what its opener keeps, and the
// words that tell it from others.
func topicOf(l document.Line, m english.Match) (string, map[string]bool) {
	from, to := m.Kept[0], m.Kept[1]
	for to < len(l.Tokens) && to-from < maxTitle && (to == from || hyphen(l.Tokens, to)) {
		to++
	}
	for i := from; i < to; i++ {
		if t := l.Tokens[i]; i > from && (clauseWords()[t.Lower] || t.Kind == english.Punct && t.Text != "-" && t.Text != "/" && t.Text != "&") {
			to = i
		}
	}
	for from < to && noise()[l.Tokens[from].Lower] {
		from++
	}
	for to > from && (noise()[l.Tokens[to-1].Lower] || trailing()[l.Tokens[to-1].Lower] || l.Tokens[to-1].Kind == english.Punct || l.Tokens[to-1].Kind == english.Clitic) {
		to--
	}
	words := map[string]bool{}
	telling := false
	for _, t := range l.Tokens[from:to] {
		if t.Kind != english.Punct && !noise()[t.Lower] {
			words[english.Stem(t.Lower)] = true
			telling = telling || names(t)
		}
	}
	if !telling {
		return "", map[string]bool{}
	}
	return l.Phrase(from, to), words
}

// names recognises a word that may tell what a procedure is about: "one" and "they
// both get" do not.
func names(t english.Token) bool {
	return t.Kind == english.Word && len(t.Lower) > 2 && !function()[t.Lower] && !light()[t.Lower]
}

func hyphen(toks []english.Token, i int) bool {
	return toks[i].Text == "-" && toks[i].Glued || toks[i].Glued && toks[i-1].Text == "-"
}

var (
	clauseWords = english.Words("clause-openers")
	trailing    = english.Words("trailing-words")
	function    = english.Words("function-words", "fillers", "empty-modifiers")
)

// same reports whether two names mean the same procedure.
func same(a, b map[string]bool) bool {
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n > 0 && n*2 > max(len(a), len(b))
}

// summary is the sentence that best says what a procedure is about.
type summary struct {
	text  string
	score float64
}

// tell considers a statement without steps for the summary.
func (f *Finder) tell(l document.Line) {
	d := f.open
	if d == nil {
		return
	}
	if n := l.Words(); n < 6 || n > 45 || l.Asks {
		return
	}
	shared := 0
	for _, t := range l.Tokens {
		if d.words[english.Stem(t.Lower)] {
			shared++
		}
	}
	if shared == 0 && len(d.steps) > 0 {
		return
	}
	score := 2*l.Worth + 0.5*float64(shared)
	if len(d.steps) == 0 {
		score += 0.6
	}
	if score > d.summary.score {
		d.summary = summary{clip(l.Phrase(0, len(l.Tokens))), score}
	}
}

// finish makes the procedure of a draft.
func (f *Finder) finish(d *draft, o Options) (extraction.SOP, bool) {
	d.keep()
	if len(d.steps) == 0 {
		return extraction.SOP{}, false
	}
	sop := extraction.SOP{Confidence: min(d.confidence()*o.Boost, 0.95)}
	if sop.Confidence < o.Min {
		return sop, false
	}
	sop.Title, sop.Summary = f.title(d), d.summarise()
	sop.Evidence = append(sop.Evidence, d.opener...)
	for _, s := range d.steps {
		sop.Steps = append(sop.Steps, s.Step)
		if len(sop.Evidence) < maxEvidence {
			sop.Evidence = append(sop.Evidence, s.Evidence)
		}
	}
	return sop, true
}

// minNamed is how often a procedure must be named for its name to be the title.
const minNamed = 2

// title names the procedure: as the question did, by the procedure named most
// in it, or by its first step.
func (f *Finder) title(d *draft) string {
	if d.topic != "" {
		return english.Capitalise(d.topic)
	}
	count, best := map[string]int{}, ""
	for _, n := range d.nouns {
		k := strings.ToLower(n)
		count[k]++
		if count[k] >= minNamed && (best == "" || count[k] > count[strings.ToLower(best)]) {
			best = n
		}
	}
	if best != "" {
		return english.Capitalise(best)
	}
	words := strings.Fields(d.steps[0].What)
	return english.Capitalise(strings.TrimRight(strings.Join(words[:min(len(words), maxTitle)], " "), ",;:"))
}

// summarise returns the best sentence, or the first and the last step.
func (d *draft) summarise() string {
	if d.summary.text != "" {
		return english.Capitalise(d.summary.text)
	}
	first, last := d.steps[0].What, d.steps[len(d.steps)-1].What
	return clip(first) + ". " + clip(last) + "."
}

// maxText is the most bytes of a summary's sentence and of a step.
const maxText = 240

// clip shortens text at a word.
func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	cut := strings.LastIndexByte(text[:maxText], ' ')
	if cut < maxText/2 {
		cut = maxText
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
	}
	return strings.TrimRight(text[:cut], " ,;:") + " …"
}
