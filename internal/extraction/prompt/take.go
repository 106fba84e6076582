package prompt

import (
	"maps"
	"slices"

	"griot/internal/extraction"
	"griot/internal/extraction/quote"
	"griot/internal/transcript"
)

// taker takes findings over: those whose quotes stand in the transcript. What
// another part has said before is joined with it.
type taker struct {
	segs   []transcript.Segment
	text   *quote.Text
	names  *quote.Text // of the speakers, each once
	out    extraction.Findings
	meant  map[string]string // a name that the model gave, bare: the form of it that was taken
	claims int               // quotes of this answer
	full   bool              // something was left out

	relations []extraction.Relation // until all names are known
}

func newTaker(segs []transcript.Segment) *taker {
	var speakers []transcript.Segment
	known := map[string]bool{}
	for _, seg := range segs {
		if name := seg.SpeakerName(); !known[name] {
			known[name] = true
			speakers = append(speakers, transcript.Segment{Text: name})
		}
	}
	return &taker{segs: segs, text: quote.NewText(segs), names: quote.NewText(speakers), meant: map[string]string{}}
}

func (t *taker) take(a answer) {
	t.out.Dropped.Invalid += a.invalid
	t.claims = 0
	for _, m := range a.lists["entities"] {
		t.entity(m)
	}
	sops, risks, decisions := len(t.out.SOPs), len(t.out.Risks), len(t.out.Decisions)
	for _, m := range a.lists["procedures"] {
		t.sop(m, sops)
	}
	for _, m := range a.lists["risks"] {
		t.risk(m, risks)
	}
	for _, m := range a.lists["decisions"] {
		t.decision(m, decisions)
	}
	for _, m := range a.lists["relations"] {
		t.relation(m)
	}
}

// evidence returns the quotes of an item that stand in the transcript. One over
// several segments is there in pieces, the one with the most words first, and
// the others that have some.
func (t *taker) evidence(m item) (found []extraction.Evidence) {
	claims, _ := items(m["evidence"], 0)
	if m["quote"] != nil {
		claims = append(claims, m)
	}
	var rest []extraction.Evidence
	for _, c := range claims[:min(len(claims), maxEvidence)] {
		if t.claims++; t.claims > maxClaims {
			t.full = true
			break
		}
		if pieces, ok := t.text.Find(c.line(), c.str("quote", maxText)); ok {
			i := longest(pieces)
			found = append(found, pieces[i])
			rest = append(rest, slices.DeleteFunc(slices.Delete(pieces, i, i+1), scrap)...)
		}
	}
	return join(found, rest)
}

func longest(pieces []extraction.Evidence) (at int) {
	for i, p := range pieces {
		if len(p.Quote) > len(pieces[at].Quote) {
			at = i
		}
	}
	return at
}

// scrap is a piece of a quote that says nothing by itself: a word or two.
func scrap(piece extraction.Evidence) bool { return len(piece.Quote) < 12 }

// keep says whether a finding is taken: sound, and with evidence.
func (t *taker) keep(sound bool, evidence []extraction.Evidence) bool {
	switch {
	case !sound:
		t.out.Dropped.Invalid++
	case len(evidence) == 0:
		t.out.Dropped.Unverified++
	default:
		return true
	}
	return false
}

// room says whether there is room for one more of a kind.
func (t *taker) room(has, most int) bool {
	if has >= most {
		t.full = true
	}
	return has < most
}

// Confidences, as the prompt defines what they stand for. Measured on
// interviews with gold answers: internal/docs/decisions/0013.
const (
	confident = 0.9 // said outright; a name the talk is about
	likely    = 0.7 // put together from two remarks; a name in passing
)

func confidence(m item) float64 {
	if m.choice("certainty", []string{"implied"}) != "" {
		return likely
	}
	return confident
}

// entity takes a name that stands in the transcript as words, under the first
// of its forms that does.
func (t *taker) entity(m item) {
	e := extraction.Entity{Type: m.choice("type", extraction.EntityTypes), Confidence: likely, Evidence: t.evidence(m)}
	if m.main() {
		e.Confidence = confident
	}
	name, known := m.str("name", maxTitle), e.Type != ""
	t.name(&e, append([]string{name}, m.strs("aliases", maxTitle)...))
	if e.Name == "" && name != "" && known {
		t.out.Dropped.Unverified++
		return
	}
	if e.Name != "" && len(e.Evidence) == 0 { // the name stands there, the quote does not
		e.Evidence = t.first(append([]string{e.Name}, e.Aliases...))
	}
	if t.keep(known && e.Name != "", e.Evidence) {
		t.addEntity(e)
	}
}

