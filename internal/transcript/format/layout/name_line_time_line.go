package layout

import (
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/label"
)

// nameLineTimeLine: the name on a line, the time on the next one, the words
// below. A time alone goes on with the same speaker. The panel of Teams repeats
// both in words, which people copy with them.
var nameLineTimeLine = Layout{
	Name:  "name_line_time_line",
	below: true,
	head: func(w []look) (head, bool) {
		if w[0].timed && w[0].rest == "" {
			return head{stamp: w[0].front, timed: true}, true
		}
		if len(w) < 3 || w[0].timed || len(w[0].s) > maxAlone {
			return head{}, false
		}
		at := 1
		if spokenTime(w[at].s) {
			at++
		}
		if at+1 >= len(w) || !w[at].timed || w[at].rest != "" {
			return head{}, false
		}
		h := head{named: true, stamp: w[at].front, timed: true, lines: at + 1}
		h.name, _ = cutColonBack(w[0].s)
		h.name = label.Clean(h.name)
		if rest, ok := strings.CutPrefix(w[at+1].s, w[0].s); ok && spokenTime(rest) {
			h.lines++
		}
		return h, label.Could(h.name) && !isSentence(w[0].s)
	},
	fits: func(t *trial) bool { return t.aloneFits() },
}

// spokenTime recognises `1 hour 2 minutes 3 seconds`, in any language.
func spokenTime(s string) bool {
	numbers, words := 0, 0
	if len(s) > 60 {
		return false
	}
	for w := range strings.FieldsSeq(s) {
		if _, n := clock.Digits(w); n == len(w) && n < 3 {
			if numbers++; numbers != words+1 {
				return false
			}
		} else if words++; words != numbers {
			return false
		}
	}
	return numbers > 0 && numbers == words && numbers <= 3
}
