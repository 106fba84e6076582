package layout

import (
	"strings"

	"griot/internal/transcript/label"
)

// nameBracket: `[Name] words`, `<name> words`, `(speaker 0) words`, with or
// without a time before.
var nameBracket = Layout{
	Name: "name_bracket",
	cues: true,
	head: func(w []look) (head, bool) {
		k := &w[0]
		if k.rest == "" || strings.IndexByte("[<(", k.rest[0]) < 0 {
			return head{}, false
		}
		i := strings.IndexAny(k.rest[:min(len(k.rest), label.MaxBytes)], "])>")
		if i < 2 || i+1 >= len(k.rest) {
			return head{}, false
		}
		name := label.Clean(k.rest[1:i])
		h := head{name: name, named: true, stamp: k.front, timed: k.timed, words: label.Trim(k.rest[i+1:])}
		return h, label.Could(name) && h.words != "" && !label.IsNoise(name)
	},
	fits: func(t *trial) bool {
		return t.heads*10 >= t.lines*6 && t.again*2 >= t.heads && t.heads > 2
	},
}
