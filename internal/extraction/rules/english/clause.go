package english

import (
	"slices"
	"strings"
)

var (
	openings       = Patterns("step-openings")
	modals         = Patterns("modals")
	conditions     = Words("conditions")
	determiners    = Words("determiners")
	pronouns       = Words("subject-pronouns")
	objectPronouns = Words("object-pronouns")
	finite         = Words("finite-verbs")
	conjunctions   = Words("conjunctions")
	followers      = Words("verb-followers")
	complements    = Words("verb-complements")
	auxiliaries    = Words("auxiliaries-after-subject")
	noSubjects     = Words("no-subjects")
	nounEndings    = Ordered("noun-endings")
	boundaries     = Words("clause-boundaries")
)

// parser reads the clauses of one sentence from left to right.
type parser struct {
	toks   []Token
	pos    int
	led    int // end of the opening of the clause at pos
	last   *Step
	strict bool // only the sentence's main clause counts
	*marks
}

// marks memoise what is matched at each token of a sentence. Clauses are tried
// from many tokens, and the opening of one may be long: without the memo the work
// would be quadratic.
type marks struct {
	openings, modals []mark
	leads            []lead // by token
	trail            []lead // scratch of one call of lead
}

// lead is the end of the opening that begins at a token, 0 while it is not known,
// and whether it gives a place in an order ("first", "then").
type lead struct {
	to      int
	ordered bool
}

// mark is the longest match of a list at a token, whose To is 0 where there is
// none; known says that it has been looked for.
type mark struct {
	Match
	known bool
}

func newMarks(n int) *marks {
	both := make([]mark, 2*n)
	return &marks{openings: both[:n:n], modals: both[n:], leads: make([]lead, n)}
}

// opens returns the phrase that opens a clause at i; its To is 0 if there is none.
func (p *parser) opens(i int) Match { return matchAt(p.openings, openings(), p.toks, i) }

// modalAt returns the modal phrase at i, between subject and verb; its To is 0 if
// there is none.
func (p *parser) modalAt(i int) Match { return matchAt(p.modals, modals(), p.toks, i) }

func matchAt(known []mark, list *PatternSet, toks []Token, i int) Match {
	if !known[i].known {
		known[i].known = true
		if ms := list.At(toks, i); len(ms) > 0 {
			known[i].Match = longest(ms)
		}
	}
	return known[i].Match
}

func (p *parser) word(i int) string {
	if i < 0 || i >= len(p.toks) {
		return ""
	}
	return p.toks[i].Lower
}

func (p *parser) isPunct(i int) bool {
	return i < len(p.toks) && p.toks[i].Kind == Punct
}

// clause parses a step at pos.
func (p *parser) clause() (Step, bool) {
	st := Step{}
	i := p.lead(p.pos, &st)
	p.led = i
	if i < len(p.toks) && conditions()[p.word(i)] {
		end := p.conditionEnd(i)
		if end == 0 {
			return st, false
		}
		if w := p.word(i); w == "if" || w == "unless" {
			st.Condition = [2]int{i, trimEnd(p.toks, i, end)}
		}
		i = p.lead(end, &st)
	}
	st.From = i
	if st.Condition[1] > 0 {
		st.From = st.Condition[0]
	}
	if i >= len(p.toks) {
		return st, false
	}
	return p.main(st, i)
}

// lead skips the opening of a clause and notes in st whether it gives a place in
// an order. The end is remembered for each token on the way, so that a sentence
// of nothing but openings is read once.
func (p *parser) lead(i int, st *Step) int {
	p.trail = p.trail[:0]
	ordered := false
	for i < len(p.toks) {
		if known := p.leads[i]; known.to > 0 {
			i, ordered = known.to, known.ordered
			break
		}
		to, order := p.opening(i)
		if to == i {
			break
		}
		p.trail = append(p.trail, lead{i, order})
		i = to
	}
	for _, from := range slices.Backward(p.trail) {
		ordered = ordered || from.ordered
		p.leads[from.to] = lead{i, ordered}
	}
	st.Ordered = st.Ordered || ordered
	return i
}

