package risk

import (
	"cmp"
	"slices"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
)

// base is the severity of a signal before its words are weighed: 0 low,
// 1 medium, 2 high.
var base = map[string]int{
	"single_person_dependency": 1, "undocumented_workflow": 1, "stale_sop": 1,
	"tenure_cliff": 1, "tribal_contradiction": 1, "vendor_lock": 1,
}

func (r *found) severity() string {
	n := base[r.signal]
	if r.level > 0 || len(r.evidence) > 2 {
		n++
	}
	if r.level < 0 {
		n--
	}
	return []string{"low", "medium", "high"}[min(max(n, 0), 2)]
}

// title names the subject of the risk.
func (r *found) title(session string) string {
	topic := english.Capitalise(cmp.Or(r.topic, session, "This work"))
	switch r.signal {
	case "single_person_dependency":
		return topic + ": depends on " + cmp.Or(r.who, "a single person")
	case "tenure_cliff":
		return cmp.Or(r.who, topic+": its owner") + " is about to leave"
	case "undocumented_workflow":
		return topic + ": not documented"
	case "stale_sop":
		return topic + ": documentation out of date"
	case "tribal_contradiction":
		return topic + ": sources disagree"
	}
	return topic + ": depends on " + cmp.Or(r.who, "a vendor")
}

// who returns the person the sign is about: kept by its pattern, named in the
// sentence, or the speaker.
func (f *Finder) who(l document.Line, m english.Match) string {
	best, distance := "", 1<<30
	for _, n := range l.Names {
		if n.Kind == english.Unknown && n.From > 0 && towards()[l.Tokens[n.From-1].Lower] {
			continue
		}
		if n.Kind == english.Place || n.Kind == english.Time || n.Kind == english.System || n.Kind == english.Company || n.Kind == english.Policy {
			continue
		}
		if d := gap(n, m); d < distance && (d < 12 || n.Kind == english.Person) && (n.Kind == english.Person || inside(n, m)) {
			best, distance = l.Phrase(n.From, n.To), d
		}
	}
	if best != "" || m.Label != "single_person_dependency" && m.Label != "tenure_cliff" {
		return best
	}
	if f.person != "" && l.N-f.named <= 3 && m.From < len(l.Tokens) && pointsBack(l, m) {
		return f.person
	}
	for i := max(0, m.From-4); i < m.To && i < len(l.Tokens); i++ {
		if w := l.Tokens[i].Lower; w == "i" || w == "my" {
			return document.PersonName(l.Speaker)
		}
	}
	return ""
}

// maxPerson is the most tokens that name somebody: "our old friend Dana Lee".
const maxPerson = 5

// personal reports whether what a sign of dependency captures is a person.
func personal(l document.Line, m english.Match) bool {
	if m.Label != "single_person_dependency" && m.Label != "tenure_cliff" || m.Kept[1] == 0 {
		return true
	}
	if last := l.Tokens[m.Kept[1]-1].Lower; m.Kept[1]-m.Kept[0] > maxPerson || last == "you" || last == "we" || last == "they" || last == "to" {
		return false
	}
	for _, n := range l.Names {
		if n.From < m.Kept[1] && n.To > m.Kept[0] && (n.Kind == english.Person || n.Kind == english.Unknown) {
			return true
		}
	}
	last := l.Tokens[m.Kept[1]-1].Lower
	return people()[last] && (m.Kept[1]-m.Kept[0] == 1 || !lonePronouns()[last])
}

// lonePronouns name somebody alone: "only I know", not "the only way I know".
var lonePronouns = english.Words("lone-pronouns")

var (
	people       = english.Words("person-nouns")
	thirdPersons = english.Words("third-persons")
)

// pointsBack reports whether the sign is about "he" or "she".
func pointsBack(l document.Line, m english.Match) bool {
	about := l.Tokens[max(0, m.From-3):min(m.To, len(l.Tokens))]
	return slices.ContainsFunc(about, func(t english.Token) bool { return thirdPersons()[t.Lower] })
}

// settle adapts the signal to the type of its subject, which is known at the end,
// and reports whether the risk stands.
func (r *found) settle(typeOf func(string) string) bool {
	kind := typeOf(r.who)
	switch {
	case r.who == "" || kind == "" || kind == "Person":
		return true
	case r.signal == "single_person_dependency" && kind == "Vendor":
		r.signal = "vendor_lock"
		return true
	}
	return r.signal != "single_person_dependency" && r.signal != "tenure_cliff"
}

// towards are words before a place or a firm.
var towards = english.Words("directions")

func inside(n english.Name, m english.Match) bool {
	return n.From >= m.From-3 && n.To <= m.To
}

func gap(n english.Name, m english.Match) int {
	switch {
	case n.To <= m.From:
		return m.From - n.To
	case n.From >= m.To:
		return (n.From - m.To) * 2
	}
	return 0
}

// objects begin what somebody alone knows or does.
var objects = english.Patterns("risk-objects")

// maxTopic is the most words of a topic taken from the sentence.
const maxTopic = 6

// topicOf returns what the sign is about, as the sentence says it.
func topicOf(l document.Line, m english.Match, nouns []english.NounPhrase) string {
	for _, n := range nouns {
		if n.Type == "Workflow" || n.Type == "System" {
			return l.Phrase(n.From, n.To)
		}
	}
	for _, n := range l.Names {
		if n.Kind == english.System || n.Kind == english.Company {
			return l.Phrase(n.From, n.To)
		}
	}
	if m.Label == "" || m.Label == "tenure_cliff" {
		return ""
	}
	if from, to := unwritten(l, m); to > from {
		return l.Phrase(from, to)
	}
	for _, o := range objects().All(l.Tokens) {
		if o.From < m.From {
			continue
		}
		if from, to := shorten(l.Tokens, o.Kept[0]); to > from+1 {
			return l.Phrase(from, to)
		}
	}
	return ""
}

// unwritten returns the subject of what is not written down: "the rebates have
// no written procedure", "how you decide, that isn't written down".
func unwritten(l document.Line, m english.Match) (int, int) {
	if m.Label != "undocumented_workflow" {
		return 0, 0
	}
	to := m.From
	for to > 0 && auxiliaries()[l.Tokens[to-1].Lower] {
		to--
	}
	for from := to - 1; from >= max(0, to-maxTopic); from-- {
		t := l.Tokens[from]
		if determiners()[t.Lower] {
			return from + 1, to
		}
		if t.Kind == english.Punct && t.Text != "-" || function()[t.Lower] {
			break
		}
	}
	if l.Tokens[0].Lower != "how" {
		return 0, 0
	}
	end := 1
	for end < to && end < 2*maxTopic && (l.Tokens[end].Kind != english.Punct) {
		end++
	}
	return 0, end
}

var (
	function    = english.Words("function-words")
	auxiliaries = english.Words("unwritten-auxiliaries")
	determiners = english.Words("risk-determiners")
)

var (
	ends     = english.Words("clause-openers")
	trailing = english.Words("trailing-words")
	empty    = english.Words("topic-noise")
)

func shorten(toks []english.Token, from int) (int, int) {
	for from < len(toks) && empty()[toks[from].Lower] {
		from++
	}
	to := from
	for to < len(toks) && to < from+maxTopic && !ends()[toks[to].Lower] && toks[to].Kind != english.Punct {
		to++
	}
	for to > from && trailing()[toks[to-1].Lower] {
		to--
	}
	return from, to
}