// name gives an entity those of the forms that stand in the transcript as
// words, the first of them as its name. The others only say in relations which
// one is meant.
func (t *taker) name(e *extraction.Entity, forms []string) {
	forms = forms[:min(len(forms), maxForms)]
	for _, form := range forms {
		switch {
		case form == "" || form == e.Name || slices.Contains(e.Aliases, form) || !t.text.Has(form) && !t.names.Has(form):
		case e.Name == "":
			e.Name = form
		default:
			e.Aliases = append(e.Aliases, form)
		}
	}
	for _, form := range forms {
		if _, known := t.meant[bare(form)]; !known && e.Name != "" {
			t.meant[bare(form)] = e.Name
		}
	}
}

// first is where one of the names stands, or else what one who has it says
// first.
func (t *taker) first(names []string) []extraction.Evidence {
	if found := t.text.First(names...); found != nil {
		return found
	}
	for _, seg := range t.segs {
		for _, name := range names {
			if name == seg.SpeakerName() && seg.Text != "" {
				return []extraction.Evidence{{Seq: seg.Seq, Quote: seg.Text}}
			}
		}
	}
	return nil
}

func (t *taker) sop(m item, before int) {
	s := extraction.SOP{Title: m.str("title", maxTitle), Summary: m.str("summary", maxText), Confidence: confidence(m)}
	steps, invalid := items(m["steps"], 0)
	t.out.Dropped.Invalid += invalid
	for _, st := range steps {
		step := extraction.Step{What: st.str("what", maxText), Who: st.str("who", maxTitle)}
		if evidence := t.evidence(st); t.keep(step.What != "", evidence) {
			step.Evidence = evidence[0]
			s.Steps = append(s.Steps, step)
			s.Evidence = append(s.Evidence, evidence[0])
		}
	}
	if len(steps) > 0 && len(s.Steps) == 0 {
		return // its steps are counted
	}
	if t.keep(s.Title != "", s.Evidence) {
		s.Evidence = s.Evidence[:min(len(s.Evidence), maxEvidence)]
		t.addSOP(s, before)
		t.workflow(append(m.strs("called", maxTitle), s.Title))
	}
}

// workflow takes the names that a procedure has among those who talk. That it
// has none that stands in the transcript is no fault.
func (t *taker) workflow(called []string) {
	e := extraction.Entity{Type: "Workflow", Confidence: confident}
	if t.name(&e, called); e.Name != "" {
		e.Evidence = t.first(append([]string{e.Name}, e.Aliases...))
		t.addEntity(e)
	}
}

func (t *taker) risk(m item, before int) {
	r := extraction.Risk{
		Signal: m.choice("signal", slices.Sorted(maps.Keys(extraction.Weights))), Title: m.str("about", maxTitle),
		Severity: m.choice("severity", extraction.Severities), Confidence: confidence(m), Evidence: t.evidence(m),
	}
	if t.keep(r.Signal != "" && r.Title != "" && r.Severity != "", r.Evidence) {
		t.addRisk(r, before)
	}
}

func (t *taker) decision(m item, before int) {
	d := extraction.Decision{What: m.str("what", maxText), Options: m.strs("options", maxText), Reason: m.str("reason", maxText), Evidence: t.evidence(m)}
	if t.keep(d.What != "", d.Evidence) {
		t.addDecision(d, before)
	}
}

func (t *taker) relation(m item) {
	r := extraction.Relation{From: m.str("from", maxTitle), Rel: m.choice("rel", extraction.Relations), To: m.str("to", maxTitle), Evidence: t.evidence(m)}
	if t.keep(r.From != "" && r.To != "" && r.Rel != "", r.Evidence) && t.room(len(t.relations), mostRelations) {
		t.relations = append(t.relations, r)
	}
}

// findings are all that was taken: relations between names that were.
func (t *taker) findings() extraction.Findings {
	for _, r := range t.relations {
		from, to := t.nameOf(r.From), t.nameOf(r.To)
		if from == "" || to == "" || from == to {
			t.out.Dropped.Unverified++
			continue
		}
		r.From, r.To = from, to
		t.addRelation(r)
	}
	for i, e := range t.out.Entities {
		t.out.Entities[i].Mentions = max(1, t.text.Count(append([]string{e.Name}, e.Aliases...)...))
	}
	return t.out
}
