package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/speaker"
)

const (
	maxBoldWords = 8
	maxBoldRunes = 80
	maxEmphasis  = 240 // bytes of a line in which its end is looked for
)

// emphases are what may stand around a name, the longest first.
var emphases = [][2]string{
	{"***", "***"}, {"**", "**"}, {"__", "__"}, {"*", "*"}, {"_", "_"}, {"<strong>", "</strong>"}, {"<b>", "</b>"},
}

// boldLabel reads **Name:**, **Name**:, **Name** [04:19] and the like from the
// front of a paragraph, with a time before, inside or after the name.
func boldLabel(s string) (speaker.Prefix, bool) {
	var p speaker.Prefix
	p.Mark, s = leadingMark(s)
	inner, rest, ok := cutEmphasis(s)
	if !ok {
		return speaker.Prefix{}, false
	}
	inner, colon := trimColon(inner)
	p.Mark, inner = earlier(p.Mark, inner, leadingMark)
	p.Mark, inner = earlier(p.Mark, inner, trailingMark)
	if !colon {
		inner, colon = trimColon(inner)
	}
	rest = strings.TrimLeft(rest, " \t")
	if !colon {
		rest, colon = speaker.CutColon(rest)
	}
	p.Mark, rest = earlier(p.Mark, rest, sideMark)
	if !colon {
		rest, colon = speaker.CutColon(rest)
	}
	p.Name, _ = inline(inner)
	p.Rest, p.Labelled = rest, true
	return p, isBoldName(p.Name, colon, p.Mark != nil)
}

// earlier lets find look for a mark and keeps the first one that was found.
func earlier(m *clock.Mark, s string, find func(string) (*clock.Mark, string)) (*clock.Mark, string) {
	found, rest := find(s)
	if m == nil {
		m = found
	}
	return m, rest
}

func isBoldName(s string, colon, timed bool) bool {
	switch {
	case !colon:
		return timed && speaker.IsName(s)
	case speaker.IsNobody(s):
		return true
	case s == "" || utf8.RuneCountInString(s) > maxBoldRunes || strings.ContainsAny(s, "?!;"):
		return false
	}
	words := strings.Fields(s)
	return len(words) <= maxBoldWords && !speaker.IsHeading(words[0]) && strings.IndexFunc(s, unicode.IsLetter) >= 0
}

// cutEmphasis cuts the emphasised text at the front of a line.
func cutEmphasis(s string) (inner, rest string, ok bool) {
	line, _, _ := strings.Cut(s, "\n")
	line = line[:min(len(line), maxEmphasis)]
	for _, e := range emphases {
		if !strings.HasPrefix(line, e[0]) {
			continue
		}
		end := indexUnescaped(line[len(e[0]):], e[1])
		if end <= 0 {
			return "", s, false
		}
		return strings.TrimSpace(line[len(e[0]) : len(e[0])+end]), s[len(e[0])+end+len(e[1]):], true
	}
	return "", s, false
}

// indexUnescaped is strings.Index that a backslash hides characters from.
func indexUnescaped(s, sub string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		} else if strings.HasPrefix(s[i:], sub) {
			return i
		}
	}
	return -1
}

func trimColon(s string) (string, bool) {
	t := strings.TrimSuffix(strings.TrimSuffix(s, ":"), "：")
	return strings.TrimSpace(t), t != s
}

// leadingMark reads a time before a name: in brackets, or bare.
func leadingMark(s string) (*clock.Mark, string) { return timeBefore(s, " \t\n") }

// sideMark reads a time after a name: in brackets, or bare up to the line end,
// since words may begin with a time.
func sideMark(s string) (*clock.Mark, string) { return timeBefore(s, "\n") }

func timeBefore(s, ends string) (*clock.Mark, string) {
	m, n := clock.Bracketed(s)
	if n == 0 {
		m, n = clock.Round(s)
	}
	if n == 0 {
		m.Start, n = clock.Strict(s)
		if n == 0 || n < len(s) && strings.IndexByte(ends, s[n]) < 0 {
			return nil, s
		}
	}
	n += destination(s[n:]) // a link to the moment
	return &m, strings.TrimLeft(s[n:], " \t")
}

// trailingMark reads a time in brackets at the end.
func trailingMark(s string) (*clock.Mark, string) {
	i := strings.LastIndexAny(s, "[(")
	if i <= 0 {
		return nil, s
	}
	if s[i] == '[' && s[i-1] == '\\' {
		i--
	}
	m, n := clock.Bracketed(s[i:])
	if n == 0 {
		m, n = clock.Round(s[i:])
	}
	if n == 0 || i+n != len(s) {
		return nil, s
	}
	return &m, strings.TrimSpace(s[:i])
}
