package layout

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/label"
)

// pieces cuts a line where the words of another speaker begin in the middle of
// it: at >>, and in cues that begin with a dash of dialogue at the next dash.
// The marks stay, for a file may mean nothing by them.
func pieces(l Line, cues bool) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		for {
			i := nextVoice(l, cues)
			if i < 0 {
				yield(l)
				return
			}
			first := l
			first.Text, l.Text = strings.TrimRight(l.Text[:i], " "), l.Text[i:]
			first.Lead = min(first.Lead, len(first.Text))
			if !yield(first) {
				return
			}
			l.Lead = max(0, l.Lead-i)
			l.Para, l.Inner = false, nil
			if !cues {
				l.Time = nil
			}
		}
	}
}

// maxDialogue is how long a line of dialogue is at most, in bytes.
const maxDialogue = 1000

// nextVoice is where in l somebody else begins to speak, or -1.
func nextVoice(l Line, cues bool) int {
	s := l.Text
	if s != "" && s[0] == '"' && quotedPrefix(s).ok { // a name that may have any marks, and words that are guarded
		return -1
	}
	if i := strings.Index(s, " >>"); i > 0 && !strings.Contains(s[:i], label.Guard) {
		before := strings.TrimRight(s[:i], " ")
		if before != "" && (cues || label.EndsSentence(before) || strings.HasPrefix(s, ">>")) {
			return i + 1
		}
	}
	if !cues || len(s) > maxDialogue || !strings.HasPrefix(s, "- ") && !strings.HasPrefix(s, "– ") {
		return -1
	}
	for i := 2; i < len(s); {
		k := strings.Index(s[i:], s[:strings.IndexByte(s, ' ')+1])
		if k < 0 {
			return -1
		}
		i += k
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s[i:], "-– "))
		if s[i-1] == ' ' && label.EndsSentence(strings.TrimRight(s[:i], " ")) && !unicode.IsLower(r) {
			return i
		}
		i++
	}
	return -1
}
