package index_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"griot/internal/search"
	"griot/internal/search/index"
)

// What was merged, merged again or purged leaves the cache with the next
// query, and what is alive stays.
func TestCacheHasOnlyWhatIsAlive(t *testing.T) {
	w := newWorld(t)
	for round := range 5 {
		for i := range 30 {
			n := round*30 + i
			w.put(search.Doc{Conversation: fmt.Sprintf("conv_%03d", n), Memory: fmt.Sprintf("m%d", n), Text: fmt.Sprintf("word number%d harbour", n)})
			w.find("harbour")
		}
		w.seal()
		w.find("harbour")
	}
	w.put(search.Doc{Conversation: "conv_000", Memory: "again", Text: "harbour"})
	w.find("harbour")
	m, err := w.index().ReadManifest(t.Context(), workspace)
	w.ok(err)
	want := index.Alive(m)
	slices.Sort(want)
	if got := w.Cache.Objects(workspace); !slices.Equal(got, want) {
		t.Errorf("the cache has\n%s\nalive are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := w.Cache.TailRows(workspace); n != 1 {
		t.Errorf("the cache has %d rows of a tail of one", n)
	}
	w.Cache.Check(t)
}
