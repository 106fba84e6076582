package layout

import "griot/internal/transcript/label"

// nameTimeLine: the name and the time on a line of their own, the words below.
// A line that is only a time, or begins with a time of day in brackets, goes on
// with the same speaker.
var nameTimeLine = Layout{
	Name:  "name_time_line",
	below: true,
	head: func(w []look) (head, bool) {
		k := &w[0]
		if k.tailed && len(w) > 1 {
			name := label.Clean(k.before)
			return head{name: name, named: true, stamp: k.tail, timed: true}, label.Could(name) && !isSentence(k.before)
		}
		if k.timed && (k.rest == "" || k.front.Framed && k.front.OfDay) {
			return head{stamp: k.front, timed: true, words: k.rest}, true
		}
		return head{}, false
	},
	fits: func(t *trial) bool { return t.aloneFits() },
}
