package layout

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/label"
)

// datedChat: chats, whose lines begin with a date and a time of day, then the
// name and a colon. A line without a name is of the chat itself, and so are
// words that WhatsApp begins with a mark of direction.
var datedChat = Layout{
	Name: "dated_chat",
	head: func(w []look) (head, bool) {
		k := &w[0]
		if !k.timed || !k.front.Dated {
			return head{}, false
		}
		if k.prefix.ok {
			h := k.labelled()
			h.words = label.WithoutEdited(h.words)
			h.notice = label.IsChatNotice(h.words) || strings.Contains(k.Text, ": \u200e"+h.words[:min(len(h.words), 8)])
			return h, true
		}
		return head{stamp: k.front, timed: true, reset: true, notice: true, words: k.rest}, true
	},
	fits: func(t *trial) bool { return t.heads*10 >= t.lines*3 && t.named*2 >= t.heads && t.orderly() },
}

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

// questionAnswer: `Q.` and `A.` as courts write them, or with a tab, spaces or
// a dash, with others between them who have a name and a colon.
var questionAnswer = Layout{
	Name: "question_answer",
	head: func(w []look) (head, bool) {
		k := &w[0]
		if r, n := utf8.DecodeRuneInString(k.rest); unicode.IsUpper(r) {
			for _, after := range []string{". ", ".\t", "\t", "   ", " - ", " – "} {
				if words, ok := strings.CutPrefix(k.rest[n:], after); ok {
					return head{name: k.rest[:n], named: true, marked: true, stamp: k.front, timed: k.timed, words: label.Trim(words)}, true
				}
			}
		}
		if k.prefix.ok {
			return k.labelled(), true
		}
		return head{}, false
	},
	fits: func(t *trial) bool {
		letters := 0 // of names that come again
		for key, n := range t.names {
			if utf8.RuneCountInString(key) == 1 && n.marked > 1 {
				letters++
			}
		}
		return letters >= 2 && t.heads*10 >= t.lines
	},
}

// nameBracket: `[Name] words`, `<name> words`, `(speaker 0) words`, with or
// without a time before, on every line or where the speaker changes. What also
// stands alone, as [Musik] does, is a sound.
var nameBracket = Layout{
	Name: "name_bracket",
	cues: true,
	head: func(w []look) (head, bool) {
		k := &w[0]
		if k.changed && k.rest != "" && k.rest[0] != '[' && k.rest[0] != '(' {
			return head{reset: true, words: k.s}, true
		}
		if k.rest == "" || strings.IndexByte("[<(", k.rest[0]) < 0 {
			return head{}, false
		}
		i := closing(k.rest)
		if i < 2 {
			return head{}, false
		}
		name := label.Clean(k.rest[1:i])
		h := head{name: name, named: true, stamp: k.front, timed: k.timed, words: label.Trim(k.rest[i+1:])}
		if k.rest[0] == '<' && strings.Contains(h.words, "</"+name+">") { // a tag
			return head{}, false
		}
		h.alone = h.words == "" && (len(w) < 2 || w[1].Para || !k.cue && !k.timed)
		return h, label.Could(name) && !label.IsNoise(name)
	},
	fits: func(t *trial) bool {
		return t.heads > 2 && t.again*2 >= t.heads && (t.heads*10 >= t.lines*6 ||
			t.kinds > 1 && t.firstAgain*4 <= t.lines && t.again*20 >= t.lines && t.again*10 >= t.heads*8)
	},
}

// closing is where the bracket ends that s begins with, 0 if it does not.
func closing(s string) int {
	open, end, depth := s[0], map[byte]byte{'[': ']', '<': '>', '(': ')'}[s[0]], 0
	for i := range min(len(s), label.MaxBytes) {
		switch s[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}

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
