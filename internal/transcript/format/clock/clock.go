// Package clock reads the times that transcripts have in their text.
package clock

import "strings"

// Read reads a time as people write it (4:19, 1:04:19, 00:00:04.120 with
// point or comma) from the start of s. It returns milliseconds and the number
// of bytes read, 0 without a time.
func Read(s string) (ms int64, n int) {
	var field [3]int64
	fields := 0
	for {
		v, k := Digits(s[n:])
		if k == 0 || k > 5 || fields > 0 && (k > 2 || v > 59) {
			return 0, 0
		}
		field[fields] = v
		fields++
		n += k
		if fields == 3 || n+1 >= len(s) || s[n] != ':' || !IsDigit(s[n+1]) {
			break
		}
		n++
	}
	if fields < 2 || n < len(s) && s[n] == ':' && n+1 < len(s) && IsDigit(s[n+1]) {
		return 0, 0
	}
	secs := field[0]*60 + field[1]
	if fields == 3 {
		secs = secs*60 + field[2]
	}
	frac, k := fraction(s[n:])
	return secs*1000 + frac, n + k
}

// Digits reads a decimal number; past 18 digits its value means nothing.
func Digits(s string) (v int64, n int) {
	for n < len(s) && IsDigit(s[n]) {
		if n < 18 {
			v = v*10 + int64(s[n]-'0')
		}
		n++
	}
	return v, n
}

// fraction reads .5 or ,120 as milliseconds.
func fraction(s string) (ms int64, n int) {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' || !IsDigit(s[1]) {
		return 0, 0
	}
	for n = 1; n < len(s) && IsDigit(s[n]); n++ {
		if n <= 3 {
			ms = ms*10 + int64(s[n]-'0')
		}
	}
	for i := n; i < 4; i++ {
		ms *= 10
	}
	return ms, n
}

// IsDigit is true for 0 to 9.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

// units reads 1h 2m 3s, 1m02.5s, 62 s: at least one number with its letter,
// the larger before the smaller. It says how many there were.
func units(s string) (ms int64, n, count int) {
	letters := [...]struct {
		name string
		ms   int64
	}{{"h", 3600e3}, {"min", 60e3}, {"m", 60e3}, {"sec", 1e3}, {"s", 1e3}}
	next := 0
	for {
		rest := strings.TrimLeft(s[n:], " ")
		v, k := Digits(rest)
		if k == 0 || k > 5 {
			break
		}
		frac, f := fraction(rest[k:])
		at := k + f
		rest2 := strings.TrimLeft(rest[at:], " ")
		i := next
		for i < len(letters) && !strings.HasPrefix(rest2, letters[i].name) {
			i++
		}
		if i == len(letters) || f > 0 && letters[i].ms != 1e3 {
			break
		}
		end := len(s) - len(rest2) + len(letters[i].name)
		if end < len(s) && s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z' {
			break // a word
		}
		ms += v*letters[i].ms + frac
		n, next, count = end, i+1, count+1
		if letters[i].name == "min" || letters[i].name == "sec" {
			next++
		}
	}
	return ms, n, count
}

// inBrackets reads the times that only brackets make one: 00.01.02, 12s, and
// two numbers of seconds with a dash or an arrow between, as 0.00 -> 6.12.
func inBrackets(s string) (st Stamp, n int) {
	first, n, dotted := looseTime(s)
	if n == 0 {
		return Stamp{}, 0
	}
	st = Stamp{Start: first, End: -1}
	rest := strings.TrimLeft(s[n:], " ")
	for _, sep := range dashes {
		after, ok := strings.CutPrefix(rest, sep)
		if !ok {
			continue
		}
		after = strings.TrimLeft(after, " ")
		if end, k, _ := looseTime(after); k > 0 {
			st.End = end
			return st, len(s) - len(after) + k
		}
		return Stamp{}, 0
	}
	if dotted { // a number of seconds needs its end beside it
		return Stamp{}, 0
	}
	return st, n
}

// looseTime reads one of them; bare is true for a number without a letter.
func looseTime(s string) (ms int64, n int, bare bool) {
	if ms, n, count := units(s); count > 0 {
		return ms, n, false
	}
	var field [3]int64
	at := 0
	for i := range field {
		v, k := Digits(s[at:])
		if k == 0 || k > 5 || i > 0 && (k != 2 || v > 59) {
			break
		}
		field[i] = v
		at += k
		if i == 2 {
			return (field[0]*60+field[1])*60_000 + field[2]*1000, at, false
		}
		if at >= len(s) || s[at] != '.' {
			break
		}
		at++
	}
	v, k := Digits(s)
	if k == 0 || k > 6 {
		return 0, 0, false
	}
	frac, f := fraction(s[k:])
	return v*1000 + frac, k + f, true
}
