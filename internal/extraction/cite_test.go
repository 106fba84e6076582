package extraction_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

func segments(texts ...string) []transcript.Segment {
	var segs []transcript.Segment
	offset := int64(0)
	for i, text := range texts {
		s := transcript.NewSegment(transcript.Turn{Text: text}, int64(i+1), offset)
		offset = s.Range[1] + 2
		segs = append(segs, s)
	}
	return segs
}

var (
	source  = extraction.Source{SessionID: "ses_1", ArtifactURI: "mnemos://artifact/art_1", Created: time.Unix(1_770_000_000, 0)}
	version = extraction.ExtractorVersion{Name: "test", Version: "1"}
)

func entity(ev ...extraction.Evidence) extraction.Findings {
	return extraction.Findings{Entities: []extraction.Entity{{Type: "System", Name: "Bänkle", Mentions: 2, Confidence: 0.5, Evidence: ev}}}
}

func TestCiteRange(t *testing.T) {
	segs := segments("Né à Paris.", "We use Bänkle daily.")
	res := extraction.Cite(source, version, segs, entity(extraction.Evidence{Seq: 2, At: 7, Quote: "Bänkle"}))
	if len(res.Entities) != 1 {
		t.Fatalf("got %d entities, want 1", len(res.Entities))
	}
	// The first text has 13 bytes and one newline follows, so the quote of 7
	// bytes begins at 14+7.
	want := []extraction.Citation{{URI: "mnemos://artifact/art_1?range=21-27", Quote: "Bänkle", Seq: 2}}
	if diff := cmp.Diff(want, res.Entities[0].Citations); diff != "" {
		t.Error(diff)
	}
	text := segs[0].Text + "\n" + segs[1].Text
	if got := text[21:28]; got != "Bänkle" {
		t.Errorf("the range resolves to %q", got)
	}
	if res.Entities[0].Aliases == nil {
		t.Error("aliases are null, want a list")
	}
}

func TestCiteDropsWhatDoesNotVerify(t *testing.T) {
	segs := segments("We use Bänkle daily.")
	for name, ev := range map[string]extraction.Evidence{
		"other words":   {Seq: 1, At: 7, Quote: "Bankle"},
		"other place":   {Seq: 1, At: 6, Quote: "Bänkle"},
		"empty":         {Seq: 1, At: 7},
		"before":        {Seq: 1, At: -1, Quote: "W"},
		"past the end":  {Seq: 1, At: 19, Quote: "y. And"},
		"seq 0":         {Seq: 0, At: 0, Quote: "We"},
		"seq too large": {Seq: 2, At: 0, Quote: "We"},
	} {
		if res := extraction.Cite(source, version, segs, entity(ev)); len(res.Entities) != 0 {
			t.Errorf("%s: kept %+v", name, res.Entities)
		}
	}
}

func TestCiteSteps(t *testing.T) {
	segs := segments("Open it. Close it.")
	open := extraction.Evidence{Seq: 1, At: 0, Quote: "Open it"}
	shut := extraction.Evidence{Seq: 1, At: 9, Quote: "Close it"}
	bad := extraction.Evidence{Seq: 1, At: 1, Quote: "Open it"}
	sop := extraction.SOP{Title: "Door", Evidence: []extraction.Evidence{open}, Confidence: 1.5, Steps: []extraction.Step{
		{What: "Open it", Who: "Dana", Evidence: open}, {What: "Paint it", Evidence: bad}, {What: "Close it", Evidence: shut},
	}}
	without := extraction.SOP{Title: "Nothing", Evidence: []extraction.Evidence{open}, Steps: []extraction.Step{{What: "x", Evidence: bad}}}
	res := extraction.Cite(source, version, segs, extraction.Findings{SOPs: []extraction.SOP{sop, without}})
	if len(res.SOPs) != 1 {
		t.Fatalf("got %d SOPs, want 1", len(res.SOPs))
	}
	got := res.SOPs[0]
	if len(got.Body.Steps) != 2 || got.Body.Steps[1].N != 2 || got.Body.Steps[1].What != "Close it" {
		t.Errorf("steps are not renumbered: %+v", got.Body.Steps)
	}
	if got.Body.Steps[0].Who == nil || *got.Body.Steps[0].Who != "Dana" || got.Body.Steps[1].Who != nil {
		t.Error("who is not Dana and null")
	}
	if got.Confidence != 1 {
		t.Errorf("confidence %v is not clamped", got.Confidence)
	}
}

func TestCiteRisks(t *testing.T) {
	segs := segments("Only Dana knows.")
	ev := []extraction.Evidence{{Seq: 1, Quote: "Only Dana knows."}}
	f := extraction.Findings{Risks: []extraction.Risk{
		{Signal: "single_person_dependency", Title: "Dana", Severity: "high", Evidence: ev},
		{Signal: "made_up", Title: "x", Severity: "low", Evidence: ev},
	}}
	res := extraction.Cite(source, version, segs, f)
	if len(res.Risks) != 1 || res.Risks[0].Weight != 0.35 {
		t.Errorf("got %+v, want the known signal with weight 0.35", res.Risks)
	}
}

func TestCiteIsDeterministic(t *testing.T) {
	segs := segments("We use Bänkle daily.")
	f := entity(extraction.Evidence{Seq: 1, At: 7, Quote: "Bänkle"})
	a, b := extraction.Cite(source, version, segs, f), extraction.Cite(source, version, segs, f)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	other := source
	other.SessionID = "ses_2"
	if c := extraction.Cite(other, version, segs, f); c.Entities[0].ID == a.Entities[0].ID {
		t.Error("two sessions share a candidate id")
	}
}

func TestWeights(t *testing.T) {
	sum := 0.0
	for _, w := range extraction.Weights {
		sum += w
	}
	if sum < 0.999 || sum > 1.001 {
		t.Errorf("the weights add up to %v", sum)
	}
}
