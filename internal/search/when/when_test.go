package when_test

import (
	"strings"
	"testing"
	"time"

	"griot/internal/search/when"
)

// now is a Wednesday.
var now = time.Date(2026, 5, 13, 22, 30, 0, 0, time.UTC)

// found writes spans as "2026-05-12" and "2026-05-04..2026-05-10".
func found(text string, now time.Time) string {
	var out []string
	for _, s := range when.Find(text, now) {
		from, to := s.From.Format(time.DateOnly), s.To.Format(time.DateOnly)
		if from != to {
			from += ".." + to
		}
		out = append(out, from)
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// Days.
		{"what did we decide yesterday?", "2026-05-12"},
		{"Yesterday's stand-up", "2026-05-12"},
		{"yesterday evening", "2026-05-12"},
		{"today", "2026-05-13"},
		{"What's on for tomorrow?", "2026-05-14"},
		{"the day before yesterday", "2026-05-11"},
		{"the day after tomorrow", "2026-05-15"},
		{"who called last night", "2026-05-12"},
		{"this morning’s call", "2026-05-13"},
		{"the other day", "2026-05-06..2026-05-12"},
		{"3 days ago", "2026-05-10"},
		{"a day ago", "2026-05-12"},
		{"eleven days ago", "2026-05-02"},
		{"a few days ago", "2026-05-08..2026-05-11"},
		{"a couple of days ago", "2026-05-10..2026-05-12"},
		{"an hour ago", "2026-05-13"},
		{"23 hours ago", "2026-05-12"},
		{"20 minutes ago", "2026-05-13"},
		{"the past 10 days", "2026-05-03..2026-05-13"},
		{"in the last few days", "2026-05-08..2026-05-13"},
		{"next 3 days", "2026-05-13..2026-05-16"},
		{"the last 24 hours", "2026-05-12..2026-05-13"},

		// Days of the week.
		{"last Tuesday", "2026-05-12"},
		{"last Wednesday", "2026-05-06"},
		{"last Thursday", "2026-05-07"},
		{"on Monday", "2026-05-11"},
		{"on Wednesday", "2026-05-13"},
		{"Monday's retro", "2026-05-11"},
		{"this Friday", "2026-05-15"},
		{"next Wednesday", "2026-05-20"},
		{"next Thursday", "2026-05-14"},
		{"Tuesday last week", "2026-05-05"},
		{"Friday of last week", "2026-05-08"},
		{"last week on Sunday", "2026-05-10"},
		{"since Monday", "2026-05-11..2026-05-13"},
		{"from Friday to Monday", "2026-05-08..2026-05-11"},

		// Weeks.
		{"last week", "2026-05-04..2026-05-10"},
		{"this week", "2026-05-11..2026-05-17"},
		{"next week", "2026-05-18..2026-05-24"},
		{"the past week", "2026-05-06..2026-05-13"},
		{"in the last week", "2026-05-06..2026-05-13"},
		{"a week ago", "2026-05-03..2026-05-09"},
		{"two weeks ago", "2026-04-26..2026-05-02"},
		{"a fortnight ago", "2026-04-26..2026-05-02"},
		{"the last 2 weeks' work", "2026-04-29..2026-05-13"},
		{"last weekend", "2026-05-09..2026-05-10"},
		{"over the weekend", "2026-05-09..2026-05-10"},
		{"this weekend", "2026-05-16..2026-05-17"},
		{"since last week", "2026-05-04..2026-05-13"},

		// Months.
		{"this month", "2026-05-01..2026-05-31"},
		{"last month", "2026-04-01..2026-04-30"},
		{"past month", "2026-04-13..2026-05-13"},
		{"two months ago", "2026-03-01..2026-03-31"},
		{"in May", "2026-05-01..2026-05-31"},
		{"what was said in june", "2025-06-01..2025-06-30"},
		{"last May", "2025-05-01..2025-05-31"},
		{"last March", "2026-03-01..2026-03-31"},
		{"next March", "2027-03-01..2027-03-31"},
		{"early in February", "2026-02-01..2026-02-10"},
		{"mid-April", "2026-04-11..2026-04-20"},
		{"at the end of January", "2026-01-21..2026-01-31"},
		{"in August last year", "2025-08-01..2025-08-31"},
		{"since February", "2026-02-01..2026-05-13"},
		{"from November to February", "2025-11-01..2026-02-28"},
		{"between March and April", "2026-03-01..2026-04-30"},
		{"since 3 April", "2026-04-03..2026-05-13"},
		{"since March 2nd, 2025", "2025-03-02..2026-05-13"},
		{"since 2026-05-01", "2026-05-01..2026-05-13"},
		{"between 2026-05-01 and 2026-05-03", "2026-05-01..2026-05-03"},

		// Longer.
		{"this quarter", "2026-04-01..2026-06-30"},
		{"last quarter", "2026-01-01..2026-03-31"},
		{"in Q3", "2025-07-01..2025-09-30"},
		{"Q1 2024 budget", "2024-01-01..2024-03-31"},
		{"the first quarter of last year", "2025-01-01..2025-03-31"},
		{"last year", "2025-01-01..2025-12-31"},
		{"this year's plan", "2026-01-01..2026-12-31"},
		{"a year ago", "2025-01-01..2025-12-31"},
		{"in 2024", "2024-01-01..2024-12-31"},
		{"since 2024", "2024-01-01..2026-05-13"},
		{"in spring 2026", "2026-03-01..2026-05-31"},
		{"last summer", "2025-06-01..2025-08-31"},
		{"last winter", "2025-12-01..2026-02-28"},
		{"in the autumn", "2025-09-01..2025-11-30"},

		// Several.
		{"what changed between last week and yesterday, and today", "2026-05-04..2026-05-12 2026-05-13"},
		{"yesterday or last week", "2026-05-12 2026-05-04..2026-05-10"},

		// Words that are no times.
		{"may I see it? It may rain", ""},
		{"this may be the last may be", ""},
		{"march on, and the march of time", ""},
		{"a second opinion", ""},
		{"the fall of Rome, in the fall of an empire", ""},
		{"in spring boot", ""},
		{"last name, next step, past performance", ""},
		{"the last day of the contract", ""},
		{"2026 roadmap", ""},
		{"March 2026", ""}, // a date, which is a term of its own
		{"in May 3", ""},
		{"every Monday; Black Friday", ""},
		{"last_week, lastWeek and last-week.txt", ""},
		{"getYesterday() today.log monday.com", ""},
		{"in the last. Week after week", ""},
		{"what came last? Week two", ""},
		{"last: week", ""},
		{"3 days", ""},
		{"since we met", ""},
		{"between the lines and yesterdays", ""},
		{"from March", ""},
		{"0 days ago, 99999 years ago", ""},
		{"9000 years ago", ""},
		{"hier ist der Plan", ""},
		{"", ""},
		{"-yesterday yester* *", ""},

		// Other languages.
		{"was haben wir gestern besprochen", "2026-05-12"},
		{"Was war letzte Woche?", "2026-05-04..2026-05-10"},
		{"vor drei Tagen", "2026-05-10"},
		{"vor einer Woche", "2026-05-03..2026-05-09"},
		{"qu'avons nous décidé hier", "2026-05-12"},
		{"la semaine dernière", "2026-05-04..2026-05-10"},
		{"il y a deux mois", "2026-03-01..2026-03-31"},
		{"¿qué decidimos ayer?", "2026-05-12"},
		{"hace 3 días", "2026-05-10"},
		{"l'année dernière", "2025-01-01..2025-12-31"},
		{"la settimana scorsa", "2026-05-04..2026-05-10"},
		{"co ustaliliśmy wczoraj", "2026-05-12"},
		{"в прошлом месяце", "2026-04-01..2026-04-30"},
		{"3 дня назад", "2026-05-10"},
		{"dün ne konuştuk", "2026-05-12"},
		{"ماذا قررنا أمس", "2026-05-12"},
		{"昨天我们讨论了什么", "2026-05-12"},
		{"先週の会議", "2026-05-04..2026-05-10"},
		{"지난주 회의", "2026-05-04..2026-05-10"},
		{"以上周期", ""},
	} {
		if got := found(c.text, now); got != c.want {
			t.Errorf("Find(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// Where a month, a year or a week ends.
func TestFindAtEdges(t *testing.T) {
	for _, c := range []struct{ text, now, want string }{
		{"yesterday", "2026-01-01", "2025-12-31"},
		{"yesterday", "2028-03-01", "2028-02-29"},
		{"last week", "2026-05-11", "2026-05-04..2026-05-10"}, // a Monday
		{"last week", "2026-05-17", "2026-05-04..2026-05-10"}, // a Sunday
		{"this weekend", "2026-05-17", "2026-05-16..2026-05-17"},
		{"last weekend", "2026-05-17", "2026-05-09..2026-05-10"},
		{"over the weekend", "2026-05-17", "2026-05-16..2026-05-17"},
		{"last month", "2026-03-31", "2026-02-01..2026-02-28"},
		{"a month ago", "2026-03-31", "2026-02-01..2026-02-28"},
		{"the past month", "2026-03-31", "2026-02-28..2026-03-31"},
		{"last month", "2026-01-15", "2025-12-01..2025-12-31"},
		{"last quarter", "2026-02-01", "2025-10-01..2025-12-31"},
		{"in December", "2026-12-01", "2026-12-01..2026-12-31"},
		{"this winter", "2026-01-15", "2025-12-01..2026-02-28"},
		{"last winter", "2026-01-15", "2024-12-01..2025-02-28"},
		{"last Sunday", "2026-05-17", "2026-05-10"},
		{"two years ago", "2028-02-29", "2026-01-01..2026-12-31"},
		{"yesterday", "0001-01-01", ""},
		{"next year", "9999-06-01", ""},
	} {
		at, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := found(c.text, at.Add(23*time.Hour)); got != c.want {
			t.Errorf("%q on %s = %q, want %q", c.text, c.now, got, c.want)
		}
	}
}

// The place of a time in its text is that of its words.
func TestFindTellsWhere(t *testing.T) {
	for text, want := range map[string]string{
		"what was said the day before yesterday's": "day before yesterday",
		"Was ist gestern passiert":                 "gestern",
		"since last week, only":                    "since last week",
		"昨天我们讨论了什么":                                "昨天",
	} {
		got := ""
		for _, s := range when.Find(text, now) {
			got += text[s.Start:s.End]
		}
		if strings.TrimSuffix(got, "'s") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTerms(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"2026-05-12", "2026-05-12", "2026-05-12"},
		{"2026-02-27", "2026-03-02", "2026-02-27 2026-02-28 2026-03-01 2026-03-02"},
		{"2026-05-01", "2026-05-31", "2026-05"},
		{"2026-04-28", "2026-05-31", "2026-04-28 2026-04-29 2026-04-30 2026-05"},
		{"2026-04-01", "2026-05-03", "2026-04 2026-05-01 2026-05-02 2026-05-03"},
		{"2026-04-10", "2026-05-25", "2026-04 2026-05"},
		{"2026-04-29", "2026-05-13", "2026-04-29 2026-04-30 2026-05-01 2026-05-02 2026-05-03 2026-05-04 2026-05-05 2026-05-06 2026-05-07 2026-05-08 2026-05-09 2026-05-10 2026-05-11 2026-05-12 2026-05-13"},
		{"2025-12-01", "2026-02-28", "2025-12 2026-01 2026-02"},
		{"2020-01-01", "2026-05-13", ""},
	} {
		span := when.Span{}
		var err error
		if span.From, err = time.Parse(time.DateOnly, c.from); err != nil {
			t.Fatal(err)
		}
		if span.To, err = time.Parse(time.DateOnly, c.to); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(span.Terms(), " "); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// Whatever the text, spans are of its bytes and of days there can be, and few
// terms stand for them.
func FuzzFind(f *testing.F) {
	for _, text := range []string{
		"since last week", "between March and 2026-02-30", "vor 3 Tagen 昨天 지난 주", "in the last 9999 years", "mid-may of 1900",
		"last last last week week", "from from to to monday", "\xff yesterday\x00 a a a few ago",
	} {
		f.Add(text, int64(0))
	}
	f.Fuzz(func(t *testing.T, text string, at int64) {
		for _, s := range when.Find(text, time.Unix(at%(1<<37), 0)) {
			if s.Start < 0 || s.Start >= s.End || s.End > len(text) || s.To.Before(s.From) || s.Days() < 1 || len(s.Terms()) > 64 {
				t.Errorf("%q: %+v", text, s)
			}
		}
	})
}
