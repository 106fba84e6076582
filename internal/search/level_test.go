package search

import (
	"fmt"
	"strings"
	"testing"

	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

// So many that most are put in order only when they are asked for: all come,
// best first.
func TestAllOfManyAreYieldedInOrder(t *testing.T) {
	w := newWorld(t)
	const n = 5 * sampled * lastBatch / 16
	var sources []segment.Source
	for i := range n {
		unit := analyse(Doc{Text: strings.Repeat("apple ", 1+i%7) + strings.Repeat("pear ", i%11)})
		sources = append(sources, segment.Source{Conversation: fmt.Sprintf("conv_%06d", i), Unit: unit})
	}
	in, err := segment.Open(segment.Build(sources))
	w.ok(err)
	_, err = w.replace(t.Context(), workspace, manifest{}, 0, 0, []segment.Input{in})
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

func FuzzDecode(f *testing.F) {
	f.Add(analyse(Doc{Title: "Close", Text: "Priya signs the ledger on 2 March 2026."}).Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := posting.Decode(data)
		if err != nil {
			return
		}
		if _, err := posting.Decode(u.Encode()); err != nil {
			t.Errorf("what was decoded is not decoded again: %v", err)
		}
	})
}

// FuzzSegment reads bytes that may be anything as a segment, all of it.
func FuzzSegment(f *testing.F) {
	data, meta := segment.Build([]segment.Source{
		{Conversation: "conv_1", Memory: "a", Unit: analyse(Doc{Text: "apple pear apple"})},
		{Conversation: "conv_2", Memory: "", Unit: analyse(Doc{Title: "apple"})},
	})
	f.Add(data, meta)
	f.Fuzz(func(t *testing.T, data []byte, meta int64) {
		in, err := segment.Open(data, meta)
		if err != nil {
			return
		}
		_, _, _ = segment.Merge([]segment.Input{in}, func(string, string) bool { return true }, true)
	})
}
