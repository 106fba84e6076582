package procedure

import (
	"context"
	"strings"
	"testing"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
	"griot/internal/transcript"
)

func procedures(t *testing.T, script string) []extraction.SOP {
	t.Helper()
	var segs []transcript.Segment
	for line := range strings.Lines(strings.TrimSpace(script)) {
		who, words, _ := strings.Cut(strings.TrimSpace(line), ": ")
		segs = append(segs, transcript.NewSegment(transcript.Turn{Speaker: who, Text: words}, int64(len(segs)+1), 0))
	}
	d, err := document.Read(context.Background(), "", segs)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFinder(d)
	if err := d.Lines(context.Background(), func(l document.Line) { f.Line(l, english.NounPhrases(l.Sentence)) }); err != nil {
		t.Fatal(err)
	}
	return f.Procedures(Options{Min: 0.5, Boost: 1})
}

func titles(all []extraction.SOP) string {
	var got []string
	for _, s := range all {
		got = append(got, s.Title)
	}
	return strings.Join(got, "; ")
}

const answer = "\nAnn: First you open the form. Then you check the total. After that Priya signs the page."

func TestTitles(t *testing.T) {
	for question, want := range map[string]string{
		"Can you walk me through the month-end close?":         "Month-end close",
		"How do you usually onboard a new vendor?":             "Onboard a new vendor",
		"What's the process for refunds over a hundred euros?": "Refunds over a hundred euros",
		"How does the renewal process work?":                   "Renewal process",
		"What happens when a bank import fails?":               "Bank import fails",
		"What are the steps to rotate the keys?":               "Rotate the keys",
		"Credit notes, how do those go?":                       "Credit notes",
	} {
		if got := titles(procedures(t, "Bo: "+question+answer)); got != want {
			t.Errorf("%q: title %q, want %q", question, got, want)
		}
	}
}

func TestAnnounced(t *testing.T) {
	if got := titles(procedures(t, "Ann: Let me explain how the failover works."+answer)); !strings.Contains(strings.ToLower(got), "failover") {
		t.Errorf("title %q", got)
	}
}

func TestSeparates(t *testing.T) {
	got := procedures(t, `
Bo: How do you close the books?
Ann: First I pull the ledger. Then I check the balance. Finally Gareth locks the period.
Bo: And how do you onboard a vendor?
Ann: First I open a request. Then legal reviews the contract. Then I add the vendor to the list.
Bo: Back to the books, how do you close the books in December?
Ann: Then I also post the accruals.`)
	if len(got) != 2 {
		t.Fatalf("got %s, want two procedures", titles(got))
	}
	for _, s := range got {
		if want := map[string]int{"Close the books": 4, "Onboard a vendor": 3}[s.Title]; len(s.Steps) != want {
			t.Errorf("%s has %d steps, want %d", s.Title, len(s.Steps), want)
		}
	}
}

func TestWho(t *testing.T) {
	got := procedures(t, `
Bo: How do you pay an invoice?
Ann Lee: I enter the invoice. Our controller Gareth checks it, and then he signs the form. The billing team sends the file. Somebody prints it. The file gets archived.`)
	if len(got) != 1 {
		t.Fatalf("got %s", titles(got))
	}
	var who []string
	for _, st := range got[0].Steps {
		who = append(who, st.Who)
	}
	if s := strings.Join(who, "|"); s != "Ann Lee|Gareth|Gareth|Billing team||" {
		t.Errorf("actors %q of %+v", s, got[0].Steps)
	}
}
