package english

import "strings"

var (
	verbs     = Words("verbs")
	stative   = Words("stative-verbs")
	particles = Words("verb-particles")
	function  = Words("function-words")
	common    = Words("common-words")
	actors    = Words("actors")
	pasts     = Labels("irregular-verbs") // the base, by past forms
)

// BaseForm returns the base of a verb in the third person singular: "approves" →
// "approve"; "" when it is none.
func BaseForm(word string) string {
	switch word {
	case "goes", "does", "has":
		return map[string]string{"goes": "go", "does": "do", "has": "have"}[word]
	}
	stem, ok := strings.CutSuffix(word, "s")
	if !ok || len(stem) < 2 {
		return ""
	}
	if verbs()[stem] {
		return stem
	}
	if y, ok := strings.CutSuffix(stem, "ie"); ok && verbs()[y+"y"] {
		return y + "y"
	}
	if e, ok := strings.CutSuffix(stem, "e"); ok && verbs()[e] {
		return e
	}
	return ""
}

// participle returns the base of a form with the ending -ed or -ing, or of an
// irregular past; "" when it is none.
func participle(word string) string {
	if base := pasts()[word].Name; base != "" {
		return base
	}
	for _, end := range []string{"ed", "ing"} {
		stem, ok := strings.CutSuffix(word, end)
		if !ok || len(stem) < 2 {
			continue
		}
		for _, base := range []string{stem, stem + "e", undouble(stem)} {
			if verbs()[base] {
				return base
			}
		}
		if y, ok := strings.CutSuffix(stem, "i"); ok && verbs()[y+"y"] {
			return y + "y"
		}
	}
	return ""
}

func undouble(stem string) string {
	n := len(stem)
	if n > 2 && stem[n-1] == stem[n-2] {
		return stem[:n-1]
	}
	return stem
}

// IsVerbForm recognises any form of a listed verb.
func IsVerbForm(word string) bool {
	return verbs()[word] || BaseForm(word) != "" || participle(word) != ""
}

// IsStative recognises the base form of a verb of thinking, feeling or being.
func IsStative(base string) bool { return stative()[base] }