// opening returns the end of the opening of a clause at i, or i if there is none,
// and whether it gives a place in an order.
func (p *parser) opening(i int) (to int, order bool) {
	t := p.toks[i]
	if m := p.opens(i); m.To > 0 {
		return m.To, m.Label == "order"
	}
	marker := t.Kind == Number && i+1 < len(p.toks) && p.toks[i+1].Glued && p.toks[i+1].Is(".):")
	switch {
	case t.Kind == Punct, marker, conjunctions()[t.Lower],
		IsFiller(t.Lower) && !(verbs()[t.Lower] && !p.isPunct(i+1)),
		strings.HasSuffix(t.Lower, "ly") && len(t.Lower) > 4 && !verbs()[t.Lower]:
		return i + 1, false
	}
	return i, false
}

func longest(ms []Match) Match {
	best := ms[0]
	for _, m := range ms[1:] {
		if m.To > best.To {
			best = m
		}
	}
	return best
}

// maxCondition is how far, in tokens, a condition may reach.
const maxCondition = 24

// conditionEnd returns where the main clause after the condition at i begins:
// after the comma, or before a new subject; 0 when it is not found.
func (p *parser) conditionEnd(i int) int {
	limit := min(len(p.toks), i+maxCondition)
	for j := i + 2; j < limit; j++ {
		if p.word(j) == "," && !p.isList(j) {
			return j + 1
		}
		if w := p.word(j); w == ";" || w == "." {
			return 0
		}
	}
	for j := i + 3; j < limit; j++ {
		if w := p.word(j); w == "then" || pronouns()[w] && w != "it" && !particlesBefore(p.word(j-1)) && p.verbAfter(j) {
			return j
		}
	}
	return 0
}

func particlesBefore(word string) bool {
	return word == "that" || word == "and" || conditions()[word] || word == "what" || word == "which"
}

// isList recognises a comma between the items of a list, before "and" or "or".
func (p *parser) isList(j int) bool {
	for k := j + 2; k <= j+4 && k < len(p.toks); k++ {
		if (p.word(k) == "and" || p.word(k) == "or") && p.word(k-1) == "," {
			return true
		}
	}
	return false
}

// verbAfter reports whether a verb or a modal follows the subject at j.
func (p *parser) verbAfter(j int) bool {
	w := p.word(j + 1)
	return verbs()[w] || BaseForm(w) != "" || finite()[w] || auxiliaries()[w]
}

// main parses subject and verb at i.
func (p *parser) main(st Step, i int) (Step, bool) {
	if pronouns()[p.word(i)] {
		return p.predicate(st, [2]int{i, i + 1}, i+1)
	}
	if got, ok := p.imperative(st, i); ok {
		return got, true
	}
	if p.strict {
		return st, false
	}
	if base := BaseForm(p.word(i)); p.last != nil && p.last.Subject[1] > 0 && i < p.last.Verb+30 && base != "" && !stative()[base] && p.objectAt(i+1) {
		st.Subject, st.Verb, st.Base, st.Score = p.last.Subject, i, base, p.last.Score
		return st, true
	}
	if v := p.subjectEnd(i); v > 0 {
		return p.predicate(st, [2]int{i, v}, v)
	}
	return st, false
}

// trimEnd moves to back over punctuation and words that link to what follows.
func trimEnd(toks []Token, from, to int) int {
	for to > from && (toks[to-1].Kind == Punct && !toks[to-1].Is(`)]"”%`) ||
		conjunctions()[toks[to-1].Lower] || IsFiller(toks[to-1].Lower) && !verbs()[toks[to-1].Lower] && toks[to-1].Lower != "like") {
		to--
	}
	return to
}

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
			if j < len(p.toks) && (determiners()[p.word(j)] || objectPronouns()[p.word(j)]) {
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
		if determiners()[next] || next == "fun" || next == "them" {
			return p.accept(st, i, "have", 0.6)
		}
		return st, false
	}
	if next == "" || p.isPunct(i+1) || next == "it" || participle(next) != "" && !strings.HasSuffix(next, "ed") {
		return st, false
	}
	return p.accept(st, i, "be", 0.6)
}

// vocative recognises "Dana, pull the report".
func (p *parser) vocative(i int) bool {
	return i+3 < len(p.toks) && p.toks[i].Capital && !IsVerbForm(p.word(i)) && !function()[p.word(i)] &&
		!common()[p.word(i)] && p.word(i+1) == "," && verbs()[p.word(i+2)] && p.follows(i+3) >= 0.7
}

