package layout

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/label"
)

// A look is a line and what can be seen in it without knowing the file.
type look struct {
	Line
	cue     bool   // of captions
	s       string // Text without what stands before a name or a time
	dash    bool   // a dash of dialogue or a bullet stood there
	changed bool   // a mark of another speaker stood there: >>
	front   clock.Stamp
	timed   bool   // front is one
	rest    string // what follows it
	prefix  prefix // at the beginning of rest
	tail    clock.Stamp
	tailed  bool   // the line ends with a time, before which there is
	before  string // a name
	until   int64  // a time of the end of the words that stands behind them, or -1
}

// A prefix is a name before a colon.
type prefix struct {
	ok    bool
	name  string
	stamp clock.Stamp
	timed bool
	bold  bool
	quote bool // in quotes
	sure  bool // a [label.Guard] follows
	tight bool // no space follows the colon
	words string
}

const (
	maxAlone = 120 // bytes of a line that is only a name and a time
)

func lookAt(l Line, cues bool) look {
	k := look{Line: l, cue: cues, s: label.Trim(l.Text), until: -1}
	if !cues && strings.HasSuffix(k.s, "#") && strings.HasSuffix(strings.TrimSpace(l.Text), "#") { // f4: #00:00:03-5#
		if st, i := clock.Back(k.s); i > 0 && i < len(k.s) && k.s[i] == '#' && strings.IndexByte(k.s[i:], ' ') < 0 {
			k.until = st.Start
			k.s = label.Trim(k.s[:i])
			k.Text = k.s
		}
	}
	k.s, k.dash, k.changed = cutChange(k.s)
	k.rest = k.s
	if !cues {
		k.frontTime()
	}
	lead := 0
	if l.Lead > 0 && k.rest != "" { // what was cut off before the rest is not of it
		lead = min(max(0, l.Lead-strings.Index(l.Text, k.rest)), len(k.rest))
	}
	k.prefix = readPrefix(k.rest, lead)
	if name := label.Clean(k.rest[:lead]); !k.prefix.ok && k.timed && lead > 0 && label.LooksLikeName(name) {
		k.prefix = prefix{ok: true, bold: true, name: name, words: label.Trim(k.rest[lead:])}
	}
	if !cues && !k.timed && len(k.s) <= maxAlone {
		k.tailTime()
	}
	return k
}

// frontTime reads the time that stands before the words, or that the markup
// had.
func (k *look) frontTime() {
	if k.Time != nil {
		k.front = clock.Stamp{Start: k.Time.Start, End: -1, Framed: true}
		if k.Time.End != nil {
			k.front.End = *k.Time.End
		}
		k.timed = true
		if k.dash {
			return
		}
	} else if st, n := clock.Front(k.s); n > 0 {
		k.front, k.timed = st, true
		k.rest = trimFront(k.s[n:])
		return
	}
	if k.timed {
		k.rest = trimFront(k.s)
	}
}

func (k *look) tailTime() {
	st, i := clock.Back(k.s)
	if i == 0 || i == len(k.s) {
		return
	}
	k.before = strings.TrimRight(k.s[:i], " \t\u00a0-–—|•·,:")
	k.tail, k.tailed = st, k.before != ""
}

// trimFront cuts what may stand between a time and a name or words.
func trimFront(s string) string {
	s = label.Trim(s)
	for _, sep := range []string{"-", "–", "—", "|", "•", "·", ":", "："} {
		if t, ok := strings.CutPrefix(s, sep); ok && (t == "" || t[0] == ' ' || t[0] == '\t' || sep == "|") {
			return label.Trim(t)
		}
	}
	return s
}

// cutChange cuts the marks that stand before what another speaker says.
func cutChange(s string) (rest string, dash, changed bool) {
	if s == "" || s[0] != '>' && s[0] != '-' && s[0] < 0x80 {
		return s, false, false
	}
	if t := strings.TrimLeft(s, ">"); len(s)-len(t) >= 2 {
		return label.Trim(t), false, true
	}
	for _, d := range []string{"-", "–", "—", "―"} {
		if t, ok := strings.CutPrefix(s, d); ok && t != "" {
			r, _ := utf8.DecodeRuneInString(t)
			if unicode.IsSpace(r) || d != "-" && d != "–" && r != ':' && r != '：' && !unicode.IsDigit(r) {
				return label.Trim(t), true, false
			}
		}
	}
	return s, false, false
}

