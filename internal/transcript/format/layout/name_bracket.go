package layout

import (
	"strings"

	"griot/internal/transcript/label"
)

// nameBracket: `[Name] words`, `<name> words`, `(speaker 0) words`, with or
// without a time before, on every line or where the speaker changes. What also
// stands alone, as [Musik] does, is a sound.
var nameBracket = Layout{
	Name: "name_bracket",
	cues: true,
	head: func(w []look) (head, bool) {
		k := &w[0]
		if k.changed && k.rest != "" && k.rest[0] != '[' && k.rest[0] != '(' {
			return head{reset: true, words: k.s}, true
		}
		if k.rest == "" || strings.IndexByte("[<(", k.rest[0]) < 0 {
			return head{}, false
		}
		i := closing(k.rest)
		if i < 2 {
			return head{}, false
		}
		name := label.Clean(k.rest[1:i])
		h := head{name: name, named: true, stamp: k.front, timed: k.timed, words: label.Trim(k.rest[i+1:])}
		if k.rest[0] == '<' && strings.Contains(h.words, "</"+name+">") { // a tag
			return head{}, false
		}
		h.alone = h.words == "" && (len(w) < 2 || w[1].Para || !k.cue && !k.timed)
		return h, label.Could(name) && !label.IsNoise(name)
	},
	fits: func(t *trial) bool {
		return t.heads > 2 && t.again*2 >= t.heads && (t.heads*10 >= t.lines*6 ||
			t.kinds > 1 && t.firstAgain*4 <= t.lines && t.again*20 >= t.lines && t.again*10 >= t.heads*8)
	},
}

// closing is where the bracket ends that s begins with, 0 if it does not.
func closing(s string) int {
	open, end, depth := s[0], map[byte]byte{'[': ']', '<': '>', '(': ')'}[s[0]], 0
	for i := range min(len(s), label.MaxBytes) {
		switch s[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}