// imperativeScore judges the word at i by what it is and what follows it.
func (p *parser) imperativeScore(i int) float64 {
	w := p.word(i)
	if p.toks[i].Kind != Word || len(w) < 2 {
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
	for _, end := range nounEndings() {
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
	case t.Kind == Clitic, finite()[w], w == "of", w == "than":
		return 0
	case w == "that" && finite()[next]:
		return 0.3
	case determiners()[w], objectPronouns()[w]:
		return 0.9
	case pronouns()[w]:
		return 0.35
	case particles()[w], followers()[w]:
		return 0.75
	case t.Kind == Number:
		return p.followsNumber(i)
	case t.Kind == Punct:
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
		if finite()[w] || BaseForm(w) != "" && p.word(j+1) != "" && (determiners()[p.word(j+1)] || p.word(j+1) == "only") {
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
	plain := modal || pronouns()[p.word(subject[0])] && !singular(p.word(subject[0])) || p.plural(subject)
	if plain && verbs()[w] && !stative()[w] {
		return w
	}
	if modal || pronouns()[p.word(subject[0])] && !singular(p.word(subject[0])) {
		return ""
	}
	if base := BaseForm(w); base != "" && !stative()[base] && !stative()[w] {
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
	if w := p.word(i); conditions()[w] || noSubjects()[w] || p.toks[i].Kind != Word || finite()[p.word(i)] {
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
		if j > i+1 && determiners()[p.word(j-1)] {
			continue
		}
		if BaseForm(w) != "" && !determiners()[p.word(j-1)] && (p.objectAt(j+1) || p.agent(i, j) && p.nounAt(j+1)) {
			return j
		}
		if p.plural([2]int{i, j}) && verbs()[w] && p.objectAt(j+1) {
			return j
		}
		if function()[w] && !determiners()[w] && w != "of" && w != "in" && w != "and" {
			return 0
		}
	}
	return 0
}

// agent reports whether the subject acts for sure: a name, or one of the actors.
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

// nounAt recognises a content word, the object of a verb before it.
func (p *parser) nounAt(i int) bool {
	return i < len(p.toks) && p.toks[i].Kind == Word && !function()[p.word(i)]
}

// objectAt reports whether the token at i may begin what follows a verb.
func (p *parser) objectAt(i int) bool {
	w := p.word(i)
	return determiners()[w] || objectPronouns()[w] || particles()[w] || complements()[w] ||
		i < len(p.toks) && (p.toks[i].Capital || p.toks[i].Kind == Number) || strings.HasSuffix(w, "ly")
}

// clauseEnd returns where the clause of st ends: before a linked clause with a
// verb of its own, or at the end of the sentence.
func (p *parser) clauseEnd(st Step) int {
	for i := st.Verb + 1; i < len(p.toks); i++ {
		w := p.word(i)
		if w == ";" || w == ":" && i > st.Verb+3 || (w == "but" || w == "because" || w == "whereas") && i > st.Verb+1 {
			return i
		}
		if (w == "," || conjunctions()[w] && w != "so" || w == "." || w == "–" || w == "—") && p.continues(i, st) {
			return i
		}
		if (w == "," || w == "and") && p.splices(i+1) {
			return i
		}
	}
	return len(p.toks)
}

// splices reports whether a clause with a pronoun for its subject begins at i:
// "she is new", "it's a separate thing".
func (p *parser) splices(i int) bool {
	if w := p.word(i); !pronouns()[w] && w != "that" && w != "there" && w != "this" {
		return false
	}
	next := p.word(i + 1)
	return i+1 < len(p.toks) && p.toks[i+1].Kind == Clitic || finite()[next] || next == "was" || next == "have" || stative()[next]
}

// continues reports whether a new step of the same sentence begins after the
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

// plainSubject reports whether further verbs of st would be in the base form.
func (p *parser) plainSubject(st Step) bool {
	return st.Subject[1] == 0 || !singular(p.word(st.Subject[0]))
}

// skip moves to the next clause of a sentence whose clause at pos is no step.
// From within what opened that one the same clause would be read again.
func (p *parser) skip() bool {
	for i := max(p.pos+1, p.led); i < len(p.toks); i++ {
		w := p.word(i)
		if boundaries()[w] {
			p.pos = i + 1
			if w == "then" {
				p.pos = i
			}
			return p.pos < len(p.toks)
		}
	}
	return false
}
