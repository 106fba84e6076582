package prompt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/extraction"
	"griot/internal/llm"
)

// What one answer lists apart stays apart; what two parts tell is joined.
func TestJoins(t *testing.T) {
	segs := long(700) // three parts
	person := func(name string, aliases ...string) string {
		return fmt.Sprintf(`{"entities": [{"type": "Person", "name": %q, "aliases": ["%s"]}]}`, name, strings.Join(aliases, `", "`))
	}
	sop := func(title string, board int) string {
		return fmt.Sprintf(`{"title": %q, "steps": [{"what": "Fetch it", "line": %d, "quote": "fetch board number %d"}]}`, title, board+1, board)
	}
	risk := func(about string, board int) string {
		return fmt.Sprintf(`{"signal": "vendor_lock", "about": %q, "severity": "low", "evidence": [{"line": %d, "quote": "fetch board number %d"}]}`, about, board+1, board)
	}
	decision := func(what string, board int) string {
		return fmt.Sprintf(`{"what": %q, "evidence": [{"line": %d, "quote": "fetch board number %d"}]}`, what, board+1, board)
	}
	list := func(name string, of ...string) string { return fmt.Sprintf(`{%q: [%s]}`, name, strings.Join(of, ",")) }
	for name, test := range map[string]struct {
		answers [3]string // of the parts
		want    string
	}{
		"two procedures with titles much alike": {
			[3]string{list("procedures", sop("Backup of the archive server", 0), sop("Restore of the archive server", 10))},
			"Backup of the archive server 1, Restore of the archive server 1",
		},
		"steps go to the procedure of their title": {
			[3]string{list("procedures", sop("Stacking the shelf", 0), sop("Stacking the shelves", 10)), list("procedures", sop("STACKING THE SHELVES", 250))},
			"Stacking the shelf 1, Stacking the shelves 2",
		},
		"a title in other words": {
			[3]string{list("procedures", sop("Closing the till", 0)), list("procedures", sop("Closing of the tills", 250))},
			"Closing the till 2",
		},
		"other work in a later part": {
			[3]string{list("procedures", sop("Backup of the archive server", 0)), list("procedures", sop("Restore of the archive server", 250))},
			"Backup of the archive server 1, Restore of the archive server 1",
		},
		"another number": {
			[3]string{list("procedures", sop("Wet clean of kiln 2", 0)), list("procedures", sop("Wet clean of kiln 3", 250))},
			"Wet clean of kiln 2 1, Wet clean of kiln 3 1",
		},
		"another title for the same steps": {
			[3]string{list("procedures", sop("Racking", 200)), list("procedures", sop("Board work", 200))},
			"Racking 1",
		},
		"one answer twice": {
			[3]string{list("procedures", sop("Racking", 0), sop("Racking", 0)), list("risks", risk("the kiln", 10), risk("the kiln", 10))},
			"Racking 1, the kiln",
		},
		"two risks much alike": {
			[3]string{list("risks", risk("the ramp for porcelain, through Odile", 0), risk("the ramp for stoneware, through Odile", 10))},
			"the ramp for porcelain, through Odile, the ramp for stoneware, through Odile",
		},
		"two risks in one sentence": {
			[3]string{list("risks", risk("the ramp", 0), risk("the glaze", 0))},
			"the ramp, the glaze",
		},
		"a risk from two parts": {
			[3]string{list("risks", risk("the ramp", 200)), list("risks", risk("only Odile", 200)), list("risks", risk("The ramps", 400))},
			"the ramp",
		},
		"two decisions, one told again": {
			[3]string{list("decisions", decision("Buy a kiln", 0), decision("Buy two kilns", 10)), list("decisions", decision("Buying the kiln", 0))},
			"Buy a kiln, Buy two kilns",
		},
		"a fuller name later": {
			[3]string{person("board number", "rack"), person("fetch board number", "board number")}, "fetch board number",
		},
		"two who share an alias": {
			[3]string{person("Odile", "glaze"), person("Bram", "glaze")}, "Odile, Bram",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := &fake{answer: func(_ int, r llm.Request) (string, error) {
				for i, answer := range test.answers {
					if strings.Contains(r.Text, fmt.Sprintf("part %d of 3", i+1)) && answer != "" {
						return answer, nil
					}
				}
				return "{}", nil
			}}
			got, err := find(t, m, segs)
			if err != nil || len(m.asked) != 3 {
				t.Fatalf("asked %d times, %v", len(m.asked), err)
			}
			var told []string
			for _, s := range got.SOPs {
				told = append(told, fmt.Sprintf("%s %d", s.Title, len(s.Steps)))
			}
			for _, r := range got.Risks {
				told = append(told, r.Title)
			}
			for _, d := range got.Decisions {
				told = append(told, d.What)
			}
			for _, e := range got.Entities {
				told = append(told, e.Name)
			}
			if all := strings.Join(told, ", "); all != test.want {
				t.Errorf("found %s", all)
			}
		})
	}
}

// A quote over several captions is cited in each that has more than a word or
// two of it, the longest first; a step has one place.
func TestEvidenceOverCaptions(t *testing.T) {
	segs := lines("Odile: you count the", "Odile: plates that came out of the kiln", "Odile: and Only I may do", "Odile: that.")
	quote := `"line": 1, "quote": "count the plates that came out of the kiln and only I may do that"`
	got, err := find(t, says(`{"risks": [{"signal": "Vendor lock", "about": "plates", "severity": "LOW", "evidence": [{`+quote+`}]}],
		"procedures": [{"title": "Counting", "steps": [{"what": "Count the plates", `+quote+`}]}]}`), segs)
	if err != nil {
		t.Fatal(err)
	}
	want := []extraction.Evidence{
		{Seq: 2, Quote: "plates that came out of the kiln"}, {Seq: 3, Quote: "and Only I may do"},
	}
	if diff := cmp.Diff(want, got.Risks[0].Evidence); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[0], got.SOPs[0].Steps[0].Evidence); diff != "" || len(got.SOPs[0].Evidence) != 1 {
		t.Errorf("%d pieces of evidence; %s", len(got.SOPs[0].Evidence), diff)
	}
}
