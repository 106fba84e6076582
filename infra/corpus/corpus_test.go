package corpus

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePost(t *testing.T) {
	got := ParsePost("in\tO\nNew\tB-location\nYork\tI-location\nAnn\tB-person\nBo\tB-person\nran\tO\n.\tI-person")
	want := Post{"in New York Ann Bo ran .", []PostName{{"location", 3, 11}, {"person", 12, 15}, {"person", 16, 18}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSentence(t *testing.T) {
	var s Sentence
	if err := json.Unmarshal([]byte(`{"tokens": ["Ann", "'s", "ox"], "space": [false, true, false], "named": [["person", 0, 1, "Ann"]]}`), &s); err != nil {
		t.Fatal(err)
	}
	text, ends := s.Join()
	if text != "Ann's ox" || !cmp.Equal(ends, [][2]int{{0, 3}, {3, 5}, {6, 8}}) || !cmp.Equal(s.Names(), []Name{{"person", 0, 1}}) {
		t.Errorf("read %q %v %v", text, ends, s.Names())
	}
}

func TestItem(t *testing.T) {
	var m Meeting
	if err := json.Unmarshal([]byte(`{"items": [["They met.", [3, 4]]]}`), &m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Item{{"They met.", []int{3, 4}}}, m.Items); diff != "" {
		t.Error(diff)
	}
}
