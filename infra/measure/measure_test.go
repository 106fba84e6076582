package main

import (
	"math"
	"strings"
	"testing"

	"griot/internal/extraction/rules/document"
)

func TestCounts(t *testing.T) {
	var c counts
	c.add(map[[2]int]bool{{0, 4}: true, {5, 9}: true}, map[[2]int]bool{{0, 4}: true, {5, 8}: true, {10, 12}: true})
	if c != (counts{hit: 1, found: 2, gold: 3}) || c.f1() != 0.4 {
		t.Errorf("got %+v with F1 %v", c, c.f1())
	}
}

func TestRecipeSpans(t *testing.T) {
	r := recipe{Text: "Purée it", Spans: [][]any{{"T1", "AC", 0.0, 5.0, "Purée"}, {"T2", "FOOD", 6.0, 8.0, "it"}}}
	if gold := r.actions(); len(gold) != 1 || !gold[[2]int{0, 6}] {
		t.Errorf("got %v, want bytes 0 to 6", gold)
	}
}

// TestRanking has a document of 20 sentences, two of which prove two items; the
// top is one sentence long.
func TestRanking(t *testing.T) {
	d := document.Judged{Items: [][]int{{19, 4}, {3}}}
	scores := make([]float64, 20)
	scores[19], scores[7], scores[4], scores[3] = 4, 3, 2, 1
	var r ranking
	r.add(d, scores)
	if want := (1 + 2.0/3 + 3.0/4) / 3; math.Abs(r.precision-want) > 1e-9 || r.caught != 1 || r.items != 2 || r.meetings != 1 {
		t.Errorf("got %+v, want a precision of %.3f", r, want)
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	if err := print(&b, []row{{"names", "dev", "F1", 0.5, 0.45, "n"}, {"names", "train", "F1", 0.25, 0, ""}}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "0.500  0.450") || !strings.Contains(got, "0.250  -") {
		t.Errorf("printed %q", got)
	}
}
