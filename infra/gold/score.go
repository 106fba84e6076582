package gold

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"griot/internal/extraction"
)

// Tally counts how many of several are so.
type Tally struct{ Hit, Of int }

func (t *Tally) tell(hit bool) {
	t.Of++
	if hit {
		t.Hit++
	}
}

// Add returns the sum.
func (t Tally) Add(u Tally) Tally { return Tally{t.Hit + u.Hit, t.Of + u.Of} }

// Share is the part of them that is so; of none, 0.
func (t Tally) Share() float64 {
	if t.Of == 0 {
		return 0
	}
	return float64(t.Hit) / float64(t.Of)
}

// Score is what a result is worth: of what is to be found, how much was; of
// what was found, how much is right.
type Score struct {
	Steps, StepsRight       Tally
	Procedures              Tally // half of whose steps are in one SOP
	SOPs                    int
	Risks, RisksRight       Tally
	Signals                 map[string]Tally // the risks by signal
	Main, MainTyped         Tally            // main entities, and those of the right type
	Entities, EntitiesRight Tally
	Traps                   map[string]Tally // by what they look like: those that were taken for it
}

// Add returns the sum.
func (s Score) Add(o Score) Score {
	return Score{
		Steps: s.Steps.Add(o.Steps), StepsRight: s.StepsRight.Add(o.StepsRight),
		Procedures: s.Procedures.Add(o.Procedures), SOPs: s.SOPs + o.SOPs,
		Risks: s.Risks.Add(o.Risks), RisksRight: s.RisksRight.Add(o.RisksRight), Signals: sum(s.Signals, o.Signals),
		Main: s.Main.Add(o.Main), MainTyped: s.MainTyped.Add(o.MainTyped),
		Entities: s.Entities.Add(o.Entities), EntitiesRight: s.EntitiesRight.Add(o.EntitiesRight),
		Traps: sum(s.Traps, o.Traps),
	}
}

func sum(a, b map[string]Tally) map[string]Tally {
	all := map[string]Tally{}
	for _, m := range []map[string]Tally{a, b} {
		for k, t := range m {
			all[k] = all[k].Add(t)
		}
	}
	return all
}

// span is bytes of the artifact's text, the first and the last.
type span [2]int64

// cited are the spans of citations.
func cited(all ...extraction.Citation) (spans []span) {
	for _, c := range all {
		var s span
		_, at, _ := strings.Cut(c.URI, "?range=")
		if _, err := fmt.Sscanf(at, "%d-%d", &s[0], &s[1]); err == nil {
			spans = append(spans, s)
		}
	}
	return spans
}

// wanted is a gold quote's place in the text; nil where it does not stand.
type wanted *span

// text is an artifact's text, cut into its words.
type text struct {
	words []string // in lower case
	at    []span
}

func newText(s string) (t text) {
	start := -1
	end := func(i int) {
		if start >= 0 {
			t.words = append(t.words, strings.ToLower(s[start:i]))
			t.at = append(t.at, span{int64(start), int64(i) - 1})
		}
		start = -1
	}
	for i, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_':
			end(i)
		case start < 0:
			start = i
		}
	}
	end(len(s))
	return t
}

// locate finds a quote by its words, whatever stands between them; it may begin
// and end within a word.
func (t text) locate(quote string) wanted {
	words := newText(quote).words
	last := len(words) - 1
	if last == 0 {
		i := slices.IndexFunc(t.words, func(w string) bool { return strings.Contains(w, words[0]) })
		if i < 0 {
			return nil
		}
		return &t.at[i]
	}
	for i := 0; last > 0 && i+last < len(t.words); i++ {
		if strings.HasSuffix(t.words[i], words[0]) && slices.Equal(t.words[i+1:i+last], words[1:last]) && strings.HasPrefix(t.words[i+last], words[last]) {
			return &span{t.at[i][0], t.at[i+last][1]}
		}
	}
	return nil
}

func fold(name string) string { return strings.Join(newText(name).words, " ") }

func hits(cited []span, w wanted) bool {
	return w != nil && slices.ContainsFunc(cited, func(c span) bool { return c[0] <= w[1] && w[0] <= c[1] })
}

// Score judges a result about an interview whose text is artifact.
func (a Answers) Score(artifact string, res extraction.Result) Score {
	text := newText(artifact)
	s := Score{SOPs: len(res.SOPs), Signals: map[string]Tally{}, Traps: map[string]Tally{}}
	a.scoreSteps(&s, text, res.SOPs)
	a.scoreRisks(&s, text, res.Risks)
	a.scoreEntities(&s, res.Entities)
	a.scoreTraps(&s, text, res)
	return s
}

