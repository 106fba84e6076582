package layout

import (
	"strings"

	"griot/internal/transcript/label"
)

// nameLine: the name alone above the words: a heading, a line in bold type or
// capitals, or a short line that comes again and again.
var nameLine = Layout{
	Name:  "name_line",
	below: true,
	cues:  true,
	head: func(w []look) (head, bool) {
		k := &w[0]
		if len(w) < 2 || k.timed || k.rest == "" || len(k.rest) > maxAlone || k.dash || k.changed || w[1].Heading > 0 {
			return head{}, false
		}
		text, _ := cutColonBack(k.rest)
		name := label.Clean(text)
		styled := k.Heading > 0 || k.Lead > 0 && k.Lead >= len(strings.TrimRight(k.Text, " \t:："))
		h := head{name: name, named: true, marked: styled}
		if k.cue {
			return h, k.Para && !w[1].Para && label.LooksLikeName(name)
		}
		return h, (styled || k.Para && !w[1].Para) && label.Could(name) && !isSentence(k.rest)
	},
	fits: func(t *trial) bool {
		if t.marked > 0 { // bold lines, and headings, which have other uses
			most := t.again*10 >= t.levels[t.level]*6 || t.level == 0 && t.again*10 >= t.levels[0]*4
			return t.again > 1 && most && t.kinds+t.like > 1 && t.again*20 >= t.lines
		}
		if t.capitals*10 >= t.heads*8 && t.again > 1 && t.kinds+t.like > 1 && (t.again+t.like)*10 >= t.heads*8 {
			return true
		}
		return t.again > 2 && t.again*10 >= t.heads*6 && t.kinds > 1 && t.again*5 >= t.lines
	},
}
