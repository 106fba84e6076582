package layout

import (
	"griot/internal/transcript/label"
	"unicode"
	"unicode/utf8"
)

// questionAnswer: `Q.` and `A.` as courts write them, with others between them
// who have a name and a colon.
var questionAnswer = Layout{
	Name: "question_answer",
	head: func(w []look) (head, bool) {
		k := &w[0]
		if r, n := utf8.DecodeRuneInString(k.rest); unicode.IsUpper(r) && len(k.rest) > n+1 && k.rest[n] == '.' &&
			(k.rest[n+1] == ' ' || k.rest[n+1] == '\t') {
			return head{name: k.rest[:n], named: true, marked: true, stamp: k.front, timed: k.timed, words: label.Trim(k.rest[n+1:])}, true
		}
		if k.prefix.ok {
			return k.labelled(), true
		}
		return head{}, false
	},
	fits: func(t *trial) bool {
		letters := 0 // of names that come again
		for key, n := range t.names {
			if utf8.RuneCountInString(key) == 1 && n.marked > 1 {
				letters++
			}
		}
		return letters >= 2 && t.heads*10 >= t.lines
	},
}
