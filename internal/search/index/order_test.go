package index_test

import (
	"fmt"
	"strings"
	"testing"

	"griot/internal/search"
	"griot/internal/search/analysis"
	"griot/internal/search/segment"
)

// So many that most are put in order only when they are asked for: all come,
// best first.
func TestAllOfManyAreYieldedInOrder(t *testing.T) {
	w := newWorld(t)
	const n = 5 * 1024 // rank.lastBatch
	var sources []segment.Source
	for i := range n {
		unit := analysis.Unit(search.Doc{Text: strings.Repeat("apple ", 1+i%7) + strings.Repeat("pear ", i%11)})
		sources = append(sources, segment.Source{Conversation: fmt.Sprintf("conv_%06d", i), Unit: unit})
	}
	in, err := segment.Open(segment.Build(sources))
	w.ok(err)
	m, err := w.index().ReadManifest(t.Context(), workspace)
	w.ok(err)
	_, err = w.index().Replace(t.Context(), workspace, m, 0, 0, []segment.Input{in})
	w.ok(err)
	hits := w.find("apple")
	if len(hits) != n {
		t.Fatalf("%d hits of %d", len(hits), n)
	}
	for i := 1; i < n; i++ {
		if a, b := hits[i-1], hits[i]; a.Score < b.Score || a.Score == b.Score && a.Conversation < b.Conversation {
			t.Fatalf("hit %d, %s %v, follows %s %v", i, b.Conversation, b.Score, a.Conversation, a.Score)
		}
	}
}
