package english

import "strings"

// Step is an action at the tokens From up to To of a sentence. The condition,
// if any ("if it is over ten thousand"), and the subject are ranges of tokens
// too, empty when there is none; the verb is one token.
type Step struct {
	From, To   int
	Condition  [2]int
	Subject    [2]int
	Verb       int
	Base       string // the verb's base form
	Imperative bool
	Ordered    bool    // begins with "first", "then", "once that is done", …
	Score      float64 // 0 to 1: how sure it is that this is a step
}

// Steps returns the steps of a sentence in order: its main clause, and those
// that follow it after "and then", ", and" and the like.
func Steps(s Sentence) []Step {
	if s.Question {
		return nil
	}
	p := parser{toks: s.Tokens, marks: newMarks(len(s.Tokens))}
	var steps []Step
	skipped := false
	for p.pos < len(p.toks) {
		st, ok := p.clause()
		if !ok {
			if !p.skip() {
				break
			}
			skipped = true
			continue
		}
		if skipped && st.Imperative && p.last == nil {
			st.Score -= 0.2 // more often a part of the clause before
		}
		p.inherit(&st)
		p.pos = p.clauseEnd(st)
		st.To = trimEnd(p.toks, st.From, p.pos)
		p.last = &st
		steps = append(steps, st)
	}
	return steps
}

// inherit gives "and send it" the subject of the clause before.
func (p *parser) inherit(st *Step) {
	if p.last == nil || !st.Imperative || p.last.Subject[1] == 0 || st.Condition[1] > 0 {
		return
	}
	st.Imperative = false
	st.Subject, st.Score = p.last.Subject, p.last.Score
}

// Actions returns the spans of tokens that name the actions of a sentence:
// the verbs of its steps, with their particles.
func Actions(s Sentence) [][2]int {
	var spans [][2]int
	for _, st := range Steps(s) {
		spans = append(spans, action(s.Tokens, st))
		spans = append(spans, manners(s.Tokens, st)...)
	}
	return spans
}

// manners returns what is done while doing the step: "cook, stirring often".
func manners(toks []Token, st Step) [][2]int {
	var spans [][2]int
	for i := st.Verb + 2; i < st.To && st.Imperative; i++ {
		w := toks[i].Lower
		if toks[i-1].Lower == "," && strings.HasSuffix(w, "ing") && participle(w) != "" {
			spans = append(spans, [2]int{i, i + 1})
		}
	}
	return spans
}

func action(toks []Token, st Step) [2]int {
	v := st.Verb
	if st.Base == "let" {
		v = letVerb(toks, v)
	}
	if v+1 < len(toks) && (particles()[toks[v+1].Lower] || particles()[st.Base+"_"+toks[v+1].Lower]) {
		return [2]int{v, v + 2}
	}
	return [2]int{v, v + 1}
}

// letVerb returns the verb that "let" lets happen: "let the dough rise".
func letVerb(toks []Token, v int) int {
	for j := v + 1; j < v+6 && j < len(toks); j++ {
		if verbs()[toks[j].Lower] && !determiners()[toks[j-1].Lower] {
			return j
		}
	}
	return v
}

// Imperative returns how sure it is, from 0 to 1, that the sentence tells
// somebody to do something.
func Imperative(s Sentence) float64 {
	if s.Question {
		return 0
	}
	p := parser{toks: s.Tokens, strict: true, marks: newMarks(len(s.Tokens))}
	if st, ok := p.clause(); ok && st.Imperative {
		return st.Score
	}
	return 0
}
