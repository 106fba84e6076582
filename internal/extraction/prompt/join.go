package prompt

import (
	"slices"
	"strings"
	"unicode"

	"griot/internal/extraction"
)

// addEntity adds one to what is known of it: the same type, and a form in
// common.
func (t *taker) addEntity(e extraction.Entity) {
	i := slices.IndexFunc(t.out.Entities, func(old extraction.Entity) bool {
		return old.Type == e.Type && slices.ContainsFunc(forms(old), func(f string) bool { return slices.Contains(forms(e), f) })
	})
	if i < 0 {
		t.out.Entities = append(t.out.Entities, e)
		return
	}
	old := &t.out.Entities[i]
	for _, form := range append([]string{e.Name}, e.Aliases...) {
		if !slices.Contains(forms(*old), bare(form)) {
			old.Aliases = append(old.Aliases, form)
		}
	}
	old.Confidence = max(old.Confidence, e.Confidence)
	old.Evidence = join(old.Evidence, e.Evidence)
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

// nameOf is the name of the entity that is meant by a form; "" if there is none.
func (t *taker) nameOf(form string) string {
	for _, one := range []string{bare(form), bare(t.meant[bare(form)])} {
		for _, e := range t.out.Entities {
			if one != "" && slices.Contains(forms(e), one) {
				return e.Name
			}
		}
	}
	return ""
}

// addSOP adds one to a procedure that has its title, or half of its steps:
// parts overlap, and one procedure is told over several.
func (t *taker) addSOP(s extraction.SOP) {
	i := slices.IndexFunc(t.out.SOPs, func(old extraction.SOP) bool {
		shared := 0
		for _, step := range s.Steps {
			if told(old, step) {
				shared++
			}
		}
		return alike(old.Title, s.Title) || shared*2 > min(len(s.Steps), len(old.Steps))
	})
	if i < 0 {
		t.out.SOPs = append(t.out.SOPs, s)
		return
	}
	old := &t.out.SOPs[i]
	for _, step := range s.Steps {
		if !told(*old, step) {
			old.Steps = append(old.Steps, step)
		}
	}
	old.Confidence = min(old.Confidence, s.Confidence)
	old.Evidence = join(old.Evidence, s.Evidence)
}

// told reports whether a procedure has a step with the same words.
func told(s extraction.SOP, step extraction.Step) bool {
	return slices.ContainsFunc(s.Steps, func(old extraction.Step) bool { return overlaps(old.Evidence, step.Evidence) })
}

func (t *taker) addRisk(r extraction.Risk) {
	for i, old := range t.out.Risks {
		if old.Signal == r.Signal && (alike(old.Title, r.Title) || touch(old.Evidence, r.Evidence)) {
			t.out.Risks[i].Evidence = join(old.Evidence, r.Evidence)
			return
		}
	}
	t.out.Risks = append(t.out.Risks, r)
}

func (t *taker) addDecision(d extraction.Decision) {
	for i, old := range t.out.Decisions {
		if alike(old.What, d.What) || touch(old.Evidence, d.Evidence) {
			t.out.Decisions[i].Evidence = join(old.Evidence, d.Evidence)
			return
		}
	}
	t.out.Decisions = append(t.out.Decisions, d)
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

// alike reports whether two titles have most of their words in common.
func alike(a, b string) bool {
	x, y := titleWords(a), titleWords(b)
	shared := 0
	for _, w := range x {
		if slices.Contains(y, w) {
			shared++
		}
	}
	return shared > 0 && shared*3 >= (len(x)+len(y)-shared)*2
}

func titleWords(title string) []string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	slices.Sort(words)
	return slices.Compact(words)
}