func (a Answers) scoreSteps(s *Score, text text, sops []extraction.SOPCandidate) {
	var found [][]span // each step's, of all SOPs
	for _, c := range sops {
		for _, st := range c.Body.Steps {
			found = append(found, cited(st.Citation))
		}
	}
	var all []wanted
	for _, p := range a.Procedures {
		var steps []wanted
		for _, st := range p.Steps {
			steps = append(steps, text.locate(st.Quote))
		}
		s.Procedures.tell(slices.ContainsFunc(sops, func(c extraction.SOPCandidate) bool { return has(c, steps)*2 >= len(steps) }))
		all = append(all, steps...)
	}
	for _, w := range all {
		s.Steps.tell(slices.ContainsFunc(found, func(f []span) bool { return hits(f, w) }))
	}
	for _, f := range found {
		s.StepsRight.tell(slices.ContainsFunc(all, func(w wanted) bool { return hits(f, w) }))
	}
}

// has is how many of the steps are in an SOP.
func has(c extraction.SOPCandidate, steps []wanted) (n int) {
	for _, w := range steps {
		if slices.ContainsFunc(c.Body.Steps, func(st extraction.SOPStepC) bool { return hits(cited(st.Citation), w) }) {
			n++
		}
	}
	return n
}

func (a Answers) scoreRisks(s *Score, text text, risks []extraction.RiskCandidate) {
	is := func(c extraction.RiskCandidate, r Risk, at wanted) bool {
		return c.Signal == r.Signal && hits(cited(c.Citations...), at)
	}
	at := map[string]wanted{}
	for _, r := range a.Risks {
		at[r.Quote] = text.locate(r.Quote)
		found := slices.ContainsFunc(risks, func(c extraction.RiskCandidate) bool { return is(c, r, at[r.Quote]) })
		s.Risks.tell(found)
		t := s.Signals[r.Signal]
		t.tell(found)
		s.Signals[r.Signal] = t
	}
	for _, c := range risks {
		s.RisksRight.tell(slices.ContainsFunc(a.Risks, func(r Risk) bool { return is(c, r, at[r.Quote]) }))
	}
}

func (a Answers) scoreEntities(s *Score, found []extraction.EntityCandidate) {
	types := map[string]string{} // of a folded form
	for _, e := range a.Entities {
		for _, form := range forms(e.Name, e.Aliases) {
			types[form] = e.Type
		}
	}
	for _, e := range a.Entities {
		named, typed := false, false
		for _, c := range found {
			if slices.ContainsFunc(forms(c.Name, c.Aliases), func(f string) bool { return slices.Contains(forms(e.Name, e.Aliases), f) }) {
				named, typed = true, typed || c.Type == e.Type
			}
		}
		s.Entities.tell(named)
		if e.Main {
			s.Main.tell(named)
			s.MainTyped.tell(typed)
		}
	}
	for _, c := range found {
		s.EntitiesRight.tell(slices.ContainsFunc(forms(c.Name, c.Aliases), func(f string) bool { return types[f] == c.Type }))
	}
}

func forms(name string, aliases []string) []string {
	all := []string{fold(name)}
	for _, a := range aliases {
		all = append(all, fold(a))
	}
	return all
}

// scoreTraps looks which traps a candidate of their kind rests on. An entity
// counts only when it is none of the interview's.
func (a Answers) scoreTraps(s *Score, text text, res extraction.Result) {
	taken := map[string][]span{}
	for _, c := range res.SOPs {
		for _, st := range c.Body.Steps {
			taken["procedure"] = append(taken["procedure"], cited(st.Citation)...)
		}
	}
	for _, c := range res.Risks {
		taken[c.Signal] = append(taken[c.Signal], cited(c.Citations...)...)
	}
	for _, d := range res.Decisions {
		taken["decision"] = append(taken["decision"], cited(d.Citations...)...)
	}
	for _, c := range res.Entities {
		known := func(e Entity) bool {
			return slices.ContainsFunc(forms(e.Name, e.Aliases), func(f string) bool { return slices.Contains(forms(c.Name, c.Aliases), f) })
		}
		if !slices.ContainsFunc(a.Entities, known) {
			taken["entity"] = append(taken["entity"], cited(c.Citations...)...)
		}
	}
	for _, trap := range a.Traps {
		t := s.Traps[trap.LooksLike]
		t.tell(hits(taken[trap.LooksLike], text.locate(trap.Quote)))
		s.Traps[trap.LooksLike] = t
	}
}
