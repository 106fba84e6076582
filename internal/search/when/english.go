package when

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// grammar reads times in the words of a text.
type grammar struct {
	words []word
	today time.Time
	now   time.Time
}

// word returns the text of the ith word, "" where there is none.
func (g *grammar) word(i int) string {
	if i < 0 || i >= len(g.words) {
		return ""
	}
	return g.words[i].text
}

// is reports whether words stand from i on.
func (g *grammar) is(i int, words ...string) bool {
	for n, w := range words {
		if g.word(i+n) != w {
			return false
		}
	}
	return true
}

// in reports whether the ith word is one of a list between spaces.
func (g *grammar) in(i int, list string) bool {
	w := g.word(i)
	if w == "" {
		return false
	}
	for from := 0; ; {
		n := strings.Index(list[from:], w)
		if n < 0 {
			return false
		}
		start, end := from+n, from+n+len(w)
		if (start == 0 || list[start-1] == ' ') && (end == len(list) || list[end] == ' ') {
			return true
		}
		from = end
	}
}

// at returns the days of which the words from i on speak, and how many words
// these are; 0: they speak of none. Longer readings go before shorter ones.
func (g *grammar) at(i int) (days, int) {
	if g.word(i) == "" {
		return days{}, 0
	}
	for _, read := range []func(int) (days, int){g.between, g.since, g.weekdayOfWeek, g.point, g.tongue} {
		if d, n := read(i); n > 0 {
			return d, n
		}
	}
	return days{}, 0
}

// point reads a time that is no range between two others.
func (g *grammar) point(i int) (days, int) {
	for _, read := range []func(int) (days, int){
		g.named, g.ago, g.count, g.relative, g.inMonth, g.quarter, g.season, g.inYear, g.weekday,
	} {
		if d, n := read(i); n > 0 {
			return d, n
		}
	}
	return days{}, 0
}

// named reads "yesterday", "the day before yesterday", "this morning" and the
// like.
func (g *grammar) named(i int) (days, int) {
	switch {
	case g.is(i, "day", "before", "yesterday"):
		return one(plusDays(g.today, -2)), 3
	case g.is(i, "day", "after", "tomorrow"):
		return one(plusDays(g.today, 2)), 3
	case g.is(i, "last", "night"), g.is(i, "yesterday"):
		n := 1
		if g.word(i) == "last" || g.in(i+1, partsOfDay) {
			n = 2
		}
		return one(plusDays(g.today, -1)), n
	case g.is(i, "this") && g.in(i+1, partsOfDay):
		return one(g.today), 2
	case g.is(i, "today"), g.is(i, "tonight"):
		return one(g.today), 1
	case g.is(i, "tomorrow"):
		return one(plusDays(g.today, 1)), 1
	case g.is(i, "the", "other", "day"):
		return days{plusDays(g.today, -7), plusDays(g.today, -1)}, 3
	case g.in(i, "over the on during") && (g.is(i+1, "weekend") || g.is(i+1, "the", "weekend")):
		n := 2
		if g.word(i+1) == "the" {
			n = 3
		}
		return g.lastWeekend(), n
	}
	return days{}, 0
}

const partsOfDay = "morning afternoon evening night noon"

// lastWeekend is the one that is over, or that it is.
func (g *grammar) lastWeekend() days {
	if this := weekendOf(g.today, 0); !this.from.After(g.today) {
		return this
	}
	return weekendOf(g.today, -1)
}

// number reads how many, as from lo to hi where it is vague.
func (g *grammar) number(i int) (lo, hi, n int) {
	switch {
	case g.is(i, "a", "couple", "of"):
		return 1, 3, 3
	case g.is(i, "couple", "of"):
		return 1, 3, 2
	case g.is(i, "a", "couple"):
		return 1, 3, 2
	case g.is(i, "couple"):
		return 1, 3, 1
	case g.is(i, "a", "few"):
		return 2, 5, 2
	case g.in(i, "few several"):
		return 2, 5, 1
	}
	if v, err := strconv.Atoi(g.word(i)); err == nil && 0 < v && v < 10_000 && len(g.word(i)) <= 4 {
		return v, v, 1
	}
	if v := numbers()[g.word(i)]; v > 0 {
		return v, v, 1
	}
	return 0, 0, 0
}

var numbers = sync.OnceValue(func() map[string]int {
	m := map[string]int{"a": 1, "an": 1}
	for i, w := range strings.Fields("one two three four five six seven eight nine ten eleven twelve") {
		m[w] = i + 1
	}
	return m
})

