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

// ids are those of all candidates, by what they are.
func ids(t *testing.T, res extraction.Result) map[string]string {
	t.Helper()
	out := map[string]string{}
	seen := map[string]bool{}
	note := func(what, id string) {
		if seen[id] {
			t.Errorf("%s shares the id %s", what, id)
		}
		seen[id], out[what] = true, id
	}
	for _, c := range res.SOPs {
		note(c.Title+c.Citations[0].URI, c.ID)
	}
	for _, c := range res.Entities {
		note(c.Type+c.Name, c.ID)
	}
	for _, c := range res.Risks {
		note(c.Title+c.Citations[0].URI, c.ID)
	}
	return out
}

// Another reading of a transcript, which finds more before, less after and
// quotes at another length, gives what it finds again the same ids.
func TestTheSameFindingKeepsItsID(t *testing.T) {
	segs := segments("Only Dana can open the vault, only Dana.", "Wiebke feeds the goats. Wiebke feeds the geese.")
	at := func(seq int64, at int, quote string) []extraction.Evidence {
		return []extraction.Evidence{{Seq: seq, At: at, Quote: quote}}
	}
	sop := func(title string, ev []extraction.Evidence) extraction.SOP {
		return extraction.SOP{Title: title, Evidence: ev, Steps: []extraction.Step{{What: title, Evidence: ev[0]}}}
	}
	risk := func(title string, ev []extraction.Evidence) extraction.Risk {
		return extraction.Risk{Signal: "single_person_dependency", Title: title, Severity: "low", Evidence: ev}
	}
	vault, goats := at(1, 0, "Only Dana can open the vault"), at(2, 0, "Wiebke feeds the goats")
	geese := at(2, 24, "Wiebke feeds the geese")
	first := extraction.Findings{
		SOPs:     []extraction.SOP{sop("Feeding", goats), sop("Feeding", geese)},
		Entities: []extraction.Entity{{Type: "Person", Name: "Dana", Evidence: vault}, {Type: "Person", Name: "Wiebke", Evidence: goats}},
		Risks:    []extraction.Risk{risk("Dana", vault), risk("Wiebke", goats), risk("Wiebke again", goats)},
	}
	second := extraction.Findings{
		SOPs: []extraction.SOP{sop("Feeding", at(2, 24, "Wiebke feeds")), sop("Opening", vault)},
		Entities: []extraction.Entity{
			{Type: "System", Name: "Vault", Evidence: vault}, {Type: "System", Name: "Dana", Evidence: vault},
			{Type: "Person", Name: "wiebke ", Evidence: geese}, {Type: "Person", Name: "Dana", Evidence: at(1, 30, "only Dana")},
		},
		Risks: []extraction.Risk{risk("Nobody but Dana", at(1, 0, "Only Dana")), risk("Dana, later", at(1, 30, "only Dana"))},
	}
	was := ids(t, extraction.Cite(source, version, segs, first))
	is := ids(t, extraction.Cite(source, version, segs, second))
	const place = "mnemos://artifact/art_1?range="
	for before, after := range map[string]string{
		"Feeding" + place + "65-86": "Feeding" + place + "65-76", "PersonDana": "PersonDana", "PersonWiebke": "Personwiebke ",
		"Dana" + place + "0-27": "Nobody but Dana" + place + "0-8",
	} {
		if was[before] == "" || was[before] != is[after] {
			t.Errorf("%s was %s, %s is %s", before, was[before], after, is[after])
		}
	}
	kept := 0
	for _, id := range is {
		for _, old := range was {
			if id == old {
				kept++
			}
		}
	}
	if kept != 4 {
		t.Errorf("%d ids are kept, want 4: %v, %v", kept, was, is)
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
