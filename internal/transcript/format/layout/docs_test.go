package layout

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page of what is read and the API's document name every layout, and the
// page says which of them read captions.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	api, err := os.ReadFile("../../../api/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^`([a-z_]+)`(, also in captions)?\\. ").FindAllStringSubmatch(string(page), -1) {
		said[m[1]] = m[2] != ""
	}
	for _, l := range append(slices.Clone(layouts), &prose) {
		cues, ok := said[l.Name]
		if !ok || cues != l.cues {
			t.Errorf("%s: described: %t, also in captions: %t, which should be %t", l.Name, ok, cues, l.cues)
		}
		if !strings.Contains(string(api), "`"+l.Name+"`") {
			t.Errorf("the document of the API does not name %s", l.Name)
		}
		delete(said, l.Name)
	}
	for name := range said {
		t.Errorf("%s is described and is no layout", name)
	}
}
