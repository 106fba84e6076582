package prompt

import (
	"slices"
	"strings"
	"unicode"

	"griot/internal/extraction"
)

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

// fuller reports whether a name has all the words of another one, and more.
func fuller(name, than string) bool {
	words, less := titleWords(bare(name)), titleWords(bare(than))
	return len(words) > len(less) && !slices.ContainsFunc(less, func(w string) bool { return !slices.Contains(words, w) })
}

// forms are an entity's name and aliases, bare.
func forms(e extraction.Entity) (all []string) {
	for _, f := range append([]string{e.Name}, e.Aliases...) {
		all = append(all, bare(f))
	}
	return all
}

// bare is a name in lower case without the article before it: "The Count" and
// "count" are one name.
func bare(form string) string {
	form = strings.ToLower(form)
	article, rest, more := strings.Cut(form, " ")
	if more && slices.Contains(articles, article) {
		return rest
	}
	return form
}

// articles of the languages that put them before a noun, as words of their own.
var articles = []string{
	"the", "a", "an", "der", "die", "das", "den", "dem", "le", "la", "les", "el", "los", "las",
	"il", "lo", "gli", "o", "os", "as", "het", "de",
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

// same says whether two findings are one: of different parts if either sign of
// it is there, of one answer if both are.
func same(parts, named, told bool) bool {
	if parts {
		return named || told
	}
	return named && told
}

// halfTold reports whether two procedures share more than half of the steps of
// the shorter one.
func halfTold(old, s extraction.SOP) bool {
	shared := 0
	for _, step := range s.Steps {
		if told(old, step) {
			shared++
		}
	}
	return shared*2 > min(len(s.Steps), len(old.Steps))
}

// told reports whether a procedure has a step with the same words.
func told(s extraction.SOP, step extraction.Step) bool {
	return slices.ContainsFunc(s.Steps, func(old extraction.Step) bool { return overlaps(old.Evidence, step.Evidence) })
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

func (t *taker) addRelation(r extraction.Relation) {
	for i, old := range t.out.Relations {
		if old.From == r.From && old.Rel == r.Rel && old.To == r.To {
			t.out.Relations[i].Evidence = join(old.Evidence, r.Evidence)
			return
		}
	}
	t.out.Relations = append(t.out.Relations, r)
}

// join adds evidence for other words, up to maxEvidence.
func join(old, more []extraction.Evidence) []extraction.Evidence {
	for _, e := range more {
		if len(old) < maxEvidence && !touch(old, []extraction.Evidence{e}) {
			old = append(old, e)
		}
	}
	return old
}

func touch(a, b []extraction.Evidence) bool {
	return slices.ContainsFunc(a, func(x extraction.Evidence) bool {
		return slices.ContainsFunc(b, func(y extraction.Evidence) bool { return overlaps(x, y) })
	})
}

// overlaps reports whether two pieces of evidence have words in common.
func overlaps(a, b extraction.Evidence) bool {
	return a.Seq == b.Seq && a.At < b.At+len(b.Quote) && b.At < a.At+len(a.Quote)
}

// alike reports whether two titles say the same in other words: each word that
// weighs of the shorter one has its like in the other, which has not many more.
func alike(a, b string) bool {
	x, y := weighty(titleWords(a)), weighty(titleWords(b))
	if len(x) > len(y) {
		x, y = y, x
	}
	for _, w := range x {
		if !slices.ContainsFunc(y, func(v string) bool { return inflected(w, v) }) {
			return false
		}
	}
	return len(x) > 0 && len(x)*3 >= len(y)*2
}

// weighty leaves out short words, which in most languages are articles and
// prepositions, unless there are only such. A number is never short.
func weighty(words []string) []string {
	long := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return len([]rune(w)) <= 3 && !strings.ContainsFunc(w, unicode.IsNumber)
	})
	if len(long) == 0 {
		return words
	}
	return long
}

// inflected reports whether two words are one, or differ by their ending.
func inflected(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n >= 4 && n*5 >= max(len(x), len(y))*3
}

func titleWords(title string) []string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	slices.Sort(words)
	return slices.Compact(words)
}
