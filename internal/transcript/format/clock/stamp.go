package clock

import (
	"strings"
	"unicode/utf8"
)

// A Stamp is a time as it stands beside a name or before words, in brackets or
// bare, alone or with an end.
type Stamp struct {
	Start  int64 // milliseconds; with Days, from the beginning of year 0
	End    int64 // -1 without one
	OfDay  bool  // a time of day (AM, PM, a date) and not an offset
	Dated  bool
	Short  bool // two numbers: minutes and seconds, or of a time of day hours and minutes
	Framed bool // in brackets, which words seldom begin with
}

// Front reads a stamp from the start of s; n is 0 without one. A bare one ends
// at white space, at a colon, or with s.
func Front(s string) (st Stamp, n int) {
	if s == "" {
		return st, 0
	}
	if c := s[0]; !IsDigit(c) && c != '[' && c != '(' && c != '<' && c != '#' && c != '{' && c != '\\' && c < 0x80 {
		return st, 0
	}
	open := strings.TrimPrefix(s, `\`)
	for _, b := range brackets {
		inner, ok := strings.CutPrefix(open, b[0])
		if !ok {
			continue
		}
		inner = strings.TrimLeft(inner, " ")
		st, k := span(inner)
		if k == 0 {
			st, k = inBrackets(inner)
		}
		if k == 0 {
			return Stamp{}, 0
		}
		rest := strings.TrimLeft(inner[k:], " ")
		rest = strings.TrimPrefix(rest, `\`)
		rest, ok = strings.CutPrefix(rest, b[1])
		if !ok {
			return Stamp{}, 0
		}
		st.Framed = true
		return st, len(s) - len(rest)
	}
	if !IsDigit(s[0]) {
		return st, 0
	}
	st, n = span(s)
	if n > 0 && !endsStamp(s[n:]) {
		return Stamp{}, 0
	}
	return st, n
}

// Back reads a stamp that s ends with; i is where it begins, len(s) without
// one. A bare one is the last word, or the last two with AM or PM.
func Back(s string) (st Stamp, i int) {
	if s == "" {
		return st, 0
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	if strings.ContainsRune(")]>#）】}", r) {
		i := lastOpening(s)
		if i < 0 {
			return Stamp{}, len(s)
		}
		if i > 0 && s[i-1] == '\\' {
			i--
		}
		if st, n := Front(s[i:]); n == len(s)-i && n > 0 {
			return st, i
		}
		return Stamp{}, len(s)
	}
	number := strings.TrimRight(s, "aApPmM.hinsec \u00a0\u202f") // before AM, PM and units
	if number == "" || !IsDigit(number[len(number)-1]) {
		return Stamp{}, len(s)
	}
	dated := strings.Contains(s, ":")
	var starts [9]int // of the last words
	n := 0
	for end := len(s); n < len(starts) && end > 0; n++ {
		starts[n] = strings.LastIndexAny(s[:end], " \t") + 1
		end = len(strings.TrimRight(s[:starts[n]], " \t"))
	}
	for n--; n >= 0; n-- { // the longest: with its date, its AM, its other end
		if i := starts[n]; i < len(s) && (IsDigit(s[i]) || n > 0 && dated && isDateWord(s[i:])) {
			if st, k := span(s[i:]); k == len(s)-i {
				return st, i
			}
		}
	}
	return Stamp{}, len(s)
}

// isDateWord recognises words that a date may begin with.
func isDateWord(s string) bool {
	w, n := letters(s)
	return n > 0 && (n < len(s) && s[n] == ',' || w == "today" || w == "yesterday" || monthOf(w) > 0)
}

func lastOpening(s string) int {
	if strings.HasSuffix(s, "#") {
		return strings.LastIndexByte(s[:len(s)-1], '#')
	}
	i := strings.LastIndexAny(s, "[(<{")
	return max(i, strings.LastIndex(s, "（"), strings.LastIndex(s, "【"))
}

var brackets = [][2]string{{"[", "]"}, {"(", ")"}, {"（", "）"}, {"【", "】"}, {"<", ">"}, {"#", "#"}, {"{", "}"}}

// endsStamp reports whether a bare time may end.
func endsStamp(rest string) bool {
	if rest == "" {
		return true
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return strings.ContainsRune(" \t\u00a0\u3000:：|,;–—-", r)
}

// span reads a time of day with or without a date, or one or two offsets.
func span(s string) (st Stamp, n int) {
	st.End = -1
	days, n, dated := int64(0), 0, true
	if days, n = date(s, false); n == 0 {
		days, n, dated = wordDate(s)
	}
	if n > 0 {
		rest := strings.TrimLeft(s[n:], ",T| \u00a0\u202f")
		rest = strings.TrimPrefix(rest, "at ")
		ms, k := Strict(rest)
		if k == 0 || len(rest) == len(s[n:]) {
			return Stamp{}, 0
		}
		if strings.Count(rest[:k], ":") == 1 {
			ms *= 60
		}
		ms, k, american := half(rest, ms, k)
		if american && len(s) > 2 && IsDigit(s[0]) && s[1] != '.' && s[2] != '.' {
			if d, n := date(s, true); n > 0 {
				days = d
			}
		}
		rest = zone(rest[k:])
		return Stamp{Start: days*dayMS + ms, End: -1, OfDay: true, Dated: dated}, len(s) - len(rest)
	}
	ms, n := withFrames(s)
	if n == 0 {
		if ms, n, count := units(s); count > 1 {
			return Stamp{Start: ms, End: -1}, n
		}
		return Stamp{}, 0
	}
	st.Start, st.Short = ms, strings.Count(s[:n], ":") == 1
	inDay := ms
	if st.Short {
		inDay *= 60
	}
	if m, k, ok := half(s, inDay, n); ok {
		st.Start, st.OfDay, st.Short = m, true, false
		return st, k
	}
	rest := strings.TrimLeft(s[n:], " ")
	for _, sep := range dashes {
		after, ok := strings.CutPrefix(rest, sep)
		if !ok {
			continue
		}
		after = strings.TrimLeft(after, " ")
		if end, k := withFrames(after); k > 0 {
			st.End = end
			return st, len(s) - len(after) + k
		}
		if d, k := Digits(after); sep == "-" && k == 1 && d < 10 && len(rest) == len(s[n:]) { // f4: tenths
			st.Start += 100 * d
			return st, len(s) - len(after) + k
		}
		break
	}
	return st, n
}

// dashes stand between two times.
var dashes = []string{"-->", "->", "→", "–", "—", "-", "to "}

// zone cuts a time zone in digits.
func zone(s string) string {
	if t, ok := strings.CutPrefix(s, "Z"); ok {
		return t
	}
	if len(s) >= 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':' && IsDigit(s[1]) && IsDigit(s[2]) && IsDigit(s[4]) && IsDigit(s[5]) {
		return s[6:]
	}
	return s
}

// withFrames is Strict that also takes the frames of film, hh:mm:ss:ff, as
// thirtieths of a second.
func withFrames(s string) (ms int64, n int) {
	if len(s) >= 11 && (s[8] == ':' || s[8] == ';') && IsDigit(s[9]) && IsDigit(s[10]) && (len(s) == 11 || !IsDigit(s[11])) {
		if ms, n := Read(s[:8]); n == 8 {
			frames, _ := Digits(s[9:11])
			return ms + frames*1000/30, 11
		}
	}
	return Strict(s)
}

// half moves a time of n bytes to its half of the day, where AM or PM follows.
func half(s string, ms int64, n int) (int64, int, bool) {
	rest := strings.TrimLeft(s[n:], " \u00a0\u202f")
	if len(rest) < 2 || ms >= 13*3600e3 {
		return ms, n, false
	}
	c := rest[0] | 0x20
	k := 0
	switch {
	case (c == 'a' || c == 'p') && rest[1]|0x20 == 'm':
		k = 2
	case len(rest) >= 4 && (c == 'a' || c == 'p') && rest[1] == '.' && rest[2]|0x20 == 'm' && rest[3] == '.':
		k = 4
	default:
		return ms, n, false
	}
	if k < len(rest) && rest[k]|0x20 >= 'a' && rest[k]|0x20 <= 'z' {
		return ms, n, false
	}
	ms %= 12 * 3600e3
	if c == 'p' {
		ms += 12 * 3600e3
	}
	return ms, len(s) - len(rest) + k, true
}

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
