package layout

// timeLine: a time on a line of its own, the words below, and no names.
var timeLine = Layout{
	Name:  "time_line",
	below: true,
	head: func(w []look) (head, bool) {
		return head{stamp: w[0].front, timed: true}, w[0].timed && w[0].rest == ""
	},
	fits: func(t *trial) bool { return t.orderly() && t.empty*4 <= t.heads },
}