// units are those of times by their names, singular and plural.
var units = sync.OnceValue(func() map[string]unit {
	m := map[string]unit{}
	for u, names := range []string{
		minute: "minute min", hour: "hour hr", theDay: "day", week: "week wk", fortnight: "fortnight", month: "month", quarterly: "quarter", year: "year yr",
	} {
		for name := range strings.FieldsSeq(names) {
			m[name], m[name+"s"] = unit(u), unit(u)
		}
	}
	return m
})

type unit uint8

const (
	noUnit unit = iota
	minute
	hour
	theDay
	week
	fortnight
	month
	quarterly
	year
)

// back returns the day that is n units before now.
func (g *grammar) back(n int, u unit) time.Time {
	switch u {
	case minute:
		return midnight(g.now.Add(-time.Duration(n) * time.Minute))
	case hour:
		return midnight(g.now.Add(-time.Duration(n) * time.Hour))
	case theDay:
		return plusDays(g.today, -n)
	case week:
		return plusDays(g.today, -7*n)
	case fortnight:
		return plusDays(g.today, -14*n)
	case quarterly:
		return monthsBack(g.today, 3*n)
	case year:
		return monthsBack(g.today, 12*n)
	}
	return monthsBack(g.today, n)
}

// monthsBack returns the same day of an earlier month, or its last.
func monthsBack(t time.Time, n int) time.Time {
	of := monthOf(t, -n)
	return plusDays(of.from, min(t.Day(), of.to.Day())-1)
}

// ago reads "3 days ago", "a couple of weeks ago", "two months back". What is
// counted in weeks is the three days before and behind, in longer units the
// month or the year.
func (g *grammar) ago(i int) (days, int) {
	lo, hi, n := g.number(i)
	if n == 0 {
		return days{}, 0
	}
	u := units()[g.word(i+n)]
	if u == noUnit || !g.in(i+n+1, "ago back earlier") {
		return days{}, 0
	}
	return g.around(lo, hi, u), n + 2
}

// around returns the days about lo to hi units before now.
func (g *grammar) around(lo, hi int, u unit) days {
	d := days{g.back(hi, u), g.back(lo, u)}
	switch u {
	case week, fortnight:
		d = days{plusDays(d.from, -3), plusDays(d.to, 3)}
	case month, quarterly:
		d = days{monthOf(d.from, 0).from, monthOf(d.to, 0).to}
	case year:
		d = days{yearOf(d.from.Year()).from, yearOf(d.to.Year()).to}
	}
	return d
}

// count reads "the past 10 days", "last few weeks", "next 3 days": from so
// long ago until now.
func (g *grammar) count(i int) (days, int) {
	if !g.in(i, "last past previous next coming") {
		return days{}, 0
	}
	_, hi, n := g.number(i + 1)
	u := units()[g.word(i+1+n)]
	if n == 0 || u == noUnit {
		return days{}, 0
	}
	if g.in(i, "next coming") {
		return days{g.today, g.back(-hi, u)}, n + 2
	}
	return days{g.back(hi, u), g.today}, n + 2
}

// relative reads "last week", "this month", "next year", "last May", "last
// Tuesday". The past week, month or year is the last seven days, the days
// since the same one of the last month or year; so is "in the last week".
func (g *grammar) relative(i int) (days, int) {
	n := 0
	switch {
	case g.in(i, "last previous past"):
		n = -1
	case g.in(i, "next coming"):
		n = 1
	case !g.in(i, "this current"):
		return days{}, 0
	}
	if name := g.word(i + 1); name == "weekend" {
		if n == 0 {
			return weekendOf(g.today, 0), 2
		}
		if n < 0 {
			return g.pastWeekend(), 2
		}
		return weekendOf(g.today, 1), 2
	}
	if m := monthNamed(g.word(i + 1)); m > 0 {
		if g.word(i+1) == "may" && g.word(i+2) != "" && (n == 0 || g.in(i+2, modal)) {
			return days{}, 0
		}
		return g.nthMonth(m, n), 2
	}
	if d, ok := weekdayNamed(g.word(i + 1)); ok {
		return one(g.nthWeekday(d, n)), 2
	}
	u := units()[g.word(i+1)]
	if strings.HasSuffix(g.word(i+1), "s") && u != noUnit {
		return days{}, 0 // "last weeks"
	}
	if n < 0 && u != noUnit && (g.word(i) == "past" || g.is(i-1, "the") && g.in(i-2, "in over within during for")) {
		return days{g.back(1, u), g.today}, 2
	}
	switch u {
	case theDay:
		if n != 0 {
			return days{}, 0 // "the last day", "the next day": of something else
		}
		return one(g.today), 2
	case week:
		return weekOf(g.today, n), 2
	case fortnight:
		return days{plusDays(g.today, min(0, 14*n)), plusDays(g.today, max(0, 14*n))}, 2
	case month:
		return monthOf(g.today, n), 2
	case quarterly:
		return quarterOf(g.today, n), 2
	case year:
		return yearOf(g.today.Year() + n), 2
	case hour, minute:
		return days{}, 0 // "this minute" is a figure of speech
	}
	return days{}, 0
}

