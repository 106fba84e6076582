package prompt

import (
	"slices"
	"strings"
	"unicode"

	"griot/internal/extraction"
)

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
