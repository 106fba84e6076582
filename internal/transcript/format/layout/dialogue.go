package layout

// changeMarks: >> where another person begins to speak, and no names.
var changeMarks = Layout{
	Name:     "change_marks",
	nameless: true,
	cues:     true,
	head: func(w []look) (head, bool) {
		return head{reset: true, words: w[0].s}, w[0].changed
	},
	fits: func(t *trial) bool {
		return t.heads > 0 && (t.heads > 2 || t.heads*2 >= t.lines) && t.heads*40 >= t.lines
	},
}

// dialogue: a dash before what another person says, and no names. Captions may
// have it only where two speak in a cue.
var dialogue = Layout{
	Name:     "dialogue",
	nameless: true,
	cues:     true,
	head: func(w []look) (head, bool) {
		return head{reset: true, words: w[0].s}, w[0].dash && w[0].s != ""
	},
	fits: func(t *trial) bool {
		return t.heads > 1 && (t.heads*10 >= t.lines*6 || t.cues && t.heads*30 >= t.lines)
	},
}