// modal is what stands behind a "may" that is no month.
const modal = "be have has not also well or and i we you he she it they only need never still take come go help cause contain include require"

// pastWeekend is the one that is over.
func (g *grammar) pastWeekend() days {
	if this := weekendOf(g.today, 0); this.to.Before(g.today) {
		return this
	}
	return weekendOf(g.today, -1)
}

// weekdayNamed returns the day of a week that a word is.
func weekdayNamed(w string) (time.Weekday, bool) {
	d, ok := weekdays()[w]
	return d, ok
}

var weekdays = sync.OnceValue(func() map[string]time.Weekday {
	m := map[string]time.Weekday{"tues": time.Tuesday, "thurs": time.Thursday, "weds": time.Wednesday}
	for d := time.Sunday; d <= time.Saturday; d++ {
		m[strings.ToLower(d.String())] = d
	}
	return m
})

// nthWeekday returns the last such day before today (-1), that of this week (0)
// or the next one after today (1).
func (g *grammar) nthWeekday(d time.Weekday, n int) time.Time {
	switch n {
	case -1:
		return plusDays(g.today, -1-(int(g.today.Weekday())-1-int(d)+14)%7)
	case 1:
		return plusDays(g.today, 1+(int(d)-int(g.today.Weekday())-1+14)%7)
	}
	return plusDays(weekOf(g.today, 0).from, (int(d)+6)%7)
}

// weekday reads "on Monday", or "Monday" alone: the last one, which may be
// today. Those of every week, and those with a name, are no times.
func (g *grammar) weekday(i int) (days, int) {
	d, ok := weekdayNamed(g.word(i))
	if !ok || g.in(i-1, "every each black good cyber ash super bloody palm easter fat giving per most") {
		return days{}, 0
	}
	n := 1
	if g.in(i+1, partsOfDay) {
		n = 2
	}
	return one(plusDays(g.nthWeekday(d, -1), g.ifToday(d))), n
}

// ifToday is 7 if it is that day of the week, so that the last one is today.
func (g *grammar) ifToday(d time.Weekday) int {
	if g.today.Weekday() == d {
		return 7
	}
	return 0
}

// weekdayOfWeek reads "Tuesday last week", "Friday of this week", "last week
// on Monday".
func (g *grammar) weekdayOfWeek(i int) (days, int) {
	d, ok := weekdayNamed(g.word(i))
	n := 1
	if ok && g.in(i+n, "of in") {
		n++
	}
	week, read := g.weekAt(i + n)
	if ok && read > 0 {
		return one(plusDays(week.from, (int(d)+6)%7)), n + read
	}
	if week, read = g.weekAt(i); read == 0 {
		return days{}, 0
	}
	if n = read; g.is(i+n, "on") {
		n++
	}
	if d, ok = weekdayNamed(g.word(i + n)); !ok {
		return days{}, 0
	}
	return one(plusDays(week.from, (int(d)+6)%7)), n + 1
}

// weekAt reads "last week", "this week" and "next week".
func (g *grammar) weekAt(i int) (days, int) {
	if g.word(i+1) != "week" || g.word(i) == "past" {
		return days{}, 0
	}
	return g.relative(i)
}

// monthNamed returns the month that a word is, in full or short; 0: none.
func monthNamed(w string) time.Month { return monthNames()[w] }

var monthNames = sync.OnceValue(func() map[string]time.Month {
	m := map[string]time.Month{"sept": time.September}
	for month := time.January; month <= time.December; month++ {
		name := strings.ToLower(month.String())
		m[name], m[name[:3]] = month, month
	}
	return m
})

// nthMonth returns the last month of that name that is over (-1), that of this
// year (0) or the next one to come (1).
func (g *grammar) nthMonth(m time.Month, n int) days {
	y := g.today.Year()
	switch {
	case n < 0 && m >= g.today.Month():
		y--
	case n > 0 && m <= g.today.Month():
		y++
	}
	return monthOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), 0)
}

// recentMonth is the last of that name that has begun.
func (g *grammar) recentMonth(m time.Month) days {
	if m == g.today.Month() {
		return g.nthMonth(m, 0)
	}
	return g.nthMonth(m, -1)
}

