package gold_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/infra/gold"
	"griot/internal/extraction"
)

const loom = "First you wind the warp, and then, well, you count it.\nOnly Ines can thread the loom.\nÄgidius — he's called Gil — asked whether anybody left."

var loomAnswers = gold.Answers{
	Procedures: []gold.Procedure{{Name: "Warping", Steps: []gold.Step{{Quote: "you wind the warp"}, {Quote: "you count it."}}}, {Name: "None", Steps: []gold.Step{{Quote: "not there at all"}}}},
	Entities: []gold.Entity{
		{Type: "Person", Name: "Ines", Main: true}, {Type: "Person", Name: "Ägidius", Aliases: []string{"Gil"}, Main: true}, {Type: "System", Name: "Loom"},
	},
	Risks: []gold.Risk{{Signal: "single_person_dependency", Quote: "Only Ines can thread"}, {Signal: "stale_sop", Quote: "Only Ines can thread"}},
	Traps: []gold.Trap{{LooksLike: "tenure_cliff", Quote: "whether anybody left"}, {LooksLike: "vendor_lock", Quote: "whether anybody left"}, {LooksLike: "entity", Quote: "First you wind"}},
}

// at cites words of the loom's text.
func at(words string) extraction.Citation {
	i := strings.Index(loom, words)
	return extraction.Citation{URI: fmt.Sprintf("mnemos://artifact/a?range=%d-%d", i, i+len(words)-1), Quote: words}
}

func risk(signal, words string) extraction.RiskCandidate {
	return extraction.RiskCandidate{Common: extraction.Common{Citations: []extraction.Citation{at("then"), at(words)}}, Signal: signal}
}

func entity(kind, name, words string, aliases ...string) extraction.EntityCandidate {
	return extraction.EntityCandidate{Common: extraction.Common{Citations: []extraction.Citation{at(words)}}, Type: kind, Name: name, Aliases: aliases}
}

func steps(words ...string) (c extraction.SOPCandidate) {
	for _, w := range words {
		c.Body.Steps = append(c.Body.Steps, extraction.SOPStepC{Citation: at(w)})
	}
	return c
}

func TestScore(t *testing.T) {
	got := loomAnswers.Score(loom, extraction.Result{
		SOPs:     []extraction.SOPCandidate{steps("wind the warp", "Only Ines")},
		Risks:    []extraction.RiskCandidate{risk("single_person_dependency", "Ines"), risk("tenure_cliff", "anybody left"), risk("vendor_lock", "Gil")},
		Entities: []extraction.EntityCandidate{entity("Person", "INES", "Ines"), entity("Team", "the house", "Ines", "Gil"), entity("System", "warp", "warp")},
	})
	want := gold.Score{
		Steps: gold.Tally{Hit: 1, Of: 3}, StepsRight: gold.Tally{Hit: 1, Of: 2}, Procedures: gold.Tally{Hit: 1, Of: 2}, SOPs: 1,
		Risks: gold.Tally{Hit: 1, Of: 2}, RisksRight: gold.Tally{Hit: 1, Of: 3},
		Signals: map[string]gold.Tally{"single_person_dependency": {Hit: 1, Of: 1}, "stale_sop": {Hit: 0, Of: 1}},
		Main:    gold.Tally{Hit: 2, Of: 2}, MainTyped: gold.Tally{Hit: 1, Of: 2},
		Entities: gold.Tally{Hit: 2, Of: 3}, EntitiesRight: gold.Tally{Hit: 1, Of: 3},
		Traps: map[string]gold.Tally{"tenure_cliff": {Hit: 1, Of: 1}, "vendor_lock": {Hit: 0, Of: 1}, "entity": {Hit: 0, Of: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	twice := want.Add(got)
	if twice.Steps != (gold.Tally{Hit: 2, Of: 6}) || twice.Traps["tenure_cliff"].Of != 2 || twice.Signals["stale_sop"].Share() != 0 || twice.Main.Share() != 1 {
		t.Errorf("twice that is %+v", twice)
	}
}
