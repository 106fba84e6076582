package procedure

import (
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/name"
	"griot/internal/extraction/rules/sentence"
	"griot/internal/extraction/rules/step"
)

var (
	actors = lexicon.Words("actors")
	common = lexicon.Words("common")
)

// minScore is the least score of a step that counts.
const minScore = 0.4

// steps returns the steps of a line with their actors.
func (f *Finder) steps(l document.Line) []taken {
	var all []taken
	if l.Asks {
		return nil // a question's own words, or what was said read back
	}
	for _, st := range step.Steps(l.Sentence) {
		who, fit := f.who(l, st)
		score := st.Score + fit
		if st.Ordered {
			score += 0.15
		}
		if score < minScore || talk(l, st) {
			continue
		}
		what := whatOf(l, st)
		if strings.Count(what, " ") < 1 || hollow(l, st) {
			continue
		}
		s := taken{ordered: st.Ordered}
		s.What, s.Who, s.Evidence = what, who, l.Exact(st.From, st.To)
		if !covers(l, st, s.Evidence) {
			s.Evidence = l.Exact(st.Verb, st.To)
		}
		all = append(all, s)
	}
	for _, n := range l.Names {
		if who := personOf(l, n); who != "" {
			f.person = who
		}
	}
	return all
}

// covers tells that the evidence reaches the verb: a caption may end before.
func covers(l document.Line, st step.Step, e extraction.Evidence) bool {
	return l.Tokens[st.From].Start+len(e.Quote) > l.Tokens[st.Verb].Start
}

// light verbs say nothing without their object.
var light = map[string]bool{"do": true, "go": true, "get": true, "have": true, "come": true}

// hollow tells "do it", "go ahead" and "get there", which say nothing to do.
func hollow(l document.Line, st step.Step) bool {
	return light[st.Base] && !slices.ContainsFunc(l.Tokens[st.Verb+1:st.To], func(t sentence.Token) bool {
		return t.Kind == sentence.Number || names(t)
	})
}

// chatter are verbs that begin a remark rather than a step.
var chatter = lexicon.Words("chatter")

// talk tells "look", "wait" and "let me see", which are no steps, and verbs of
// thought that an imperative may have.
func talk(l document.Line, st step.Step) bool {
	next := ""
	if st.Verb+1 < len(l.Tokens) {
		next = l.Tokens[st.Verb+1].Lower
	}
	if st.Base == "let" && (next == "me" || next == "'s" || next == "us") {
		return true
	}
	if st.Imperative && (common()[st.Base] || !step.IsVerbForm(st.Base)) && !isDeterminer(next) && next != "it" && next != "them" {
		return true
	}
	return chatter()[st.Base] || st.Base == "be" || st.Imperative && step.IsStative(st.Base)
}

// whatOf returns the step in words: its condition, and the verb with what
// follows it.
func whatOf(l document.Line, st step.Step) string {
	what := l.Phrase(st.Verb, st.To)
	if st.Base == "" && st.Subject[1] > 0 {
		what = l.Phrase(st.Subject[0], st.To)
	} else if st.Base != "" && !strings.EqualFold(l.Tokens[st.Verb].Text, st.Base) {
		what = st.Base + strings.TrimPrefix(what, l.Tokens[st.Verb].Text)
	}
	if st.Condition[1] > st.Condition[0] {
		what = l.Phrase(st.Condition[0], st.Condition[1]) + ", " + lowerFirst(what, l.Tokens[st.Verb])
	}
	if st.Imperative && st.Verb > 0 {
		what = withNegation(l, st, what)
	}
	return capitalise(clip(what))
}

func withNegation(l document.Line, st step.Step, what string) string {
	switch l.Tokens[st.Verb-1].Lower {
	case "don't", "never":
		return l.Tokens[st.Verb-1].Text + " " + what
	case "not":
		return "do not " + what
	}
	return what
}

func lowerFirst(text string, verb sentence.Token) string {
	if verb.Capital && !verb.Upper {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// who returns the step's actor and how its kind changes the score.
func (f *Finder) who(l document.Line, st step.Step) (string, float64) {
	if st.Subject[1] == 0 {
		return "", 0
	}
	from, to := st.Subject[0], st.Subject[1]
	switch l.Tokens[from].Lower {
	case "i":
		return document.PersonName(l.Speaker), 0
	case "we", "you", "they", "somebody", "someone", "everybody", "everyone":
		return "", 0
	case "it":
		return "", passivePenalty(st)
	case "he", "she":
		return f.referent(l, from), 0
	}
	for from < to-1 && isDeterminer(l.Tokens[from].Lower) {
		from++
	}
	who := l.Phrase(nameStart(l, from, to), to)
	if st.Base == "" {
		return "", 0
	}
	if f.acts(l, from, to) {
		f.noteActor(l, from, to)
		return capitalise(who), 0.05
	}
	return "", -0.3
}

// nameStart returns where the name begins with which the subject ends: "our biggest
// customer Acme" is Acme.
func nameStart(l document.Line, from, to int) int {
	for _, n := range l.Names {
		if n.To == to && n.From > from {
			return n.From
		}
	}
	return from
}

func passivePenalty(st step.Step) float64 {
	if st.Base == "" {
		return 0
	}
	return -0.4
}

// noteActor remembers a person who acts.
func (f *Finder) noteActor(l document.Line, from, to int) {
	for _, n := range l.Names {
		if n.From >= from && n.To <= to && (n.Kind == name.Unknown || n.Kind == name.Person) {
			f.person = l.Phrase(n.From, n.To)
		}
	}
}

func isDeterminer(word string) bool {
	switch word {
	case "the", "a", "an", "only", "our", "my", "your", "their", "his", "her", "this", "that", "these", "those":
		return true
	}
	return false
}

// acts tells a subject that can act: a name, a team or a role.
func (f *Finder) acts(l document.Line, from, to int) bool {
	for _, n := range l.Names {
		if n.From < to && n.To > from {
			return n.Kind != name.Time && n.Kind != name.Place
		}
	}
	if actors()[l.Tokens[to-1].Lower] {
		return true
	}
	n, _ := name.TeamAt(l.Tokens, from)
	return n == to-from
}

// referent returns who "she" or "he" at the token i is: the last one named
// before, in the sentence or earlier.
func (f *Finder) referent(l document.Line, i int) string {
	who := f.person
	for _, n := range l.Names {
		if n.To <= i && !located(l, n) && (n.Kind == name.Person || n.Kind == name.Unknown) {
			who = l.Phrase(n.From, n.To)
		}
	}
	return who
}

// located tells a name after "in", "into" and the like: a place or a system.
func located(l document.Line, n name.Span) bool {
	if n.From == 0 {
		return false
	}
	switch l.Tokens[n.From-1].Lower {
	case "in", "into", "from", "on", "onto", "via", "through", "inside":
		return true
	}
	return false
}

// personOf returns the name when it is a person's.
func personOf(l document.Line, n name.Span) string {
	if n.Kind != name.Person {
		return ""
	}
	return l.Phrase(n.From, n.To)
}
