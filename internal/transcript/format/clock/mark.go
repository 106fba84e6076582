package clock

import "strings"

// A Mark is a time in brackets, or two of them with an arrow or dash between.
type Mark struct {
	Start int64  // milliseconds
	End   *int64 // nil without a second time
}

// Bracketed reads [04:19], its Markdown spelling \[04:19\], and ranges such
// as [00:00:01.000 --> 00:00:04.000] from the start of s; n is 0 without one.
func Bracketed(s string) (m Mark, n int) {
	open := strings.TrimPrefix(s, `\`)
	if !strings.HasPrefix(open, "[") {
		return Mark{}, 0
	}
	m, rest := insideMark(open[1:])
	rest = strings.TrimPrefix(rest, `\`)
	if !strings.HasPrefix(rest, "]") {
		return Mark{}, 0
	}
	return m, len(s) - len(rest) + 1
}

// Round reads (04:19), which only the beginning of a turn may have: in the
// middle of a sentence it is more often something else.
func Round(s string) (m Mark, n int) {
	if !strings.HasPrefix(s, "(") {
		return Mark{}, 0
	}
	m, rest := insideMark(s[1:])
	if !strings.HasPrefix(rest, ")") {
		return Mark{}, 0
	}
	return m, len(s) - len(rest) + 1
}

// insideMark returns what follows the times, or "" without any.
func insideMark(s string) (m Mark, rest string) {
	s = strings.TrimLeft(s, " ")
	ms, n := Strict(s)
	if n == 0 {
		return Mark{}, ""
	}
	m.Start = ms
	rest = strings.TrimLeft(s[n:], " ")
	for _, sep := range []string{"-->", "->", "–", "—", "-"} {
		if after, ok := strings.CutPrefix(rest, sep); ok {
			after = strings.TrimLeft(after, " ")
			end, n := Strict(after)
			if n == 0 {
				return Mark{}, ""
			}
			m.End, rest = &end, strings.TrimLeft(after[n:], " ")
			break
		}
	}
	return m, rest
}

// Strict is Read with two digits for the seconds, so that scores and
// verses are no times.
func Strict(s string) (ms int64, n int) {
	ms, n = Read(s)
	if colon := strings.LastIndexByte(s[:n], ':'); n == 0 || colon+2 >= n || !IsDigit(s[colon+2]) {
		return 0, 0
	}
	return ms, n
}

// Times are the start and the end that the mark of a turn gives it; m may be
// nil.
func (m *Mark) Times() (start, end *int64) {
	if m == nil {
		return nil, nil
	}
	return &m.Start, m.End
}
