package risk

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/name"
	"griot/internal/extraction/rules/noun"
	"griot/internal/extraction/rules/phrase"
	"griot/internal/extraction/rules/sentence"
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
	topic := capitalise(cmp.Or(r.topic, session, "This work"))
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
func (f *Finder) who(l document.Line, m phrase.Match) string {
	best, distance := "", 1<<30
	for _, n := range l.Names {
		if n.Kind == name.Unknown && n.From > 0 && towards[l.Tokens[n.From-1].Lower] {
			continue
		}
		if n.Kind == name.Place || n.Kind == name.Time || n.Kind == name.System || n.Kind == name.Company || n.Kind == name.Policy {
			continue
		}
		if d := gap(n, m); d < distance && (d < 12 || n.Kind == name.Person) && (n.Kind == name.Person || inside(n, m)) {
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

// personal tells that what a sign of dependency keeps is somebody, not a thing.
func personal(l document.Line, m phrase.Match) bool {
	if m.Label != "single_person_dependency" && m.Label != "tenure_cliff" || m.Kept[1] == 0 {
		return true
	}
	if last := l.Tokens[m.Kept[1]-1].Lower; m.Kept[1]-m.Kept[0] > maxPerson || last == "you" || last == "we" || last == "they" || last == "to" {
		return false
	}
	for _, n := range l.Names {
		if n.From < m.Kept[1] && n.To > m.Kept[0] && (n.Kind == name.Person || n.Kind == name.Unknown) {
			return true
		}
	}
	last := l.Tokens[m.Kept[1]-1].Lower
	return people()[last] && (m.Kept[1]-m.Kept[0] == 1 || !pronouns[last])
}

// pronouns name somebody alone: "only I know", not "the only way I know".
var pronouns = map[string]bool{"i": true, "me": true, "he": true, "him": true, "she": true, "her": true}

var people = lexicon.Words("people")

// pointsBack tells that the sign is about "he" or "she".
func pointsBack(l document.Line, m phrase.Match) bool {
	for i := max(0, m.From-3); i < m.To && i < len(l.Tokens); i++ {
		switch l.Tokens[i].Lower {
		case "he", "she", "his", "her", "him":
			return true
		}
	}
	return false
}

// settle fits the signal to what its subject turned out to be, and tells
// whether it stays.
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
var towards = map[string]bool{"to": true, "in": true, "into": true, "at": true, "from": true}

func inside(n name.Span, m phrase.Match) bool {
	return n.From >= m.From-3 && n.To <= m.To
}

func gap(n name.Span, m phrase.Match) int {
	switch {
	case n.To <= m.From:
		return m.From - n.To
	case n.From >= m.To:
		return (n.From - m.To) * 2
	}
	return 0
}

// objects begin what somebody alone knows or does.
var objects = phrase.List("objects")

// maxTopic is the most words of a topic taken from the sentence.
const maxTopic = 6

// topicOf returns what the sign is about, as the sentence says it.
func topicOf(l document.Line, m phrase.Match, nouns []noun.Phrase) string {
	for _, n := range nouns {
		if n.Type == "Workflow" || n.Type == "System" {
			return l.Phrase(n.From, n.To)
		}
	}
	for _, n := range l.Names {
		if n.Kind == name.System || n.Kind == name.Company {
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
func unwritten(l document.Line, m phrase.Match) (int, int) {
	if m.Label != "undocumented_workflow" {
		return 0, 0
	}
	to := m.From
	for to > 0 && auxiliaries[l.Tokens[to-1].Lower] {
		to--
	}
	for from := to - 1; from >= max(0, to-maxTopic); from-- {
		t := l.Tokens[from]
		if determiners[t.Lower] {
			return from + 1, to
		}
		if t.Kind == sentence.Punct && t.Text != "-" || function()[t.Lower] {
			break
		}
	}
	if l.Tokens[0].Lower != "how" {
		return 0, 0
	}
	end := 1
	for end < to && end < 2*maxTopic && (l.Tokens[end].Kind != sentence.Punct) {
		end++
	}
	return 0, end
}

var (
	function    = lexicon.Words("function")
	auxiliaries = map[string]bool{"is": true, "are": true, "was": true, "were": true, "has": true, "have": true, "had": true, "been": true, "'s": true, "'ve": true, "do": true, "does": true, "all": true, "just": true, "mostly": true, "really": true, "still": true, "kind": true, "of": true}
	determiners = map[string]bool{"the": true, "our": true, "my": true, "their": true, "your": true, "his": true, "her": true}
)

var (
	ends     = lexicon.Words("breakers")
	trailing = lexicon.Words("trailing")
	empty    = lexicon.Words("topicnoise")
)

func shorten(toks []sentence.Token, from int) (int, int) {
	for from < len(toks) && empty()[toks[from].Lower] {
		from++
	}
	to := from
	for to < len(toks) && to < from+maxTopic && !ends()[toks[to].Lower] && toks[to].Kind != sentence.Punct {
		to++
	}
	for to > from && trailing()[toks[to-1].Lower] {
		to--
	}
	return from, to
}

func capitalise(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	first, _, _ := strings.Cut(text, " ")
	if n == 0 || strings.IndexFunc(first, unicode.IsUpper) > 0 {
		return text
	}
	return string(unicode.ToUpper(r)) + text[n:]
}