// readPrefix reads a name and its colon from the front of s, lead bytes of
// which are set off, with a time between, before or after the two.
func readPrefix(s string, lead int) prefix {
	switch {
	case s == "":
		return prefix{}
	case lead > 0:
		return leadPrefix(s, lead)
	}
	if l := quotedPrefix(s); l.ok {
		return l
	}
	depth := 0
	for i := 0; i < min(len(s), label.MaxBytes); i++ {
		switch c := s[i]; {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ':' && depth <= 0:
			if i > 0 && i+1 < len(s) && clock.IsDigit(s[i-1]) && clock.IsDigit(s[i+1]) {
				continue // inside a time
			}
			l := prefixOf(s[:i], s[i+1:])
			if !l.sure && i+1 < len(s) && s[i+1] != ' ' && s[i+1] != '\t' {
				r, _ := utf8.DecodeRuneInString(s[i+1:])
				l.tight = !label.IsMark(r)
				l.ok = l.ok && (!l.tight || r >= 0x80 || unicode.IsLetter(r) || r == '[' || r == '"')
			}
			return l
		case c == 0xEF && strings.HasPrefix(s[i:], "："):
			return prefixOf(s[:i], s[i+len("："):])
		}
	}
	return prefix{}
}

// prefixOf splits what stands on both sides of a colon.
func prefixOf(before, after string) prefix {
	l := prefix{words: after}
	before = label.Trim(before)
	if st, i := clock.Back(before); i < len(before) {
		l.stamp, l.timed, before = st, true, strings.TrimRight(before[:i], " \t\u00a0-–—|•·,")
	}
	l.name = label.Clean(before)
	l.ok = label.Could(l.name)
	l.timeOfWords()
	return l
}

// timeOfWords takes the time in brackets that words begin with, and any that
// is all of them.
func (l *prefix) timeOfWords() {
	s := strings.TrimLeft(l.words, " \t\u00a0")
	l.sure = strings.HasPrefix(s, label.Guard)
	l.words = label.Trim(s)
	if l.timed || l.sure {
		return
	}
	if st, n := clock.Front(l.words); n > 0 && (st.Framed && l.words[0] != '(' || n == len(l.words)) {
		l.stamp, l.timed, l.words = st, true, label.Trim(l.words[n:])
	}
}

// leadPrefix reads a name in bold type, with its colon inside or after it.
func leadPrefix(s string, lead int) prefix {
	inner, rest := label.Trim(s[:lead]), strings.TrimLeft(s[lead:], " \t\u00a0")
	name, colon := cutColonBack(inner)
	l := prefix{bold: true}
	if st, n := clock.Front(name); n > 0 {
		l.stamp, l.timed, name = st, true, trimFront(name[n:])
	} else if st, i := clock.Back(name); i < len(name) {
		l.stamp, l.timed, name = st, true, strings.TrimRight(name[:i], " \t\u00a0-–—|•·,")
		if !colon {
			name, colon = cutColonBack(name)
		}
	}
	if !colon {
		rest, colon = cutColon(rest)
	}
	if !colon && !l.timed {
		if st, n := clock.Front(rest); n > 0 {
			if after, ok := cutColon(label.Trim(rest[n:])); ok || st.Framed || after == "" {
				l.stamp, l.timed, rest, colon = st, true, after, true
			}
		}
	}
	l.name, l.words = label.Clean(name), rest
	if q := quotedPrefix(name + ":"); q.ok {
		l.name, l.quote = q.name, true
	}
	if !colon { // **Name** (0:12) alone, or a paragraph in bold type
		return prefix{}
	}
	l.timeOfWords()
	if after, ok := cutColon(l.words); ok && l.timed && !l.sure {
		l.words = after
	}
	l.ok = l.quote || label.Could(l.name)
	return l
}

// quotedPrefix reads "Name: of any kind": which a backslash hides quotes in.
func quotedPrefix(s string) prefix {
	if s[0] != '"' {
		return prefix{}
	}
	var name strings.Builder
	for i := 1; i < len(s) && i < 4*label.MaxBytes; i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				name.WriteByte(s[i])
			}
		case '"':
			words, ok := cutColon(strings.TrimLeft(s[i+1:], " "))
			l := prefix{name: label.Collapse(name.String()), quote: true, words: words}
			l.ok = ok && l.name != ""
			if l.ok {
				l.timeOfWords()
			}
			return l
		default:
			name.WriteByte(s[i])
		}
	}
	return prefix{}
}

func cutColon(s string) (string, bool) {
	t, ok := strings.CutPrefix(s, ":")
	if !ok {
		t, ok = strings.CutPrefix(s, "：")
	}
	return strings.TrimSpace(t), ok
}

func cutColonBack(s string) (string, bool) {
	t, ok := strings.CutSuffix(s, ":")
	if !ok {
		t, ok = strings.CutSuffix(s, "：")
	}
	return label.Trim(t), ok
}
