// Package step finds what somebody does or should do: imperatives, and
// habitual sentences such as "then finance approves it".
package step

import (
	"strings"
	"sync"

	"griot/internal/extraction/rules/lexicon"
)

var (
	verbs     = lexicon.Words("verbs")
	stative   = lexicon.Words("copular")
	particles = lexicon.Words("particles")
	function  = lexicon.Words("function")
	common    = lexicon.Words("common")
	actors    = lexicon.Words("actors")
	pasts     = sync.OnceValue(readPasts)
)

func readPasts() map[string]string {
	m := map[string]string{}
	for pair := range lexicon.Words("irregular")() {
		past, base, _ := strings.Cut(pair, ":")
		m[past] = base
	}
	return m
}

// Base returns the base of a verb in the third person singular: "approves" →
// "approve"; "" when it is none.
func Base(word string) string {
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
	if base := pasts()[word]; base != "" {
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

// IsVerbForm tells any form of a listed verb.
func IsVerbForm(word string) bool {
	return verbs()[word] || Base(word) != "" || participle(word) != ""
}

// IsStative tells the base form of a verb of thinking, feeling or being.
func IsStative(base string) bool { return stative()[base] }
