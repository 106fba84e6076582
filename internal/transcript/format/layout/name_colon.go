package layout

// nameColon: `Name: words`, with a time before or after the name or before the
// words, in brackets or bare. Lines without a name go on with the turn; a time
// in brackets begins another one of the same speaker.
var nameColon = Layout{
	Name: "name_colon",
	cues: true,
	head: func(w []look) (head, bool) {
		k := &w[0]
		if k.prefix.ok && !(k.timed && k.front.Dated) {
			return k.labelled(), true
		}
		switch {
		case k.timed && (k.front.Framed || k.rest == ""):
			return head{stamp: k.front, timed: true, words: k.rest}, true
		case k.changed, k.cue && k.dash:
			return head{reset: true, words: k.s}, true
		}
		return head{}, false
	},
	fits: func(t *trial) bool { return t.namesFit() },
}

// labelled is the head of a line that has a label.
func (k *look) labelled() head {
	l := &k.prefix
	h := head{name: l.name, named: true, marked: l.bold, quoted: l.quote, sure: l.quote || l.sure, words: l.words}
	switch {
	case k.timed:
		h.stamp, h.timed = k.front, true
	case l.timed:
		h.stamp, h.timed = l.stamp, true
	}
	return h
}
