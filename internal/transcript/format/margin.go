package format

import (
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// A margin is the column of numbers that court reporters set before the lines
// of a page, from 1 on every page.
type margin struct{ last int64 }

// hasMargin reports whether most lines have such a number; pages is how many
// lines have nothing but the number of a page.
func hasMargin(text string) (yes bool, pages int) {
	var m margin
	lines, numbered := 0, 0
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			return numbered >= minMargin && numbered*10 >= lines*8, pages
		}
		if turn.IsBlank(line) {
			continue
		}
		if _, ok := m.cut(line); ok {
			numbered++
		} else if isPageNumber(line) {
			pages++
			continue
		}
		lines++
		if lines == 4*minMargin && numbered*2 < lines {
			return false, 0
		}
	}
}

const minMargin = 8 // lines

// cut returns the line without its number; false where it has none that goes
// on from the one before.
func (m *margin) cut(line string) (string, bool) {
	s := strings.TrimLeft(line, " \t\f")
	n, k := clock.Digits(s)
	if k == 0 || k > 3 || k < len(s) && s[k] != ' ' && s[k] != '\t' || n != m.last+1 && n != 1 {
		return line, false
	}
	m.last = n
	return s[k:], true
}

// isPageNumber recognises `12`, `Page 12` and `- 12 -` on a line of its own.
func isPageNumber(line string) bool {
	s := strings.Trim(line, " \t\f-–—")
	if len(s) > 5 && strings.EqualFold(s[:5], "page ") {
		s, _, _ = strings.Cut(s[5:], " of ")
	}
	_, k := clock.Digits(s)
	return k > 0 && k < 5 && k == len(s)
}
