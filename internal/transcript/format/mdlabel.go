package format

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxBoldWords = 8
	maxBoldRunes = 80
)

// emphases are what may stand around a name, the longest first.
var emphases = [][2]string{
	{"***", "***"}, {"**", "**"}, {"__", "__"}, {"*", "*"}, {"_", "_"}, {"<strong>", "</strong>"}, {"<b>", "</b>"},
}

// boldLabel reads **Name:**, **Name**:, **Name** [04:19] and the like from the
// front of a paragraph, with a time before, inside or after the name.
func boldLabel(s string) (prefix, bool) {
	var p prefix
	p.mark, s = leadingMark(s)
	inner, rest, ok := cutEmphasis(s)
	if !ok {
		return prefix{}, false
	}
	inner, colon := trimColon(inner)
	p.mark, inner = earlier(p.mark, inner, leadingMark)
	p.mark, inner = earlier(p.mark, inner, trailingMark)
	if !colon {
		inner, colon = trimColon(inner)
	}
	rest = strings.TrimLeft(rest, " \t")
	if !colon {
		rest, colon = cutColon(rest)
	}
	p.mark, rest = earlier(p.mark, rest, sideMark)
	if !colon {
		rest, colon = cutColon(rest)
	}
	p.name, _ = inline(inner)
	p.rest, p.proof, p.labelled = rest, certain, true
	return p, isBoldName(p.name, colon, p.mark != nil)
}

// earlier lets find look for a mark and keeps the first one that was found.
func earlier(m *mark, s string, find func(string) (*mark, string)) (*mark, string) {
	found, rest := find(s)
	if m == nil {
		m = found
	}
	return m, rest
}

func isBoldName(s string, colon, timed bool) bool {
	switch {
	case !colon:
		return timed && nameProof(s, true) == certain
	case isNobody(s):
		return true
	case s == "" || utf8.RuneCountInString(s) > maxBoldRunes || strings.ContainsAny(s, "?!;"):
		return false
	}
	words := strings.Fields(s)
	return len(words) <= maxBoldWords && !isHeading(words[0]) && strings.IndexFunc(s, unicode.IsLetter) >= 0
}

// cutEmphasis cuts the emphasised text at the front of a line.
func cutEmphasis(s string) (inner, rest string, ok bool) {
	line, _, _ := strings.Cut(s, "\n")
	line = line[:min(len(line), 2*maxLabel)]
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
func leadingMark(s string) (*mark, string) { return timeBefore(s, " \t\n") }

// sideMark reads a time after a name: in brackets, or bare up to the line end,
// since words may begin with a time.
func sideMark(s string) (*mark, string) { return timeBefore(s, "\n") }

func timeBefore(s, ends string) (*mark, string) {
	m, n := bracketMark(s)
	if n == 0 {
		m, n = roundMark(s)
	}
	if n == 0 {
		m.start, n = strictClock(s)
		if n == 0 || n < len(s) && strings.IndexByte(ends, s[n]) < 0 {
			return nil, s
		}
	}
	n += destination(s[n:]) // a link to the moment
	return &m, strings.TrimLeft(s[n:], " \t")
}

// trailingMark reads a time in brackets at the end.
func trailingMark(s string) (*mark, string) {
	i := strings.LastIndexAny(s, "[(")
	if i <= 0 {
		return nil, s
	}
	if s[i] == '[' && s[i-1] == '\\' {
		i--
	}
	m, n := bracketMark(s[i:])
	if n == 0 {
		m, n = roundMark(s[i:])
	}
	if n == 0 || i+n != len(s) {
		return nil, s
	}
	return &m, strings.TrimSpace(s[:i])
}
