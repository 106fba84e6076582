package when

import (
	"time"

	"griot/internal/search/token"
	"griot/internal/timestamp"
)

const (
	// maxDays is how many days at each end of a span are looked for one by one,
	// instead of the month that they belong to.
	maxDays = 14
	// maxTerms is the most terms of a span.
	maxTerms = 30
)

// Terms returns the terms of units that are of the span's days. It is nil for a
// span that is too long to be of use to a question, of over two years or so.
func (s Span) Terms() []string {
	if s.Days() > maxTerms*31 {
		return nil
	}
	if terms := s.terms(); len(terms) <= maxTerms {
		return terms
	}
	return nil
}

const (
	// mostAhead is how far ahead events are looked for that are to come.
	mostAhead = 30 // years
	// maxWithin is how many days a range has, at most, that Within has terms for.
	maxWithin = (mostAhead + 10) * 366
)

// Within returns the terms of units that may be of a range, and nil if there
// are too many: it has no beginning, or one of over ten years ago.
func Within(r timestamp.Range, now time.Time) []string {
	if r.From.IsZero() {
		return nil
	}
	if r.To.IsZero() {
		r.To = r.From
		if now.After(r.To) {
			r.To = now
		}
		r.To = r.To.AddDate(mostAhead, 0, 0)
	}
	s := Span{From: midnight(r.From), To: midnight(r.To)}
	if s.Days() > maxWithin || s.To.Year() > 9999 {
		return nil
	}
	return s.terms()
}

// terms returns the terms of the span's days: whole months by one each, and up to
// maxDays days before and behind them. What is more of a month at an end counts
// as the whole month.
func (s Span) terms() []string {
	first, last := s.From, s.To
	if s.Days() <= maxDays {
		return dayTerms(nil, first, last)
	}
	var before, behind []string
	if end := monthOf(first, 0).to; first.Day() > 1 {
		if n := daysIn(first, end); n <= maxDays {
			before, first = dayTerms(nil, first, end), plusDays(end, 1)
		}
	}
	if begin := monthOf(last, 0).from; !last.Equal(monthOf(last, 0).to) {
		if n := daysIn(begin, last); n <= maxDays {
			behind, last = dayTerms(nil, begin, last), plusDays(begin, -1)
		}
	}
	out := before
	for month := monthOf(first, 0).from; !month.After(last); month = month.AddDate(0, 1, 0) {
		out = append(out, token.MonthTerm(month))
	}
	return append(out, behind...)
}

func daysIn(from, to time.Time) int { return Span{From: from, To: to}.Days() }

func dayTerms(out []string, from, to time.Time) []string {
	for t := from; !t.After(to); t = plusDays(t, 1) {
		out = append(out, token.DayTerm(t))
	}
	return out
}
