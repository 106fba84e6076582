package prompt

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/extraction"
	"griot/internal/extraction/quote"
	"griot/internal/transcript"
)

// answer is what a model noted of a part. A list that is none, or an item that
// is no object, counts as invalid; the rest is read all the same.
type answer struct {
	lists   map[string][]item
	invalid int
}

// item is one finding with whatever members the model gave it.
type item map[string]any

// decode reads the answer, which is a JSON object. A number that no machine can
// hold is one bad member.
func decode(object json.RawMessage) (a answer, err error) {
	if !json.Valid(object) {
		return answer{}, errors.New("it is no JSON")
	}
	numbers := json.NewDecoder(bytes.NewReader(object))
	numbers.UseNumber()
	var members map[string]any
	if err := numbers.Decode(&members); err != nil {
		return answer{}, err
	}
	a.lists = map[string][]item{}
	for _, name := range []string{"entities", "procedures", "risks", "decisions", "relations", "summary"} {
		a.lists[name], a.invalid = items(members[name], a.invalid)
	}
	return a, nil
}

// items reads a list of objects, and counts what is none.
func items(value any, invalid int) ([]item, int) {
	list, ok := value.([]any)
	if !ok && value != nil {
		return nil, invalid + 1
	}
	var all []item
	for _, v := range list[:min(len(list), maxItems)] {
		if members, ok := v.(map[string]any); ok {
			all = append(all, members)
		} else {
			invalid++
		}
	}
	return all, invalid + max(0, len(list)-maxItems)
}

// str is a member as one line of at most n characters; "" if it is no text.
func (m item) str(name string, n int) string {
	text, _ := m[name].(string)
	text = strings.Join(strings.Fields(strings.Map(printed, text)), " ")
	if utf8.RuneCountInString(text) > n {
		text = strings.TrimSpace(string([]rune(text)[:n]))
	}
	return text
}

// printed puts a space in place of what is no part of a line: control
// characters, and marks that turn the direction of what follows; of a broken
// character nothing is left.
func printed(r rune) rune {
	switch {
	case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return ' '
	case r == utf8.RuneError:
		return -1
	}
	return r
}

// choice is the one of the words that a member says, with whatever capitals, and
// spaces or hyphens for underscores; "" if it says none of them.
func (m item) choice(name string, of []string) string {
	said := strings.NewReplacer(" ", "_", "-", "_").Replace(m.str(name, maxTitle))
	if i := slices.IndexFunc(of, func(word string) bool { return strings.EqualFold(word, said) }); i >= 0 {
		return of[i]
	}
	return ""
}

