package procedure

import (
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
)

var (
	actors             = english.Words("actors")
	common             = english.Words("common-words")
	subjectDeterminers = english.Words("subject-determiners")
	unnamedActors      = english.Words("unnamed-actors")
	locating           = english.Words("locating-prepositions")
)

// minScore is the least score of a step that counts.
const minScore = 0.4

// steps returns the steps of a line with their actors.
func (f *Finder) steps(l document.Line) []taken {
	var all []taken
	if l.Asks {
		return nil // a question's own words, or what was said read back
	}
	for _, st := range english.Steps(l.Sentence) {
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
		if n.Kind == english.Person {
			f.person = l.Phrase(n.From, n.To)
		}
	}
	return all
}

// covers reports whether the evidence includes the verb, before which a caption may
// end.
func covers(l document.Line, st english.Step, e extraction.Evidence) bool {
	return l.Tokens[st.From].Start+len(e.Quote) > l.Tokens[st.Verb].Start
}

// light verbs say nothing without their object.
var light = english.Words("light-verbs")

// hollow recognises "do it", "go ahead" and "get there", which say nothing to do.
func hollow(l document.Line, st english.Step) bool {
	return light()[st.Base] && !slices.ContainsFunc(l.Tokens[st.Verb+1:st.To], func(t english.Token) bool {
		return t.Kind == english.Number || names(t)
	})
}

// chatter are verbs that begin a remark rather than a step.
var chatter = english.Words("remark-verbs")

// talk recognises "look", "wait" and "let me see", and imperatives of verbs of
// thought: none of them is a step.
func talk(l document.Line, st english.Step) bool {
	next := ""
	if st.Verb+1 < len(l.Tokens) {
		next = l.Tokens[st.Verb+1].Lower
	}
	if st.Base == "let" && (next == "me" || next == "'s" || next == "us") {
		return true
	}
	if st.Imperative && (common()[st.Base] || !english.IsVerbForm(st.Base)) && !subjectDeterminers()[next] && next != "it" && next != "them" {
		return true
	}
	return chatter()[st.Base] || st.Base == "be" || st.Imperative && english.IsStative(st.Base)
}

// whatOf returns the step as text: its condition, then the verb and what follows.
func whatOf(l document.Line, st english.Step) string {
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
	return english.Capitalise(clip(what))
}

func withNegation(l document.Line, st english.Step, what string) string {
	switch l.Tokens[st.Verb-1].Lower {
	case "don't", "never":
		return l.Tokens[st.Verb-1].Text + " " + what
	case "not":
		return "do not " + what
	}
	return what
}

func lowerFirst(text string, verb english.Token) string {
	if verb.Capital && !verb.Upper {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// who returns the step's actor and how its kind changes the score.
func (f *Finder) who(l document.Line, st english.Step) (string, float64) {
	if st.Subject[1] == 0 {
		return "", 0
	}
	from, to := st.Subject[0], st.Subject[1]
	first := l.Tokens[from].Lower
	if unnamedActors()[first] {
		return "", 0
	}
	switch first {
	case "i":
		return document.PersonName(l.Speaker), 0
	case "it":
		if st.Base != "" { // not "it gets posted"
			return "", -0.4
		}
		return "", 0
	case "he", "she":
		return f.referent(l, from), 0
	}
	for from < to-1 && subjectDeterminers()[l.Tokens[from].Lower] {
		from++
	}
	who := l.Phrase(nameStart(l, from, to), to)
	if st.Base == "" {
		return "", 0
	}
	if f.acts(l, from, to) {
		f.noteActor(l, from, to)
		return english.Capitalise(who), 0.05
	}
	return "", -0.3
}

// nameStart returns the start of the name that ends the subject: of "our biggest
// customer Acme", that of Acme.
func nameStart(l document.Line, from, to int) int {
	for _, n := range l.Names {
		if n.To == to && n.From > from {
			return n.From
		}
	}
	return from
}

// noteActor remembers a person who acts.
func (f *Finder) noteActor(l document.Line, from, to int) {
	for _, n := range l.Names {
		if n.From >= from && n.To <= to && (n.Kind == english.Unknown || n.Kind == english.Person) {
			f.person = l.Phrase(n.From, n.To)
		}
	}
}

// acts recognises a subject that can act: a name, a team or a role.
func (f *Finder) acts(l document.Line, from, to int) bool {
	for _, n := range l.Names {
		if n.From < to && n.To > from {
			return n.Kind != english.Time && n.Kind != english.Place
		}
	}
	if actors()[l.Tokens[to-1].Lower] {
		return true
	}
	n, _ := english.TeamAt(l.Tokens, from)
	return n == to-from
}

// referent returns who "she" or "he" at the token i is: the last one named
// before, in the sentence or earlier.
func (f *Finder) referent(l document.Line, i int) string {
	who := f.person
	for _, n := range l.Names {
		if n.To <= i && !located(l, n) && (n.Kind == english.Person || n.Kind == english.Unknown) {
			who = l.Phrase(n.From, n.To)
		}
	}
	return who
}

// located recognises a name after "in", "into" and the like: a place or a system.
func located(l document.Line, n english.Name) bool {
	return n.From > 0 && locating()[l.Tokens[n.From-1].Lower]
}