// inMonth reads "in May", "early in June", "late March", "the end of April",
// "in May last year". A month with its year or day written out is a date.
func (g *grammar) inMonth(i int) (days, int) {
	n, third := 0, ""
	switch {
	case strings.HasPrefix(g.word(i), "mid-"):
		if m := monthNamed(strings.TrimPrefix(g.word(i), "mid-")); m > 0 {
			return g.yearOfMonth(m, i+1, 1, "mid")
		}
		return days{}, 0
	case g.in(i, "in during throughout within"):
		n = 1
		if g.in(i+n, "early mid late") {
			third, n = g.word(i+n), n+1
		} else if g.is(i+n, "the", "month", "of") {
			n += 3
		}
	case g.in(i, "early mid late"):
		third, n = g.word(i), 1
		if g.is(i+n, "in") {
			n++
		}
	case g.in(i, "beginning start middle end rest whole all most half") && g.is(i+1, "of"):
		third, n = map[string]string{"beginning": "early", "start": "early", "middle": "mid", "end": "late"}[g.word(i)], 2
	default:
		return days{}, 0
	}
	m := monthNamed(g.word(i + n))
	if m == 0 {
		return days{}, 0
	}
	return g.yearOfMonth(m, i+n+1, n+1, third)
}

// yearOfMonth ends a month's reading, of n words so far, with what stands from
// i on; third is which part of it is meant, "" for all.
func (g *grammar) yearOfMonth(m time.Month, i, n int, third string) (days, int) {
	d := g.recentMonth(m)
	from := i
	if g.is(i, "of") {
		from++
	}
	switch y := calendarYear(g.word(from)); {
	case y > 0:
		d, n = monthOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), 0), n+from-i+1
	case g.in(from, "last this next") && g.is(from+1, "year"):
		of, _ := g.relative(from)
		d, n = monthOf(time.Date(of.from.Year(), m, 1, 0, 0, 0, 0, time.UTC), 0), n+from-i+2
	case dayOfMonth(g.word(i)) > 0:
		return days{}, 0
	}
	switch third {
	case "early":
		d.to = plusDays(d.from, 9)
	case "mid":
		d = days{plusDays(d.from, 10), plusDays(d.from, 19)}
	case "late":
		d.from = plusDays(d.from, 20)
	}
	return d, n
}

// calendarYear returns the year that a word is; 0: none.
func calendarYear(w string) int {
	if y, err := strconv.Atoi(w); err == nil && len(w) == 4 && 1900 <= y && y < 2200 {
		return y
	}
	return 0
}

// dayOfMonth returns the day of a month that a word is, as "2" or "2nd"; 0: none.
func dayOfMonth(w string) int {
	for _, ending := range []string{"st", "nd", "rd", "th"} {
		w = strings.TrimSuffix(w, ending)
	}
	if d, err := strconv.Atoi(w); err == nil && len(w) <= 2 && 1 <= d && d <= 31 {
		return d
	}
	return 0
}

