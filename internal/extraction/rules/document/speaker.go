package document

import (
	"strings"
	"unicode"

	"griot/internal/extraction/rules/lexicon"
)

var roles = lexicon.Words("labels")

// PersonName returns the name of a speaker, or "" for a label that names
// nobody, as "Speaker 1" and "Interviewer".
func PersonName(label string) string {
	label = strings.TrimSpace(strings.Trim(strings.TrimSpace(label), ":*_[]()"))
	if at := strings.IndexAny(label, "(["); at > 0 {
		label = strings.TrimSpace(label[:at])
	}
	words := strings.FieldsFunc(label, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '.' && r != '-' })
	if len(words) == 0 || len(words) > 4 || len(label) > 60 {
		return ""
	}
	for _, w := range words {
		if roles[strings.ToLower(strings.Trim(w, "."))] {
			return ""
		}
	}
	if len([]rune(words[0])) < 2 {
		return ""
	}
	return strings.Join(words, " ")
}
