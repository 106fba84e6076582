package layout

import "griot/internal/transcript/label"

// timeLineNameLine: the time on a line, the name on the next one, the words
// below.
var timeLineNameLine = Layout{
	Name:  "time_line_name_line",
	below: true,
	head: func(w []look) (head, bool) {
		if len(w) < 3 || !w[0].timed || w[0].rest != "" || w[1].timed || w[2].timed || len(w[1].s) > maxAlone {
			return head{}, false
		}
		name, _ := cutColonBack(w[1].s)
		name = label.Clean(name)
		return head{name: name, named: true, stamp: w[0].front, timed: true, lines: 2}, label.Could(name) && !isSentence(w[1].s)
	},
	fits: func(t *trial) bool { return t.aloneFits() },
}
