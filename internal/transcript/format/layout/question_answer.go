package layout

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/label"
)

// questionAnswer: `Q.` and `A.` as courts write them, or with a tab, spaces or
// a dash, with others between them who have a name and a colon.
var questionAnswer = Layout{
	Name: "question_answer",
	head: func(w []look) (head, bool) {
		k := &w[0]
		if r, n := utf8.DecodeRuneInString(k.rest); unicode.IsUpper(r) {
			for _, after := range []string{". ", ".\t", "\t", "   ", " - ", " – "} {
				if words, ok := strings.CutPrefix(k.rest[n:], after); ok {
					return head{name: k.rest[:n], named: true, marked: true, stamp: k.front, timed: k.timed, words: label.Trim(words)}, true
				}
			}
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
