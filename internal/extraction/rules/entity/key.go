package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/extraction/rules/name"
)

// generic words at the end of a name do not tell two names apart: "NetSuite"
// and "the NetSuite system".
var generic = map[string]bool{
	"system": true, "team": true, "group": true, "department": true, "dept": true, "app": true,
	"application": true, "platform": true, "tool": true, "process": true, "workflow": true, "procedure": true,
}

// key returns what all spellings of a name share: its letters and digits in
// lower case, without a generic last word, by the lists' own spelling.
func key(text string) string {
	words := strings.Fields(strings.ToLower(text))
	if len(words) > 1 && generic[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	joined := strings.Join(words, " ")
	if kind, listed := name.Lookup(joined); kind != name.Unknown {
		joined = listed
	}
	return squeeze(joined)
}

func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// capitalise makes the first letter upper-case.
func capitalise(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 || len(text) > n && hasUpper(text[n:]) && !strings.Contains(text, " ") {
		return text
	}
	return string(unicode.ToUpper(r)) + text[n:]
}

func hasUpper(text string) bool {
	return strings.IndexFunc(text, unicode.IsUpper) >= 0
}

func upper(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsUpper(r)
}

// short tells an acronym.
func short(text string) bool {
	return len(text) <= 5 && text == strings.ToUpper(text)
}
