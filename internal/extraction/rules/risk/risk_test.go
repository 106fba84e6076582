package risk

import (
	"context"
	"testing"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
	"griot/internal/transcript"
)

func risks(t *testing.T, typeOf func(string) string, texts ...string) []extraction.Risk {
	t.Helper()
	var segs []transcript.Segment
	for i, text := range texts {
		segs = append(segs, transcript.NewSegment(transcript.Turn{Speaker: "Ann Lee", Text: text}, int64(i+1), 0))
	}
	d, err := document.Read(context.Background(), "", segs)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFinder()
	if err := d.Lines(context.Background(), func(l document.Line) { f.Line(l, english.NounPhrases(l.Sentence), Told{}) }); err != nil {
		t.Fatal(err)
	}
	return f.Risks("Handover", typeOf, Options{Min: 0.5})
}

func unknown(string) string { return "" }

func TestTitles(t *testing.T) {
	for text, want := range map[string]string{
		"I'm the only one who knows how to do the Meridale mapping.": "Meridale mapping: depends on Ann Lee",
		"There's no runbook for the failover.":                       "Failover: not documented",
		"The renewal process is not written down.":                   "Renewal process: not documented",
		"Henrik is leaving in six weeks.":                            "Henrik is about to leave",
		"The runbook is out of date.":                                "Handover: documentation out of date",
	} {
		got := risks(t, unknown, text)
		if len(got) != 1 || got[0].Title != want {
			t.Errorf("%q: got %+v, want %q", text, got, want)
		}
	}
}

func TestSeverity(t *testing.T) {
	for text, want := range map[string]string{
		"The failover is kind of undocumented, sometimes.":                     "low",
		"The failover is undocumented.":                                        "medium",
		"Payroll is undocumented, and that's critical.":                        "high",
		"Only Marcus knows the Meridale mapping, and without him we're stuck.": "high",
	} {
		got := risks(t, unknown, text)
		if len(got) != 1 || got[0].Severity != want {
			t.Errorf("%q: got %+v, want %s", text, got, want)
		}
	}
}

// TestTypeDecides shows that what only a vendor can do is a lock, and what only
// a team can do no dependency on one person.
func TestTypeDecides(t *testing.T) {
	text := "Only Norvane can change the posting calendar."
	for kind, want := range map[string]string{"Vendor": "vendor_lock", "Person": "single_person_dependency", "Team": ""} {
		got := risks(t, func(string) string { return kind }, text)
		if want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0].Signal != want {
			t.Errorf("%s: got %+v, want %q", kind, got, want)
		}
	}
}

func TestPronounIsTheSamePerson(t *testing.T) {
	got := risks(t, unknown, "Henrik is leaving in six weeks.", "He's moving to Bergen, his last day is the end of next month.")
	if len(got) != 1 || len(got[0].Evidence) != 2 || got[0].Severity != "high" {
		t.Errorf("got %+v, want one departure with two citations", got)
	}
}
