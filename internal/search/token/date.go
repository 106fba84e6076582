package token

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DateTerms returns the terms by which a day is found: the date, its month with
// and without the year, and its day and month. The year alone is none of them:
// it would find all that there was in it.
func DateTerms(t time.Time) []string {
	t = t.UTC()
	return append(dayTerms(t.Year(), t.Month(), t.Day()), stem(strings.ToLower(t.Month().String())))
}

func dayTerms(year int, month time.Month, day int) []string {
	return []string{dayTerm(year, month, day), monthTerm(year, month), fmt.Sprintf("%02d-%02d", month, day)}
}

func dayTerm(year int, month time.Month, day int) string {
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

func monthTerm(year int, month time.Month) string { return fmt.Sprintf("%04d-%02d", year, month) }

// DayTerm is the term of a day of UTC.
func DayTerm(t time.Time) string {
	t = t.UTC()
	return dayTerm(t.Year(), t.Month(), t.Day())
}

// MonthTerm is the term of a month of UTC.
func MonthTerm(t time.Time) string {
	t = t.UTC()
	return monthTerm(t.Year(), t.Month())
}

// Dates returns the terms of the dates that are written in a sequence of terms:
// "2 March 2026", "March 2, 2026", "2026-03-02", and those without a year or
// a day.
func Dates(terms []string) []string {
	var found []string
	for i := range terms {
		found = append(found, dateAt(terms[i:])...)
	}
	return found
}

// dateAt returns the terms of the longest date that a sequence begins with.
func dateAt(terms []string) []string {
	at := func(i int) string {
		if i < len(terms) {
			return terms[i]
		}
		return ""
	}
	year, month, day := yearOf(at(0)), numberOf(at(1), 12), numberOf(at(2), 31)
	if year > 0 && month > 0 && day > 0 {
		return dayTerms(year, time.Month(month), day)
	}
	day, named, behind := numberOf(at(0), 31), months()[at(1)], at(2)
	if named == 0 {
		day, named, behind = 0, months()[at(0)], at(1)
		if d := numberOf(behind, 31); d > 0 {
			day, behind = d, at(2)
		}
	}
	return namedTerms(yearOf(behind), named, day)
}

// namedTerms returns the terms of a date whose month is named; what is 0 is not
// known.
func namedTerms(year int, month time.Month, day int) []string {
	switch {
	case month == 0, year == 0 && day == 0:
		return nil
	case year == 0:
		return []string{fmt.Sprintf("%02d-%02d", month, day)}
	case day == 0:
		return []string{monthTerm(year, month)}
	}
	return dayTerms(year, month, day)
}

// months by their terms, in full and short.
var months = sync.OnceValue(func() map[string]time.Month {
	m := map[string]time.Month{"sept": time.September}
	for month := time.January; month <= time.December; month++ {
		name := strings.ToLower(month.String())
		m[stem(name)], m[stem(name[:3])] = month, month
	}
	return m
})

func yearOf(term string) int {
	if len(term) != 4 || !digit(term) {
		return 0
	}
	n, err := strconv.Atoi(term)
	if err != nil || n < 1000 {
		return 0
	}
	return n
}

// digit reports whether a term begins with a digit; few do.
func digit(term string) bool { return term != "" && '0' <= term[0] && term[0] <= '9' }

// numberOf reads a number from 1 to most, written as "2", "02", "2nd" or "02t10"
// (of a date with a time); anything else is 0.
func numberOf(term string, most int) int {
	if !digit(term) {
		return 0
	}
	for _, ending := range []string{"st", "nd", "rd"} {
		term = strings.TrimSuffix(term, ending)
	}
	term, _, _ = strings.Cut(term, "t")
	n, err := strconv.Atoi(term)
	if err != nil || len(term) > 2 || n < 1 || n > most {
		return 0
	}
	return n
}
