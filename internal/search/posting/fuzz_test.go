package posting_test

import (
	"testing"

	"griot/internal/search/analysis"
	"griot/internal/search/posting"
)

func FuzzDecode(f *testing.F) {
	f.Add(analysis.Unit(analysis.Doc{Title: "Close", Text: "Priya signs the ledger on 2 March 2026."}).Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := posting.Decode(data)
		if err != nil {
			return
		}
		if _, err := posting.Decode(u.Encode()); err != nil {
			t.Errorf("what was decoded is not decoded again: %v", err)
		}
	})
}
