package clock

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const dayMS = 24 * 3600e3

// date reads 2026-05-04, 04.05.26, 5/4/2026 as a number of days. Of two
// numbers that could be months, the second one is, unless the first is said to
// be or the second cannot be.
func date(s string, monthFirst bool) (days int64, n int) {
	var v [3]int64
	var digits [3]int
	sep := byte(0)
	for i := range v {
		v[i], digits[i] = Digits(s[n:])
		if digits[i] == 0 || digits[i] == 3 || digits[i] > 4 {
			return 0, 0
		}
		n += digits[i]
		if i == 2 {
			break
		}
		if n >= len(s) || s[n] != '.' && s[n] != '/' && s[n] != '-' || sep != 0 && s[n] != sep {
			return 0, 0
		}
		sep = s[n]
		n++
	}
	year, month, day := v[2], v[1], v[0]
	switch {
	case digits[0] == 4:
		year, month, day = v[0], v[1], v[2]
	case digits[2] == 1 || digits[2] == 3:
		return 0, 0
	case month > 12 || monthFirst && day <= 12:
		month, day = day, month
	}
	return dayNumber(year, month, day, n)
}

func dayNumber(year, month, day int64, n int) (int64, int) {
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, 0
	}
	if year < 100 {
		year += 2000
	}
	return daysOf(year, month, day), n
}

// daysOf counts the days of the Gregorian calendar.
func daysOf(year, month, day int64) int64 {
	if month < 3 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day
}

// wordDate reads a date with its month in letters: Mar 4, 2024, 4. Mai 2026,
// 04-May-26, with a day of the week before it; or Today and Yesterday, whose
// day the file does not say, so that they are not dated. A date without a year
// is of the year 2000, as all of its file are.
func wordDate(s string) (days int64, n int, dated bool) {
	w, k := letters(s)
	switch {
	case k == 0 || monthOf(w) > 0:
		days, n = dayAndMonth(s)
		return days, n, n > 0
	case w == "today" || w == "yesterday":
		return 0, k, false
	case k < 2:
		return 0, 0, false
	}
	rest := skip(s[k:])
	if days, n = dayAndMonth(rest); n == 0 {
		return 0, 0, false
	}
	return days, len(s) - len(rest) + n, true
}

// dayAndMonth reads Mar 4, 2024 and 4. März 2024.
func dayAndMonth(s string) (days int64, n int) {
	w, k := letters(s)
	month, day, rest := monthOf(w), int64(0), s[k:]
	if month > 0 {
		rest = skip(rest)
	}
	day, k = Digits(rest)
	if k == 0 || k > 2 || month == 0 && len(w) > 0 {
		return 0, 0
	}
	rest = rest[k:]
	for _, th := range []string{"st", "nd", "rd", "th"} {
		if after, ok := strings.CutPrefix(rest, th); ok {
			rest = after
			break
		}
	}
	if month == 0 {
		rest = strings.TrimLeft(rest, " .-")
		rest = strings.TrimPrefix(rest, "de ")
		w, k := letters(rest)
		if month = monthOf(w); month == 0 {
			return 0, 0
		}
		rest = rest[k:]
	}
	year := int64(2000)
	after := strings.TrimPrefix(skip(rest), "de ")
	if y, k := Digits(after); k == 4 || k == 2 && strings.HasPrefix(rest, "-") {
		year, rest = y, after[k:]
	}
	return dayNumber(year, month, day, len(s)-len(rest))
}

// skip cuts what may stand between the parts of a date.
func skip(s string) string { return strings.TrimLeft(s, " .,-\u00a0\u202f") }

// letters reads a word of up to 12 letters, and returns it in small ones.
func letters(s string) (w string, n int) {
	for count := 0; n < len(s); count++ {
		r, k := utf8.DecodeRuneInString(s[n:])
		if !unicode.IsLetter(r) {
			break
		}
		if count == 12 {
			return "", 0
		}
		n += k
	}
	return strings.ToLower(s[:n]), n
}

// monthOf knows the months of English, German, French, Spanish, Italian,
// Portuguese and Dutch by their beginnings; 0 is none.
func monthOf(w string) int64 {
	n := 0
	for i := range w {
		if n == 3 || n == 4 {
			if m := months()[w[:i]]; m > 0 {
				return m
			}
		}
		if n++; n > 4 {
			return 0
		}
	}
	return months()[w]
}

// months are the numbers of the months by three or four letters.
var months = sync.OnceValue(func() map[string]int64 {
	all := map[string]int64{}
	for i, begins := range [...]string{"jan ene gen", "feb fév fev", "mar mär mrz maa", "apr avr abr", "may mai mag mei", "jun juin giu",
		"jul juil lug", "aug aoû ago", "sep set", "oct okt ott out", "nov", "dec dez dic déc"} {
		for b := range strings.FieldsSeq(begins) {
			all[b] = int64(i + 1)
		}
	}
	return all
})

// OnTheWall reports whether the times of a file are those of a clock on the wall,
// though they do not say so: the first one is later than the file lasts, and
// than most recordings, and none is beyond midnight.
func OnTheWall(first, last, latest int64) bool {
	const early = 5 * 3600e3
	return first >= early && latest < dayMS && last-first < first
}

// Nights counts those that times of day have gone over.
type Nights struct{ passed, last int64 }

// Onward is the time at, or the same on the next day where it lies half a day
// before the last one.
func (n *Nights) Onward(at int64) int64 {
	if at < dayMS && n.last-at-n.passed > dayMS/2 {
		n.passed += dayMS
	}
	n.last = at + n.passed
	return n.last
}

// Wall makes of times of day offsets from the first of them.
type Wall struct {
	first  *int64
	nights Nights
}

// Told reports whether there was a time of day.
func (w *Wall) Told() bool { return w.first != nil }

// Offset is that of a time of day and of its end, which is -1 where there is
// none. What has a date goes over no night.
func (w *Wall) Offset(start, end int64, dated bool) (from, to int64) {
	if w.first == nil {
		w.first = &start
	}
	at := start
	if !dated {
		at = w.nights.Onward(start)
	}
	if end >= 0 {
		end += at - start - *w.first
	}
	return at - *w.first, end
}
