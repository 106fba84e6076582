package english

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPhrases(t *testing.T) {
	type found struct{ Type, Text string }
	for _, c := range []struct {
		text string
		want []found
	}{
		{"We run the month-end close every month.", []found{{"Workflow", "month-end close"}}},
		{"The data engineering team follows the expense policy.", []found{{"Team", "data engineering team"}, {"Policy", "expense policy"}}},
		{"Priya freezes invoicing on Fridays.", []found{{"Workflow", "invoicing"}}},
		{"The whole vendor onboarding process is slow.", []found{{"Workflow", "vendor onboarding process"}}},
		{"The team lead releases it.", nil},
		{"We close it.", nil},
		{"Our churn risk is high.", []found{{"Risk", "churn risk"}}},
	} {
		s := Sentences(c.text)[0]
		var got []found
		for _, p := range NounPhrases(s) {
			q, _ := s.Quote(p.From, p.To)
			got = append(got, found{p.Type, q})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

func TestFragment(t *testing.T) {
	for text, want := range map[string]string{"The bank import.": "bank import", "It is.": "", "Our port of entry": "port of entry"} {
		s := Sentences(text)[0]
		got, _ := s.Quote(NounFragment(s))
		if got != want {
			t.Errorf("%q: fragment %q, want %q", text, got, want)
		}
	}
}
