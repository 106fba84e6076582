package format

import "strings"

// clock reads a time as people write it (4:19, 1:04:19, 00:00:04.120 with
// point or comma) from the start of s. It returns milliseconds and the number
// of bytes read, 0 without a time.
func clock(s string) (ms int64, n int) {
	var field [3]int64
	fields := 0
	for {
		v, k := digits(s[n:])
		if k == 0 || k > 5 || fields > 0 && (k > 2 || v > 59) {
			return 0, 0
		}
		field[fields] = v
		fields++
		n += k
		if fields == 3 || n+1 >= len(s) || s[n] != ':' || !isDigit(s[n+1]) {
			break
		}
		n++
	}
	if fields < 2 || n < len(s) && s[n] == ':' && n+1 < len(s) && isDigit(s[n+1]) {
		return 0, 0
	}
	secs := field[0]*60 + field[1]
	if fields == 3 {
		secs = secs*60 + field[2]
	}
	frac, k := fraction(s[n:])
	return secs*1000 + frac, n + k
}

// digits reads a decimal number; past 18 digits its value means nothing.
func digits(s string) (v int64, n int) {
	for n < len(s) && isDigit(s[n]) {
		if n < 18 {
			v = v*10 + int64(s[n]-'0')
		}
		n++
	}
	return v, n
}

// fraction reads .5 or ,120 as milliseconds.
func fraction(s string) (ms int64, n int) {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' || !isDigit(s[1]) {
		return 0, 0
	}
	for n = 1; n < len(s) && isDigit(s[n]); n++ {
		if n <= 3 {
			ms = ms*10 + int64(s[n]-'0')
		}
	}
	for i := n; i < 4; i++ {
		ms *= 10
	}
	return ms, n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// A mark is a time in brackets, or two of them with an arrow or dash between.
type mark struct {
	start int64
	end   *int64
}

// bracketMark reads [04:19], its Markdown spelling \[04:19\], and ranges such
// as [00:00:01.000 --> 00:00:04.000] from the start of s; n is 0 without one.
func bracketMark(s string) (m mark, n int) {
	open := strings.TrimPrefix(s, `\`)
	if !strings.HasPrefix(open, "[") {
		return mark{}, 0
	}
	m, rest := insideMark(open[1:])
	rest = strings.TrimPrefix(rest, `\`)
	if !strings.HasPrefix(rest, "]") {
		return mark{}, 0
	}
	return m, len(s) - len(rest) + 1
}

// roundMark reads (04:19), which only the beginning of a turn may have: in the
// middle of a sentence it is more often something else.
func roundMark(s string) (m mark, n int) {
	if !strings.HasPrefix(s, "(") {
		return mark{}, 0
	}
	m, rest := insideMark(s[1:])
	if !strings.HasPrefix(rest, ")") {
		return mark{}, 0
	}
	return m, len(s) - len(rest) + 1
}

// insideMark returns what follows the times, or "" without any.
func insideMark(s string) (m mark, rest string) {
	s = strings.TrimLeft(s, " ")
	ms, n := strictClock(s)
	if n == 0 {
		return mark{}, ""
	}
	m.start = ms
	rest = strings.TrimLeft(s[n:], " ")
	for _, sep := range []string{"-->", "->", "–", "—", "-"} {
		if after, ok := strings.CutPrefix(rest, sep); ok {
			after = strings.TrimLeft(after, " ")
			end, n := strictClock(after)
			if n == 0 {
				return mark{}, ""
			}
			m.end, rest = &end, strings.TrimLeft(after[n:], " ")
			break
		}
	}
	return m, rest
}

// strictClock is clock with two digits for the seconds, so that scores and
// verses are no times.
func strictClock(s string) (ms int64, n int) {
	ms, n = clock(s)
	if colon := strings.LastIndexByte(s[:n], ':'); n == 0 || colon+2 >= n || !isDigit(s[colon+2]) {
		return 0, 0
	}
	return ms, n
}
