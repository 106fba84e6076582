package layout

// timeWords: a time before the words of a line, and no names.
var timeWords = Layout{
	Name: "time_words",
	head: func(w []look) (head, bool) {
		k := &w[0]
		return head{stamp: k.front, timed: true, words: k.rest}, k.timed && k.rest != ""
	},
	fits: func(t *trial) bool {
		return t.framed == t.heads && (t.heads > 1 || t.lines < 4) && t.orderly() ||
			t.heads > 1 && t.heads*2 >= t.lines && t.orderly()
	},
}
