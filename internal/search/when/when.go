// Package when finds the times that questions speak of, relative to a moment:
// "yesterday", "last week", "in May", "two weeks ago". Days are those of UTC,
// and weeks begin on Monday. What is vague ("a few days ago") becomes days
// around it; what might not be a time ("may", "march", "spring") is one only
// where the words beside it say so. Dates that are written out ("2 March 2026")
// are terms of their own (package token).
package when

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Span is days, both of them included, that a text speaks of.
type Span struct {
	From, To   time.Time // midnights of UTC
	Start, End int       // the bytes of the text that say so
}

// Days is how many days the span has.
func (s Span) Days() int { return int(s.To.Sub(s.From)/day) + 1 }

const day = 24 * time.Hour

// Find returns the times that a text speaks of, in its order. They do not
// overlap in the text. It takes time in proportion to the text's length.
func Find(text string, now time.Time) []Span {
	g := grammar{words: words(text), today: midnight(now), now: now.UTC()}
	spans := unspaced(text, g.today)
	for i := 0; i < len(g.words); {
		days, n := g.at(i)
		if n == 0 {
			i++
			continue
		}
		if days.valid() {
			spans = append(spans, Span{days.from, days.to, g.words[i].start, g.words[i+n-1].end})
		}
		i += n
	}
	return spans
}

// word is one between white space, in lower case. Its text is "" where it can
// be no part of a time, nor may one go on across it.
type word struct {
	text       string
	start, end int
}

// words returns the words of a text. Punctuation around a word is none of it,
// nor is the "'s" of a possessive.
func words(text string) []word {
	var out []word
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		end := len(text)
		if n := strings.IndexFunc(text[i:], unicode.IsSpace); n >= 0 {
			end = i + n
		}
		out = append(out, read(text, i, end)...)
		i = end
	}
	return out
}

// maxWord is the most bytes that a word of a time has.
const maxWord = 40

// read returns what stands between two places of a text: a word, and behind
// it a barrier where a sentence ends.
func read(text string, start, behind int) []word {
	chunk := text[start:behind]
	inner := strings.TrimLeftFunc(chunk, opens)
	start += len(chunk) - len(inner)
	bare := strings.TrimRightFunc(inner, closes)
	w := word{start: start, end: start + len(bare)}
	if len(bare) <= maxWord {
		w.text = plain(bare)
	}
	end := inner[len(bare):]
	if strings.ContainsAny(end, ";:!?") || strings.Contains(end, ".") && monthNamed(w.text) == 0 { // "Sept. 9" goes on
		return []word{w, {start: w.end, end: w.end}}
	}
	return []word{w}
}

func opens(r rune) bool { return strings.ContainsRune("([{<'‘¿¡", r) }

func closes(r rune) bool { return strings.ContainsRune(".,;:!?)]}>'’…", r) }

// plain returns a word in lower case without the "'s" of a possessive, or "" if
// it is no single word of letters or digits. Days as 2026-03-02, and "mid-May",
// are.
func plain(chunk string) string {
	low := strings.ReplaceAll(strings.ToLower(norm.NFC.String(chunk)), "’", "'")
	low = strings.TrimSuffix(low, "'s")
	if _, err := time.Parse(time.DateOnly, low); err == nil {
		return low
	}
	rest := low
	if after, found := strings.CutPrefix(low, "mid-"); found {
		rest = after
	}
	for _, r := range rest {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' {
			return ""
		}
	}
	return low
}

func midnight(t time.Time) time.Time { return t.UTC().Truncate(day) }

// days are some, both ends included; the zero value is none.
type days struct{ from, to time.Time }

// valid reports whether there are days that the index can have.
func (d days) valid() bool {
	return !d.from.IsZero() && !d.to.Before(d.from) && d.from.Year() >= 1 && d.to.Year() <= 9999
}

func one(t time.Time) days { return days{t, t} }

func plusDays(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) }

// weekOf returns the week, from Monday on, that is n weeks after that of t.
func weekOf(t time.Time, n int) days {
	monday := plusDays(t, 7*n-(int(t.Weekday())+6)%7)
	return days{monday, plusDays(monday, 6)}
}

// weekendOf returns the weekend of that week.
func weekendOf(t time.Time, n int) days {
	week := weekOf(t, n)
	return days{plusDays(week.from, 5), week.to}
}

// monthOf returns the month that is n months after that of t.
func monthOf(t time.Time, n int) days {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return days{first, first.AddDate(0, 1, -1)}
}

// quarterOf returns the quarter that is n quarters after that of t.
func quarterOf(t time.Time, n int) days { return quarter(t.Year(), (int(t.Month())-1)/3+n) }

// quarter returns the nth of a year, from 0; others are of other years.
func quarter(year, n int) days {
	first := time.Date(year, time.Month(3*n+1), 1, 0, 0, 0, 0, time.UTC)
	return days{first, first.AddDate(0, 3, -1)}
}

func yearOf(year int) days {
	return days{time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)}
}