// strs is a list of texts, or one.
func (m item) strs(name string, n int) (all []string) {
	list, ok := m[name].([]any)
	if !ok {
		list = []any{m[name]}
	}
	for _, v := range list[:min(len(list), maxItems)] {
		if s := (item{"": v}).str("", n); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// line is a number, also one in a text or in brackets; 0 if there is none.
func (m item) line() int64 {
	switch v := m["line"].(type) {
	case json.Number:
		if n, err := v.Float64(); err == nil && n >= 0 && n < math.MaxInt32 {
			return int64(n)
		}
	case string:
		n, _ := strconv.ParseInt(strings.Trim(v, "[] "), 10, 32)
		return max(0, n)
	}
	return 0
}

// main is true unless the model says otherwise.
func (m item) main() bool {
	v, said := m["main"].(bool)
	return v || !said
}

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

// Bounds of what is taken from a model, in pieces and characters.
const (
	maxItems    = 300
	maxEvidence = 5
	maxTitle    = 200
	maxText     = 1000
	maxForms    = 20   // of a name
	maxClaims   = 2000 // quotes of one answer
)

// Bounds of what is kept of one session, so that whatever a model says of
// however long a talk, the work grows with its length only.
const (
	mostEntities  = 1000
	mostFindings  = 300 // of each other kind
	mostSteps     = 500 // of one procedure
	mostRelations = 1000
)

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

// A part says again what the parts before have told: they overlap, and one thing
// is talked of in several places. What one answer lists twice under different
// names, on the other hand, is two things. So there are two measures, and before
// is how many of a kind were found when the answer came.

// addEntity adds one to what is known of it: the same type, and the name of one
// is a form of the other. Two people may have an alias in common.
func (t *taker) addEntity(e extraction.Entity) {
	i := slices.IndexFunc(t.out.Entities, func(old extraction.Entity) bool {
		return old.Type == e.Type && (slices.Contains(forms(old), bare(e.Name)) || slices.Contains(forms(e), bare(old.Name)))
	})
	if i < 0 {
		if t.room(len(t.out.Entities), mostEntities) {
			t.out.Entities = append(t.out.Entities, e)
		}
		return
	}
	old := &t.out.Entities[i]
	all := slices.Concat([]string{old.Name}, old.Aliases, []string{e.Name}, e.Aliases)
	if fuller(e.Name, old.Name) {
		all = slices.Insert(all, 0, e.Name)
	}
	old.Name, old.Aliases = all[0], nil
	for _, form := range all[1:] {
		if len(old.Aliases) < maxForms && !slices.Contains(forms(*old), bare(form)) {
			old.Aliases = append(old.Aliases, form)
		}
	}
	old.Confidence = max(old.Confidence, e.Confidence)
	old.Evidence = join(old.Evidence, e.Evidence)
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

// addSOP adds one to a procedure that has its title, or else one much like it or
// half of its steps; to one of the same answer only if it has both.
func (t *taker) addSOP(s extraction.SOP, before int) {
	i := slices.IndexFunc(t.out.SOPs, func(old extraction.SOP) bool { return strings.EqualFold(old.Title, s.Title) })
	for k := 0; i < 0 && k < len(t.out.SOPs); k++ {
		old := t.out.SOPs[k]
		if same(k < before, alike(old.Title, s.Title), halfTold(old, s)) {
			i = k
		}
	}
	if i < 0 {
		if t.room(len(t.out.SOPs), mostFindings) {
			t.out.SOPs = append(t.out.SOPs, s)
		}
		return
	}
	old := &t.out.SOPs[i]
	for _, step := range s.Steps {
		if !told(*old, step) && t.room(len(old.Steps), mostSteps) {
			old.Steps = append(old.Steps, step)
		}
	}
	old.Confidence = min(old.Confidence, s.Confidence)
	old.Evidence = join(old.Evidence, s.Evidence)
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

func (t *taker) addRisk(r extraction.Risk, before int) {
	for i, old := range t.out.Risks {
		if old.Signal == r.Signal && same(i < before, alike(old.Title, r.Title), touch(old.Evidence, r.Evidence)) {
			t.out.Risks[i].Evidence = join(old.Evidence, r.Evidence)
			return
		}
	}
	if t.room(len(t.out.Risks), mostFindings) {
		t.out.Risks = append(t.out.Risks, r)
	}
}

func (t *taker) decision(m item, before int) {
	d := extraction.Decision{What: m.str("what", maxText), Options: m.strs("options", maxText), Reason: m.str("reason", maxText), Evidence: t.evidence(m)}
	if t.keep(d.What != "", d.Evidence) {
		t.addDecision(d, before)
	}
}

func (t *taker) addDecision(d extraction.Decision, before int) {
	for i, old := range t.out.Decisions {
		if same(i < before, alike(old.What, d.What), touch(old.Evidence, d.Evidence)) {
			t.out.Decisions[i].Evidence = join(old.Evidence, d.Evidence)
			return
		}
	}
	if t.room(len(t.out.Decisions), mostFindings) {
		t.out.Decisions = append(t.out.Decisions, d)
	}
}

func (t *taker) relation(m item) {
	r := extraction.Relation{From: m.str("from", maxTitle), Rel: m.choice("rel", extraction.Relations), To: m.str("to", maxTitle), Evidence: t.evidence(m)}
	if t.keep(r.From != "" && r.To != "" && r.Rel != "", r.Evidence) && t.room(len(t.relations), mostRelations) {
		t.relations = append(t.relations, r)
	}
}

// sentence is one of a summary, with its evidence.
type sentence struct {
	text     string
	evidence []extraction.Evidence
}

// mostSentences a summary has.
const mostSentences = 5

// sentences are those of a part's summary that have evidence.
func (t *taker) sentences(a answer) (told []sentence) {
	for _, m := range a.lists["summary"][:min(len(a.lists["summary"]), mostSentences)] {
		s := sentence{m.str("sentence", maxText), t.evidence(m)}
		if t.keep(s.text != "", s.evidence) {
			told = append(told, s)
		}
	}
	return told
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

// nameOf is the name of the entity that is meant by a form: that has it as its
// name, or else among its aliases, or that the model gave it to; "" if there is
// none.
func (t *taker) nameOf(form string) string {
	form = bare(form)
	meant := bare(t.meant[form])
	for _, is := range []func(extraction.Entity) bool{
		func(e extraction.Entity) bool { return bare(e.Name) == form },
		func(e extraction.Entity) bool { return slices.Contains(forms(e), form) },
		func(e extraction.Entity) bool { return meant != "" && slices.Contains(forms(e), meant) },
	} {
		if i := slices.IndexFunc(t.out.Entities, is); i >= 0 {
			return t.out.Entities[i].Name
		}
	}
	return ""
}

func (t *taker) addRelation(r extraction.Relation) {
	for i, old := range t.out.Relations {
		if old.From == r.From && old.Rel == r.Rel && old.To == r.To {
			t.out.Relations[i].Evidence = join(old.Evidence, r.Evidence)
			return
		}
	}
	t.out.Relations = append(t.out.Relations, r)
}
