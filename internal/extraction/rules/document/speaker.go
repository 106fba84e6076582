package document

import (
	"strings"
	"unicode"

	"griot/internal/extraction/rules/english"
)

var roles = english.Words("voice-labels")

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
		if roles()[strings.ToLower(strings.Trim(w, "."))] {
			return ""
		}
	}
	if len([]rune(words[0])) < 2 {
		return ""
	}
	return strings.Join(words, " ")
}

// share counts what a speaker says.
type share struct{ lines, questions int }

func count(talk map[string]*share, who string, question bool) {
	if talk[who] == nil {
		if len(talk) >= maxSpeakers {
			return
		}
		talk[who] = &share{}
	}
	talk[who].lines++
	if question {
		talk[who].questions++
	}
}

// asker returns the speaker whose part is to ask, or "": at least a third of their
// sentences are questions, and twice as many as of anybody else.
func asker(talk map[string]*share) string {
	best, second := "", 0
	for who, s := range talk {
		if best == "" || s.questions > talk[best].questions || s.questions == talk[best].questions && who < best {
			best = who
		}
	}
	for who, s := range talk {
		if who != best {
			second = max(second, s.questions)
		}
	}
	if best == "" || len(talk) < 2 || talk[best].questions < 3 || talk[best].questions*3 < talk[best].lines || talk[best].questions < 2*second {
		return ""
	}
	return best
}
