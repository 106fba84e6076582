package step

import (
	"strings"

	"griot/internal/extraction/rules/sentence"
)

// imperative parses a verb without a subject at i.
func (p *parser) imperative(st Step, i int) (Step, bool) {
	w := p.word(i)
	if w == "do" || w == "don't" || w == "never" {
		return p.prohibited(st, i)
	}
	if w == "let" {
		return p.accept(st, i, "let", 0.7)
	}
	if w == "be" || w == "have" {
		return p.beHave(st, i)
	}
	if p.vocative(i) {
		return p.imperative(st, i+2)
	}
	score := p.imperativeScore(i)
	if score < 0.5 {
		return st, false
	}
	return p.accept(st, i, w, score)
}

func (p *parser) accept(st Step, i int, base string, score float64) (Step, bool) {
	st.Verb, st.Base, st.Imperative, st.Score = i, base, true, score
	return st, true
}

// prohibited parses "do not touch", "don't forget", "never open".
func (p *parser) prohibited(st Step, i int) (Step, bool) {
	j := i + 1
	if p.word(i) == "do" {
		if p.word(j) != "not" {
			if j < len(p.toks) && (dets[p.word(j)] || objects[p.word(j)]) {
				return p.accept(st, i, "do", 0.7)
			}
			return st, false
		}
		j++
	}
	if w := p.word(j); verbs()[w] || w == "be" || w == "ever" || stative()[w] {
		return p.accept(st, j, w, 0.75)
	}
	return st, false
}

// beHave parses "be careful", "have a seat".
func (p *parser) beHave(st Step, i int) (Step, bool) {
	next := p.word(i + 1)
	if p.word(i) == "have" {
		if dets[next] || next == "fun" || next == "them" {
			return p.accept(st, i, "have", 0.6)
		}
		return st, false
	}
	if next == "" || p.isPunct(i+1) || next == "it" || participle(next) != "" && !strings.HasSuffix(next, "ed") {
		return st, false
	}
	return p.accept(st, i, "be", 0.6)
}

// vocative tells "Dana, pull the report".
func (p *parser) vocative(i int) bool {
	return i+3 < len(p.toks) && p.toks[i].Capital && !IsVerbForm(p.word(i)) && !function()[p.word(i)] &&
		!common()[p.word(i)] && p.word(i+1) == "," && verbs()[p.word(i+2)] && p.follows(i+3) >= 0.7
}

// imperativeScore judges the word at i by what it is and what follows it.
func (p *parser) imperativeScore(i int) float64 {
	w := p.word(i)
	if p.toks[i].Kind != sentence.Word || len(w) < 2 {
		return 0
	}
	next := p.follows(i + 1)
	if w == "welcome" || w == "thank" {
		return 0
	}
	if verbs()[w] {
		if common()[w] && next < 0.75 {
			next -= 0.1
		}
		if p.toks[i].Upper {
			next -= 0.1
		}
		return next
	}
	if function()[w] || common()[w] || IsVerbForm(w) || p.toks[i].Capital && i > 0 || next < 0.8 {
		return 0
	}
	if looksNoun(w) {
		return 0
	}
	return 0.55
}

