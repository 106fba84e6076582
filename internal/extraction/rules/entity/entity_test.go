package entity

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
	"griot/internal/transcript"
)

// gather returns the entities of sentences that one speaker says.
func gather(t *testing.T, speaker string, texts ...string) map[string]extraction.Entity {
	t.Helper()
	var segs []transcript.Segment
	for i, text := range texts {
		segs = append(segs, transcript.NewSegment(transcript.Turn{Speaker: speaker, Text: text}, int64(i+1), 0))
	}
	d, err := document.Read(context.Background(), "", segs)
	if err != nil {
		t.Fatal(err)
	}
	g := NewGatherer(d)
	if err := d.Lines(context.Background(), func(l document.Line) { g.Line(l, english.NounPhrases(l.Sentence)) }); err != nil {
		t.Fatal(err)
	}
	got := map[string]extraction.Entity{}
	for _, e := range g.Entities(Options{Min: 0.4}) {
		got[e.Name] = e
	}
	return got
}

func TestFirmsAreNoPeople(t *testing.T) {
	for name, e := range gather(t, "", "Then Brook & Dane calls us, and Brook & Dane says that she is late.", "I met Brook & Dane, who was tired.") {
		if e.Type == "Person" {
			t.Errorf("%s is a person", name)
		}
	}
}

func TestTypes(t *testing.T) {
	for text, want := range map[string][2]string{
		"You have to log into Tollgate first.":                   {"Tollgate", "System"},
		"Zorbex is our billing system.":                          {"Zorbex", "System"},
		"Our vendor Norvane fixes that.":                         {"Norvane", "Vendor"},
		"Norvane, they're the vendor, fix that.":                 {"Norvane", "Vendor"},
		"The customer Meridale pays late.":                       {"Meridale", "Customer"},
		"Sabine Korr, my team lead, does it.":                    {"Sabine Korr", "Person"},
		"I asked Wanjiru, and she said that she would call him.": {"Wanjiru", "Person"},
		"The Data Platform team owns the feed.":                  {"Data Platform team", "Team"},
		"Then we ask legal, and they sign.":                      {"Legal", "Team"},
		"We follow the data retention policy.":                   {"Data retention policy", "Policy"},
		"That is under GDPR.":                                    {"GDPR", "Policy"},
		"The vendor onboarding process takes two days, since our vendor onboarding process is on paper.": {"Vendor onboarding process", "Workflow"},
		"In May we decided to keep the old workbook because it works.":                                   {"Keep the old workbook", "Decision"},
		"We chose Cashlane over a direct connection.":                                                    {"Cashlane over a direct connection", "Decision"},
		"The risk is a double payment.":                                                                  {"Double payment", "Risk"},
	} {
		got := gather(t, "", text)
		if e, ok := got[want[0]]; !ok || e.Type != want[1] {
			t.Errorf("%q: got %v, want %s %s", text, types(got), want[1], want[0])
		}
	}
}

func types(all map[string]extraction.Entity) map[string]string {
	m := map[string]string{}
	for name, e := range all {
		m[name] = e.Type
	}
	return m
}

func TestNoEntities(t *testing.T) {
	for _, text := range []string{
		"On Monday in Paris the French press wrote about it.",
		"We haven't decided to move.",
		"If we decided to move, it would hurt.",
		"The CEO and the VP met. OK.",
		"Then it broke. It always breaks.",
		"I finance my car and support my mother.",
	} {
		if got := gather(t, "", text); len(got) > 0 {
			t.Errorf("%q: got %v", text, types(got))
		}
	}
}

func TestMergesSpellings(t *testing.T) {
	got := gather(t, "Dana Whitfield",
		"We keep all of it in Net Suite, the NetSuite system.",
		"NetSuite is fine, says Dana to Dr. Whitfield.",
		"Accounts Payable (AP) pays, and AP checks.")
	if e := got["NetSuite"]; e.Mentions != 3 || !cmp.Equal(e.Aliases, []string{"Net Suite"}) && len(e.Aliases) == 0 {
		t.Errorf("NetSuite: %+v", e)
	}
	if e := got["Dana Whitfield"]; e.Mentions != 2 || len(e.Aliases) != 3 {
		t.Errorf("Dana Whitfield: %+v", e)
	}
	if e := got["Accounts Payable"]; e.Mentions != 3 || len(e.Aliases) != 1 {
		t.Errorf("Accounts Payable: %+v", e)
	}
}

// TestTwoDanas shows that a first name that two people share joins neither.
func TestTwoDanas(t *testing.T) {
	got := gather(t, "", "I asked Dana Whitfield and Dana Moore about it.", "Dana said no.")
	if got["Dana Whitfield"].Mentions != 1 || got["Dana Moore"].Mentions != 1 {
		t.Errorf("got %+v", got)
	}
}

// TestParts shows that the first word of one longer name is another spelling of
// it, a firm's too, and that a title stays among the spellings.
func TestParts(t *testing.T) {
	got := gather(t, "",
		"Our supplier Ravensholt Mills sends the flour, and I called Ravensholt about it.",
		"I asked Mr. Okafor, and he said that he would call Dana Okafor-Bligh.")
	if e := got["Ravensholt Mills"]; e.Type != "Vendor" || e.Mentions != 2 || !cmp.Equal(e.Aliases, []string{"Ravensholt"}) {
		t.Errorf("Ravensholt Mills: %+v", e)
	}
	if e := got["Okafor"]; e.Type != "Person" || !cmp.Equal(e.Aliases, []string{"Mr. Okafor"}) {
		t.Errorf("Okafor: %+v of %v", e, types(got))
	}
}

// TestCalibrated shows that a confidence rises with what it is made of, and
// that the threshold of what is shown is where it was.
func TestCalibrated(t *testing.T) {
	before := -1.0
	for i := range 101 {
		got := calibrate(float64(i) / 100)
		if got <= before || got > 0.95 {
			t.Fatalf("%.2f becomes %.3f after %.3f", float64(i)/100, got, before)
		}
		before = got
	}
	if got := calibrate(0.6); got != 0.6 {
		t.Errorf("0.6 becomes %v", got)
	}
}
