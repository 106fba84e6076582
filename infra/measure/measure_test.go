package main

import (
	"strings"
	"testing"

	"griot/infra/corpus"
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

// TestRanking has a meeting of 20 sentences whose only item rests on the one
// that says something.
func TestRanking(t *testing.T) {
	m := corpus.Meeting{Items: []corpus.Item{{Text: "decided", Sents: []int{19}}}}
	for range 19 {
		m.Sents = append(m.Sents, [2]string{"A", "Yeah , okay ."})
	}
	m.Sents = append(m.Sents, [2]string{"A", "We decided that the remote will have a rubber case ."})
	var r ranking
	r.add(m)
	if r.precision != 1 || r.caught != 1 || r.items != 1 {
		t.Errorf("got %+v", r)
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
