package search_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/search"
	"griot/internal/search/analysis"
)

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"The Ledger and the ledgers of Kraków": {"ledger", "kraków"},
		"of the and":                           nil,
		"billing/restart.go":                   {"billing", "restart", "go"},
		"one two three four":                   {"one", "two", "three"},
	} {
		if diff := cmp.Diff(want, search.Words(text, 3)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// What is pasted asks for words only.
func TestPasted(t *testing.T) {
	q := analysis.ParseQuery(search.Pasted(`he said "close the books" -draft`), time.Now())
	if len(q.Required)+len(q.Excluded) > 0 || len(q.Slots) < 4 {
		t.Errorf("%+v", q)
	}
}
