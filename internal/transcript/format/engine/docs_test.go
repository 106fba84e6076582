package engine

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The page of what is read names whose JSON is told.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	_, told, _ := strings.Cut(string(page), "`reading.engine`: ")
	told, _, _ = strings.Cut(told, "\n\n")
	var said []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(told, -1) {
		said = append(said, m[1])
	}
	names := map[string]bool{}
	for _, e := range exports {
		names[e.name] = true
	}
	slices.Sort(said)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(names)), said); diff != "" {
		t.Error(diff)
	}
}
