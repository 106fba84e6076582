package layout

import "griot/internal/transcript/label"

// timeNameLine: the time and then the name on a line of their own, the words
// below.
var timeNameLine = Layout{
	Name:  "time_name_line",
	below: true,
	head: func(w []look) (head, bool) {
		k := &w[0]
		if !k.timed || k.rest == "" || len(k.rest) > maxAlone || len(w) < 2 || w[1].timed {
			return head{}, false
		}
		name, _ := cutColonBack(k.rest)
		name = label.Clean(name)
		return head{name: name, named: true, stamp: k.front, timed: true}, label.Could(name) && !isSentence(k.rest)
	},
	fits: func(t *trial) bool { return t.aloneFits() },
}
