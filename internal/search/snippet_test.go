package search

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"griot/internal/search/analysis"
)

func TestSnippet(t *testing.T) {
	long := strings.Repeat("nothing of interest here. ", 20)
	tests := []struct {
		text, query string
		max         int
		want        string
	}{
		{"short text", "text", 40, "short text"},
		{long + "Priya restarts the billing system. " + long, "restarted billing", 60, "…Priya restarts the billing system. nothing of…"},
		{"Priya restarts billing. " + long, "billing", 30, "…billing. nothing of…"},
		{long + "Priya restarts billing.", "billing", 30, "…Priya restarts billing."},
		{strings.Repeat("x", 100), "y", 10, "xxxxxxxx…"},
		{long + "ledger ledger ledger " + long + "the ledger of Priya " + long, "priya ledger", 40, "…the ledger of Priya nothing of…"},
		{"äöü " + strings.Repeat("ä", 100), "ä", 2, "äö"},
	}
	for _, test := range tests {
		if got := Snippet(test.text, analysis.ParseQuery(test.query, time.Time{}).Texts(), test.max); got != test.want {
			t.Errorf("%.20q for %q: %q, want %q", test.text, test.query, got, test.want)
		}
	}
}

func FuzzSnippet(f *testing.F) {
	f.Add("Ann: the ledger closes on Monday. Bob: who signs it off?", "ledger sign", 20)
	f.Add(strings.Repeat("nothing of interest, ", 9)+"and a ledger-like book", "ledgers", 12)
	f.Add("日本語のテキスト \xff\xfe", "語", 5)
	f.Fuzz(func(t *testing.T, text, query string, max int) {
		if max < 0 || max > 1000 {
			return
		}
		terms := analysis.ParseQuery(query, time.Time{}).Texts()
		got := Snippet(text, terms, max)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > max {
			t.Errorf("%q has %d characters, may have %d", got, utf8.RuneCountInString(got), max)
		}
		fits, shown := false, false
		whole := strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
		for _, m := range occurrences(whole, terms) {
			fits = fits || m.to-m.from <= max-2
			shown = shown || strings.Contains(got, whole[m.start:m.end])
		}
		if fits && !shown {
			t.Errorf("%q shows no word of %q", got, query)
		}
	})
}