// quarter reads "in Q3", "Q3 2025", "the first quarter of 2025".
func (g *grammar) quarter(i int) (days, int) {
	n, q := 0, 0
	if g.in(i, "in during since") {
		n = 1
		if g.is(i+1, "the") {
			n = 2
		}
	}
	switch w := g.word(i + n); {
	case len(w) == 2 && w[0] == 'q' && '1' <= w[1] && w[1] <= '4':
		q = int(w[1] - '0')
	case g.is(i+n+1, "quarter"):
		q = map[string]int{"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}[w]
		n++
	}
	if q == 0 {
		return days{}, 0
	}
	after := i + n + 1
	if g.is(after, "of") {
		after++
	}
	if y := calendarYear(g.word(after)); y > 0 {
		return quarter(y, q-1), after + 1 - i
	}
	if g.in(after, "last this next") && g.is(after+1, "year") {
		of, _ := g.relative(after)
		return quarter(of.from.Year(), q-1), after + 2 - i
	}
	if n == 0 {
		return days{}, 0
	}
	d := quarter(g.today.Year(), q-1)
	if d.from.After(g.today) {
		d = quarter(g.today.Year()-1, q-1)
	}
	return d, n + 1
}

// season reads "last summer", "in the spring", "spring 2026": three months of
// the north. What is no season ("in spring boot", "the fall of Rome") is none.
func (g *grammar) season(i int) (days, int) {
	n := 0
	switch {
	case g.in(i, "in during") && g.is(i+1, "the"):
		n = 2
	case g.in(i, "in during last this next"):
		n = 1
	}
	first := seasonNamed(g.word(i + n))
	if first == 0 {
		return days{}, 0
	}
	after := i + n + 1
	if g.is(after, "of") {
		after++
	}
	if y := calendarYear(g.word(after)); y > 0 {
		return seasonOf(first, y), after + 1 - i
	}
	if n == 0 || g.is(i+n+1, "of") || g.in(after, "boot framework mvc data security cloud batch back into in apart behind short cleaning break water roll") {
		return days{}, 0
	}
	y := g.today.Year() + 1
	wanted := func(d days) bool { return !d.from.After(g.today) } // it has begun
	switch g.word(i) {
	case "last":
		wanted = func(d days) bool { return d.to.Before(g.today) }
	case "this":
		wanted = func(d days) bool {
			return d.from.Year() == g.today.Year() || !d.from.After(g.today) && !d.to.Before(g.today)
		}
		if g.today.Month() < time.March && first == time.December {
			y = g.today.Year() - 1
		}
	case "next":
		if y = g.today.Year(); !seasonOf(first, y).from.After(g.today) {
			y++
		}
		return seasonOf(first, y), n + 1
	}
	for !wanted(seasonOf(first, y)) {
		y--
	}
	return seasonOf(first, y), n + 1
}

// seasonNamed returns the month with which a season begins; 0: it is none.
func seasonNamed(w string) time.Month {
	switch w {
	case "spring":
		return time.March
	case "summer":
		return time.June
	case "autumn", "fall":
		return time.September
	case "winter":
		return time.December
	}
	return 0
}

// seasonOf returns the three months that begin in a year with this one.
func seasonOf(first time.Month, year int) days {
	from := time.Date(year, first, 1, 0, 0, 0, 0, time.UTC)
	return days{from, from.AddDate(0, 3, -1)}
}

// inYear reads "in 2025", "back in 2024", "during 2025".
func (g *grammar) inYear(i int) (days, int) {
	if !g.in(i, "in during throughout") {
		return days{}, 0
	}
	if y := calendarYear(g.word(i + 1)); y > 0 {
		return yearOf(y), 2
	}
	return days{}, 0
}

// since reads "since Monday", "since May", "since 2026-03-02", "since last
// week": until today.
func (g *grammar) since(i int) (days, int) {
	if g.word(i) != "since" {
		return days{}, 0
	}
	from, n := g.end(i + 1)
	if n == 0 || from.from.After(g.today) {
		return days{}, 0
	}
	return days{from.from, g.today}, n + 1
}

// between reads "between March and May", "from Monday to Wednesday".
func (g *grammar) between(i int) (days, int) {
	joint := "to until till through"
	switch g.word(i) {
	case "between":
		joint = "and"
	case "from":
	default:
		return days{}, 0
	}
	from, n := g.end(i + 1)
	if n == 0 || !g.in(i+1+n, joint) {
		return days{}, 0
	}
	to, m := g.end(i + 2 + n)
	if m == 0 {
		return days{}, 0
	}
	d := days{from.from, to.to}
	if d.to.Before(d.from) { // "from November to February", "from Friday to Monday"
		switch {
		case monthNamed(g.word(i+1)) > 0:
			d.from = monthsBack(d.from, 12)
		case from.from.Equal(from.to):
			d.from = plusDays(d.from, -7)
		}
	}
	return d, n + m + 2
}

// end reads what may be an end of a range: what is a time by itself, a month, a
// year, or a date that is written out.
func (g *grammar) end(i int) (days, int) {
	if d, n := g.date(i); n > 0 {
		return d, n
	}
	if m := monthNamed(g.word(i)); m > 0 {
		return g.yearOfMonth(m, i+1, 1, "")
	}
	if y := calendarYear(g.word(i)); y > 0 {
		return yearOf(y), 1
	}
	if g.is(i, "the") {
		if d, n := g.point(i + 1); n > 0 {
			return d, n + 1
		}
	}
	return g.point(i)
}

// date reads a day that is written out: "2026-03-02", "2 March 2026", "March 2".
func (g *grammar) date(i int) (days, int) {
	if t, err := time.Parse(time.DateOnly, g.word(i)); err == nil {
		return one(t), 1
	}
	m, d := monthNamed(g.word(i)), dayOfMonth(g.word(i+1))
	if m == 0 || d == 0 {
		m, d = monthNamed(g.word(i+1)), dayOfMonth(g.word(i))
	}
	if m == 0 || d == 0 {
		return days{}, 0
	}
	y, n := calendarYear(g.word(i+2)), 3
	if y == 0 {
		y, n = g.today.Year(), 2
		if time.Date(y, m, d, 0, 0, 0, 0, time.UTC).After(g.today) {
			y--
		}
	}
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d {
		return days{}, 0
	}
	return one(t), n
}
