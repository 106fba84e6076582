package layout

import (
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/label"
)

// nameTab: the name, a tab, the words, with or without a time before.
var nameTab = Layout{
	Name: "name_tab",
	head: func(w []look) (head, bool) {
		k := &w[0]
		before, words, ok := strings.Cut(k.rest, "\t")
		name := label.Clean(before)
		h := head{name: name, named: true, stamp: k.front, timed: k.timed, words: label.Trim(words)}
		if st, n := clock.Front(h.words); n > 0 && !h.timed {
			h.stamp, h.timed, h.words = st, true, label.Trim(h.words[n:])
		}
		return h, ok && label.Could(name) && h.words != ""
	},
	fits: func(t *trial) bool {
		return t.heads > 1 && t.heads*10 >= t.lines*6 && t.again*2 >= t.heads
	},
}
