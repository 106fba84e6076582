package step

import (
	"slices"
	"strings"

	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/phrase"
	"griot/internal/extraction/rules/sentence"
)

var (
	cues     = phrase.List("stepcues")
	modals   = phrase.List("modals")
	conds    = lexicon.Words("conditions")
	pronouns = lexicon.Of("i", "we", "you", "they", "he", "she", "it", "somebody", "someone", "everybody", "everyone")
	objects  = lexicon.Of("me", "him", "her", "us", "them", "it", "yourself", "themselves")
	dets     = lexicon.Of("the", "a", "an", "this", "that", "these", "those", "my", "your", "his", "our", "their", "its", "any", "all", "each", "every", "some", "no", "both", "another", "whatever")
	finite   = lexicon.Of("is", "are", "was", "were", "has", "had", "will", "would", "can", "could", "may", "might", "must", "should", "did", "does", "isn't", "aren't", "wasn't", "can't", "won't", "wouldn't", "doesn't", "didn't", "says", "shows", "finds", "makes", "takes", "gives", "gets", "comes", "goes", "means", "seems", "looks", "becomes", "remains", "happens", "said", "suggests", "showed", "found")
	links    = lexicon.Of("and", "or", "then", "but", "so")
)

// parser reads the clauses of one sentence from left to right.
type parser struct {
	toks   []sentence.Token
	pos    int
	led    int // where what opens the clause at pos ends
	last   *Step
	strict bool // only the sentence's main clause counts
	*marks
}

// marks are what is matched of a sentence at each of its tokens, once: clauses
// are tried at many, and what opens one may reach far.
type marks struct {
	openings, modals []mark
	leads            []lead // by the token from which on
	trail            []lead // of one call
}

// lead is where what opens a clause ends, 0 where that is not known, and whether
// it says an order.
type lead struct {
	to      int
	ordered bool
}

// mark is the longest match of a list at a token; known tells that it was looked
// for, and To is 0 where there is none.
type mark struct {
	phrase.Match
	known bool
}

func newMarks(n int) *marks {
	both := make([]mark, 2*n)
	return &marks{openings: both[:n:n], modals: both[n:], leads: make([]lead, n)}
}

// opens returns what opens a clause at i; its To is 0 where nothing does.
func (p *parser) opens(i int) phrase.Match { return find(p.openings, cues(), p.toks, i) }

// modalAt returns what stands between subject and verb at i; its To is 0 where
// nothing of that kind does.
func (p *parser) modalAt(i int) phrase.Match { return find(p.modals, modals(), p.toks, i) }

func find(known []mark, list *phrase.Set, toks []sentence.Token, i int) phrase.Match {
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
	return i < len(p.toks) && p.toks[i].Kind == sentence.Punct
}

// clause parses a step at pos.
func (p *parser) clause() (Step, bool) {
	st := Step{}
	i := p.lead(p.pos, &st)
	p.led = i
	if i < len(p.toks) && conds()[p.word(i)] {
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

// lead skips what opens a clause and notes whether it says an order. Where it
// leads from each token on its way is remembered, so that a sentence of nothing
// but openings is read once.
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

// opening returns where what opens a clause at i ends, or i, and whether it says
// an order.
func (p *parser) opening(i int) (to int, order bool) {
	t := p.toks[i]
	if m := p.opens(i); m.To > 0 {
		return m.To, m.Label == "order"
	}
	marker := t.Kind == sentence.Number && i+1 < len(p.toks) && p.toks[i+1].Glued && p.toks[i+1].Is(".):")
	switch {
	case t.Kind == sentence.Punct, marker, links[t.Lower],
		sentence.IsFiller(t.Lower) && !(verbs()[t.Lower] && !p.isPunct(i+1)),
		strings.HasSuffix(t.Lower, "ly") && len(t.Lower) > 4 && !verbs()[t.Lower]:
		return i + 1, false
	}
	return i, false
}

func longest(ms []phrase.Match) phrase.Match {
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
		if w := p.word(j); w == "then" || pronouns[w] && w != "it" && !particlesBefore(p.word(j-1)) && p.verbAfter(j) {
			return j
		}
	}
	return 0
}

func particlesBefore(word string) bool {
	return word == "that" || word == "and" || conds()[word] || word == "what" || word == "which"
}

// isList tells a comma between the items of a list, before "and" or "or".
func (p *parser) isList(j int) bool {
	for k := j + 2; k <= j+4 && k < len(p.toks); k++ {
		if (p.word(k) == "and" || p.word(k) == "or") && p.word(k-1) == "," {
			return true
		}
	}
	return false
}

// verbAfter tells that a verb or a modal follows the subject at j.
func (p *parser) verbAfter(j int) bool {
	w := p.word(j + 1)
	return verbs()[w] || Base(w) != "" || finite[w] || w == "'ll" || w == "have" || w == "need" || w == "always" || w == "usually" || w == "just"
}

// main parses subject and verb at i.
func (p *parser) main(st Step, i int) (Step, bool) {
	if pronouns[p.word(i)] {
		return p.predicate(st, [2]int{i, i + 1}, i+1)
	}
	if got, ok := p.imperative(st, i); ok {
		return got, true
	}
	if p.strict {
		return st, false
	}
	if base := Base(p.word(i)); p.last != nil && p.last.Subject[1] > 0 && i < p.last.Verb+30 && base != "" && !stative()[base] && p.objectAt(i+1) {
		st.Subject, st.Verb, st.Base, st.Score = p.last.Subject, i, base, p.last.Score
		return st, true
	}
	if v := p.subjectEnd(i); v > 0 {
		return p.predicate(st, [2]int{i, v}, v)
	}
	return st, false
}

// trimEnd moves to back over punctuation and words that link to what follows.
func trimEnd(toks []sentence.Token, from, to int) int {
	for to > from && (toks[to-1].Kind == sentence.Punct && !toks[to-1].Is(`)]"”%`) ||
		links[toks[to-1].Lower] || sentence.IsFiller(toks[to-1].Lower) && !verbs()[toks[to-1].Lower] && toks[to-1].Lower != "like") {
		to--
	}
	return to
}
