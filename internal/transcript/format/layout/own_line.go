package layout

import (
	"strings"

	"griot/internal/transcript/format/clock"
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

// timeLine: a time on a line of its own, the words below, and no names.
var timeLine = Layout{
	Name:  "time_line",
	below: true,
	head: func(w []look) (head, bool) {
		return head{stamp: w[0].front, timed: true}, w[0].timed && w[0].rest == ""
	},
	fits: func(t *trial) bool { return t.orderly() && t.empty*4 <= t.heads },
}
