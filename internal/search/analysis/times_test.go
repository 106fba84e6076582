package analysis

import (
	"strings"
	"testing"
	"time"
)

// What a query says of times is a slot of its own, beside its words.
func TestTimesOfQueries(t *testing.T) {
	now := time.Date(2026, 5, 13, 9, 0, 0, 0, time.UTC) // a Wednesday
	const longer = "2025-01 2025-02 2025-03 2025-04 2025-05 2025-06 2025-07 2025-08 2025-09 2025-10 2025-11 2025-12"
	for _, c := range []struct{ text, want string }{
		{"what did we decide yesterday?", "2026-05-12"},
		{"harbour lights in April", "2026-04"},
		{"budget 2 weeks ago and yesterday", "2026-04-26 2026-04-27 2026-04-28 2026-04-29 2026-04-30 2026-05-01 2026-05-02; 2026-05-12"},
		{"yesterday, today, tomorrow", "2026-05-12; 2026-05-13"}, // two count
		{"the crane last year", longer + " raises"},
		{"what happened last year", longer},
		{"what did we talk about in 2025?", longer},
		{"the crane in 2025", longer + " raises"},
		{"2025 budget", ""},
		{"the last 5 years", ""}, // too long to be of use
		{`"as of yesterday" it stood`, ""},
		{`a "talk" of yesterday`, "2026-05-12"},
		{"harbour -yesterday", ""},
		{"harbour yesterday*", ""},
		{"panic: yesterday\ngoroutine 1 of today", ""}, // pasted
		{strings.Repeat("word ", 250) + "yesterday", ""},
	} {
		q := ParseQuery(c.text, now)
		var got []string
		for _, slot := range q.Slots {
			if !slot.Time {
				continue
			}
			var terms []string
			for _, term := range slot.Terms {
				terms = append(terms, term.Text)
			}
			if slot.Raises {
				terms = append(terms, "raises")
			}
			got = append(got, strings.Join(terms, " "))
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	for _, slot := range ParseQuery("the harbor yesterday", now).Slots {
		if near := slot.Word != ""; near != (slot.Terms[0].Text == "harbor") {
			t.Errorf("%q has near terms: %v", slot.Terms[0].Text, near)
		}
	}
}

// Beside a time its words, and the verb that asks for it, are a frame.
func TestFramesOfTimes(t *testing.T) {
	now := time.Date(2026, 5, 13, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct{ text, want string }{
		{"what did we decide about the harbour last week", "decid- harbour last- week-"},
		{"what have they approved since Monday", "approv- sinc- monday-"},
		{"who approved the crane yesterday", "approv crane yesterday-"},
		{"what did we decide about the harbour", "decid harbour"},
		{"3 days on the crane, 3 days ago", "3- day- crane ago-"},
	} {
		var got []string
		for _, slot := range ParseQuery(c.text, now).Slots {
			if slot.Time {
				continue
			}
			word := slot.Terms[0].Text
			if slot.Terms[0].Weight < 1 {
				word += "-"
			}
			got = append(got, word)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}
