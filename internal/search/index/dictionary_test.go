package index_test

import (
	"fmt"
	"testing"

	"griot/internal/blob/blobtest"
	"griot/internal/search"
)

// Near terms are found in a dictionary that is too large to be read whole,
// and what is read for them is bounded.
func TestNearTermsOfALargeDictionary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var docs []search.Doc
	for i := range 40 {
		text := ""
		for n := range 400 {
			text += syllables(uint64(i*400+n)) + " "
		}
		docs = append(docs, search.Doc{Conversation: fmt.Sprintf("conv_%02d", i), Memory: "m", Text: text})
	}
	docs = append(docs,
		search.Doc{Conversation: "conv_x", Memory: "m", Text: "the archipelago"},
		search.Doc{Conversation: "conv_y", Memory: "m", Text: "Haushaltsplan und Überstunden"},
	)
	w.put(docs...)
	w.seal()
	blobs := blobtest.NewCounted(w.Blobs)
	w.Blobs, w.Cache = blobs, nil
	m, err := w.index().ReadManifest(t.Context(), workspace)
	w.ok(err)
	if len(m.Segments) != 1 {
		t.Fatalf("%d segments", len(m.Segments))
	}
	read := func(query string) (reads int64, hits []string) {
		blobs.Reset()
		hits = ids(w.find(query))
		return blobs.Reads(), hits
	}
	known, _ := read("the archipelago")
	for _, c := range []struct {
		query string
		most  int64 // reads more than if it were known
	}{
		{"the archipelagos", 1},
		{"the archipealgo", 1 + 6},
		{"archipel*", 1},
		{"the rachipelago", 1 + 64 + 6},
		{"the qrchipelago", 1 + 64 + 6},
		{"the rchipelago", 1 + 64 + 6},
		{"the chipelago", 1 + 64 + 6},
	} {
		reads, hits := read(c.query)
		if len(hits) == 0 || hits[0] != "conv_x" || reads > known+c.most {
			t.Errorf("%s finds %q with %d reads, %d of what is known", c.query, hits[:min(3, len(hits))], reads, known)
		}
	}
	for _, query := range []string{"Überstundenplan", "Haushaltspläne"} {
		if _, hits := read(query); len(hits) == 0 || hits[0] != "conv_y" {
			t.Errorf("%s finds %q", query, hits[:min(3, len(hits))])
		}
	}
}