func looksNoun(w string) bool {
	for _, end := range []string{"s", "ly", "tion", "ing", "ed", "ness", "ity", "er", "or", "ment", "ism", "al", "ic", "ous", "ive"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// follows judges how well the token at i goes after an imperative verb.
func (p *parser) follows(i int) float64 {
	if i >= len(p.toks) {
		return 0.5
	}
	t := p.toks[i]
	w := t.Lower
	next := p.word(i + 1)
	switch {
	case t.Kind == sentence.Clitic, finite[w], w == "of", w == "than":
		return 0
	case w == "that" && finite[next]:
		return 0.3
	case dets[w], objects[w]:
		return 0.9
	case pronouns[w]:
		return 0.35
	case particles()[w], w == "to", w == "sure", w == "with", w == "for", w == "at", w == "into", w == "from", w == "about", w == "until", w == "onto":
		return 0.75
	case t.Kind == sentence.Number:
		return p.followsNumber(i)
	case t.Kind == sentence.Punct:
		return p.followsMark(i)
	case strings.HasSuffix(w, "ly") && len(w) > 4:
		return 0.8
	case w == "and", w == "or":
		return p.followsLink(i)
	case function()[w]:
		return 0.65
	}
	return p.followsNoun(i)
}

// followsNumber judges "cook 5 minutes" against "Figure 1." and "March 8,".
func (p *parser) followsNumber(i int) float64 {
	if i+1 >= len(p.toks) || p.isPunct(i+1) && !p.toks[i+1].Glued || p.word(i+1) == "." || p.word(i+1) == "," || p.toks[i+1].Capital {
		return 0.3
	}
	return 0.75
}

func (p *parser) followsMark(i int) float64 {
	switch p.toks[i].Text {
	case "-", "–", "—", ":", "/", ")", "]":
		return 0.3
	case "(", "“", `"`, "[", "‘":
		return 0.7
	case ",":
		return 0.55
	case "!":
		return 0.6
	}
	return 0.5
}

// followsLink judges "combine and stir" against "work and life".
func (p *parser) followsLink(i int) float64 {
	if verbs()[p.word(i+1)] && p.follows(i+2) >= 0.6 {
		return 0.7
	}
	return 0.35
}

// followsNoun judges a content word: an object speaks for the imperative, a
// finite verb after it against.
func (p *parser) followsNoun(i int) float64 {
	for j := i + 1; j < i+4 && j < len(p.toks); j++ {
		w := p.word(j)
		if finite[w] || Base(w) != "" && p.word(j+1) != "" && (dets[p.word(j+1)] || p.word(j+1) == "only") {
			return 0.3
		}
		if p.isPunct(j) || function()[w] {
			break
		}
	}
	if p.toks[i].Capital && i > 1 && p.toks[i-1].Capital && i+1 < len(p.toks) && p.toks[i+1].Capital {
		return 0.4
	}
	return 0.65
}

// predicate parses what follows a subject.
func (p *parser) predicate(st Step, subject [2]int, i int) (Step, bool) {
	score := 0.5
	modal := false
	for i < len(p.toks) {
		m := p.modalAt(i)
		if m.To == 0 {
			break
		}
		if m.Label == "stop" {
			return st, false
		}
		if score == 0.5 || m.Weight < 0.5 {
			score = m.Weight
		}
		modal = modal || m.Label == "duty" || m.Label == "will"
		i = m.To
	}
	for i < len(p.toks) && strings.HasSuffix(p.word(i), "ly") && len(p.word(i)) > 4 {
		i++
	}
	base := p.verbOf(subject, i, modal)
	if base == "" || base == "get" && participle(p.word(i+1)) != "" {
		return p.passive(st, subject, i)
	}
	st.Subject, st.Verb, st.Base, st.Score = subject, i, base, score
	if p.isPunct(i+1) || i+1 >= len(p.toks) {
		st.Score -= 0.1
	}
	return st, st.Score >= 0.35
}

// verbOf returns the base of the verb of doing at i when it fits the subject.
func (p *parser) verbOf(subject [2]int, i int, modal bool) string {
	w := p.word(i)
	plain := modal || pronouns[p.word(subject[0])] && !singular(p.word(subject[0])) || p.plural(subject)
	if plain && verbs()[w] && !stative()[w] {
		return w
	}
	if modal || pronouns[p.word(subject[0])] && !singular(p.word(subject[0])) {
		return ""
	}
	if base := Base(w); base != "" && !stative()[base] && !stative()[w] {
		return base
	}
	return ""
}

func singular(word string) bool {
	return word == "he" || word == "she" || word == "it" || strings.HasPrefix(word, "some") || strings.HasPrefix(word, "every")
}

func (p *parser) plural(subject [2]int) bool {
	last := p.word(subject[1] - 1)
	return strings.HasSuffix(last, "s") || last == "people" || last == "team" || last == "folks"
}

// passive parses "it gets posted", "the invoice is sent".
func (p *parser) passive(st Step, subject [2]int, i int) (Step, bool) {
	w := p.word(i)
	if w != "get" && w != "gets" && w != "is" && w != "are" && w != "'s" && w != "be" {
		return st, false
	}
	base := participle(p.word(i + 1))
	if base == "" || stative()[base] || strings.HasSuffix(p.word(i+1), "ing") {
		return st, false
	}
	st.Subject, st.Verb, st.Base, st.Score = subject, i, "", 0.3
	if strings.HasPrefix(w, "get") {
		st.Score = 0.5
	}
	return st, !p.strict
}

// maxSubject is how many tokens a subject may have.
const maxSubject = 6

// subjectEnd returns the token of the verb after a subject of nouns at i, or 0.
func (p *parser) subjectEnd(i int) int {
	if w := p.word(i); conds()[w] || w == "who" || w == "which" || w == "what" || w == "nothing" || w == "nobody" || w == "none" || p.toks[i].Kind != sentence.Word || finite[p.word(i)] {
		return 0
	}
	for j := i + 1; j <= i+maxSubject && j < len(p.toks); j++ {
		w := p.word(j)
		if p.isPunct(j) && p.toks[j].Text != "-" {
			return 0
		}
		if p.modalAt(j).To > 0 || w == "gets" || w == "get" || (w == "is" || w == "are") && participle(p.word(j+1)) != "" {
			return j
		}
		if j > i+1 && dets[p.word(j-1)] {
			continue
		}
		if Base(w) != "" && !dets[p.word(j-1)] && (p.objectAt(j+1) || p.agent(i, j) && p.nounAt(j+1)) {
			return j
		}
		if p.plural([2]int{i, j}) && verbs()[w] && p.objectAt(j+1) {
			return j
		}
		if function()[w] && !dets[w] && w != "of" && w != "in" && w != "and" {
			return 0
		}
	}
	return 0
}

// agent tells that the subject acts for sure: a name, or one of the actors.
func (p *parser) agent(i, j int) bool {
	if actors()[p.word(j-1)] {
		return true
	}
	for _, t := range p.toks[i:j] {
		if !t.Capital {
			return false
		}
	}
	return i > 0 || !function()[p.word(i)] && !common()[p.word(i)]
}

// nounAt tells a content word, the object of a verb before it.
func (p *parser) nounAt(i int) bool {
	return i < len(p.toks) && p.toks[i].Kind == sentence.Word && !function()[p.word(i)]
}

// objectAt tells that the token at i may begin what follows a verb.
func (p *parser) objectAt(i int) bool {
	w := p.word(i)
	return dets[w] || objects[w] || particles()[w] || w == "to" || w == "with" || w == "for" || w == "from" || w == "into" ||
		i < len(p.toks) && (p.toks[i].Capital || p.toks[i].Kind == sentence.Number) || strings.HasSuffix(w, "ly")
}

// clauseEnd returns where the clause of st ends: before a linked clause with a
// verb of its own, or at the end of the sentence.
func (p *parser) clauseEnd(st Step) int {
	for i := st.Verb + 1; i < len(p.toks); i++ {
		w := p.word(i)
		if w == ";" || w == ":" && i > st.Verb+3 || (w == "but" || w == "because" || w == "whereas") && i > st.Verb+1 {
			return i
		}
		if (w == "," || links[w] && w != "so" || w == "." || w == "–" || w == "—") && p.continues(i, st) {
			return i
		}
		if (w == "," || w == "and") && p.splices(i+1) {
			return i
		}
	}
	return len(p.toks)
}

// splices tells that a clause with a pronoun for its subject begins at i:
// "she is new", "it's a separate thing".
func (p *parser) splices(i int) bool {
	if w := p.word(i); !pronouns[w] && w != "that" && w != "there" && w != "this" {
		return false
	}
	next := p.word(i + 1)
	return i+1 < len(p.toks) && p.toks[i+1].Kind == sentence.Clitic || finite[next] || next == "was" || next == "have" || stative()[next]
}

// continues tells whether a new step of the same sentence begins after the
// link at i.
func (p *parser) continues(i int, st Step) bool {
	q := parser{toks: p.toks, pos: i, last: &st, marks: p.marks}
	got, ok := q.clause()
	if !ok || got.Verb > i+14 {
		return false
	}
	if got.Imperative {
		return st.Imperative && got.Score >= 0.5 || got.Score >= 0.6 && p.plainSubject(st)
	}
	return got.Score >= 0.45
}

// plainSubject tells that further verbs of st would be in the base form.
func (p *parser) plainSubject(st Step) bool {
	return st.Subject[1] == 0 || !singular(p.word(st.Subject[0]))
}

// skip moves to the next clause of a sentence whose clause at pos is no step.
// From within what opened that one the same clause would be read again.
func (p *parser) skip() bool {
	for i := max(p.pos+1, p.led); i < len(p.toks); i++ {
		w := p.word(i)
		if w == "," || w == ";" || w == "and" || w == "then" || w == "so" || w == "." || w == ":" || w == "–" || w == "—" || w == "but" {
			p.pos = i + 1
			if w == "then" {
				p.pos = i
			}
			return p.pos < len(p.toks)
		}
	}
	return false
}
