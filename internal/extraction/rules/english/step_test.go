package english

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImperative(t *testing.T) {
	for text, want := range map[string]bool{
		"Pull the report from NetSuite.":               true,
		"Please don't forget to lock it.":              true,
		"First, preheat the oven to 350 degrees.":      true,
		"If you want to avoid crowds, go on a Monday.": true,
		"Cook and stir over medium heat.":              true,
		"Do not touch it.":                             true,
		"Never open the valve.":                        true,
		"Be careful with it.":                          true,
		"Let's go.":                                    true,
		"2) Bake 20 minutes.":                          true,
		"Dana, check the invoice.":                     true,
		"Work is hard.":                                false,
		"Reports say so.":                              false,
		"We pull the report.":                          false,
		"You have to pull it.":                         false,
		"March 8, 2011":                                false,
		"Figure 1. Results":                            false,
		"Thank you for coming.":                        false,
		"Welcome to the show.":                         false,
		"Check the invoice?":                           false,
		"Place names are hard.":                        false,
		"The cook said no.":                            false,
		"Do you like it":                               false,
	} {
		if got := Imperative(Sentences(text)[0]) >= 0.5; got != want {
			t.Errorf("%q: imperative %v", text, got)
		}
	}
}

type found struct{ Base, Subject, Text string }

func steps(text string) []found {
	var all []found
	for _, s := range Sentences(text) {
		for _, st := range Steps(s) {
			who, _ := s.Quote(st.Subject[0], st.Subject[1])
			what, _ := s.Quote(st.From, st.To)
			all = append(all, found{st.Base, who, what})
		}
	}
	return all
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		text string
		want []found
	}{
		{"First I pull the report, then finance approves it.", []found{{"pull", "I", "I pull the report"}, {"approve", "finance", "finance approves it"}}},
		{"We usually export it and send it to Dana.", []found{{"export", "We", "We usually export it"}, {"send", "We", "send it to Dana"}}},
		{"Once that's done, you have to call the bank.", []found{{"call", "you", "you have to call the bank"}}},
		{"Dario creates the account and links it to the login.", []found{{"create", "Dario", "Dario creates the account"}, {"link", "Dario", "links it to the login"}}},
		{"If it fails, we rerun the job.", []found{{"rerun", "we", "If it fails, we rerun the job"}}},
		{"The invoice gets posted to the ledger.", []found{{"", "The invoice", "The invoice gets posted to the ledger"}}},
		{"Open it, check the total, and close it.", []found{{"open", "", "Open it"}, {"check", "", "check the total"}, {"close", "", "close it"}}},
		{"I pulled the report last year.", nil},
		{"We don't pull the report.", nil},
		{"I think it works.", nil},
		{"Do you pull the report?", nil},
		{"They could send it.", nil},
	} {
		if diff := cmp.Diff(c.want, steps(c.text)); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

func TestActions(t *testing.T) {
	s := Sentences("Stir in the milk and cook, stirring often, then let the dough rise.")[0]
	var got []string
	for _, a := range Actions(s) {
		q, _ := s.Quote(a[0], a[1])
		got = append(got, q)
	}
	if diff := cmp.Diff([]string{"Stir in", "cook", "stirring", "rise"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBase(t *testing.T) {
	for form, want := range map[string]string{"approves": "approve", "goes": "go", "carries": "carry", "fixes": "fix", "process": "", "was": ""} {
		if got := BaseForm(form); got != want {
			t.Errorf("BaseForm(%q) = %q, want %q", form, got, want)
		}
	}
	for form, want := range map[string]string{"approved": "approve", "shipped": "ship", "carrying": "carry", "sent": "send", "bed": ""} {
		if got := participle(form); got != want {
			t.Errorf("participle(%q) = %q, want %q", form, got, want)
		}
	}
}
