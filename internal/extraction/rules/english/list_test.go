package english

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadEntry(t *testing.T) {
	for line, want := range map[string]entry{
		"mend sweep":          {text: "mend sweep"},
		"Team: squad desk":    {Label: Label{Name: "Team"}, text: "squad desk"},
		"Team 0.3: squad":     {Label: Label{"Team", 0.3}, text: "squad"},
		"order 1: next|first": {Label: Label{"order", 1}, text: "next|first"},
	} {
		if diff := cmp.Diff(want, readEntry(line), cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
}

// TestLists reads every list: words are in lower case and patterns compile.
func TestLists(t *testing.T) {
	for name, list := range lists() {
		for _, e := range list {
			if e.text != strings.ToLower(e.text) {
				t.Errorf("%s: %q is not in lower case", name, e.text)
			}
			if e.Weight != 0 && strings.ContainsAny(e.text, "|<") {
				compile([]entry{e})
			}
		}
	}
	if len(lists()) < 50 {
		t.Errorf("%d lists", len(lists()))
	}
}

func TestReaders(t *testing.T) {
	if w := Words("conjunctions", "light-verbs")(); !w["but"] || !w["come"] || w["#"] {
		t.Error("words of two lists are not one set")
	}
	if diff := cmp.Diff([]string{"ing", "ed", "ly"}, Ordered("shown-endings")()[:3]); diff != "" {
		t.Error(diff)
	}
	labels := Labels("words-after-names")()
	if diff := cmp.Diff(Label{"System", 0.6}, labels["dashboard"]); diff != "" {
		t.Error(diff)
	}
	if l := Labels("name-suffixes")()["council"]; l.Name != "Org" {
		t.Errorf("a council is %q", l.Name)
	}
	defer func() {
		if recover() == nil {
			t.Error("a list that does not exist is read")
		}
	}()
	Words("no-such-list")()
}
