// Package clock reads the times that transcripts have in their text.
package clock

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
