package index_test

import (
	"slices"
	"testing"

	"griot/internal/search"
	"griot/internal/table"
)

// What was replaced leaves all segments, and only that, whatever fails and
// however often it is repeated.
func TestRenewUnderFaults(t *testing.T) {
	t.Parallel()
	eachFault(t, func(t *testing.T, w *world, arm func() (heal func())) {
		w.put(search.Doc{Conversation: "conv_1", Title: "secret"}, search.Doc{Conversation: "conv_1", Memory: "a", Text: "secret apple"},
			search.Doc{Conversation: "conv_1", Memory: "b", Text: "pear"}, search.Doc{Conversation: "conv_2", Memory: "c", Text: "grape apple"})
		w.seal()
		w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "secret banana"}, search.Doc{Conversation: "conv_2", Memory: "c", Text: "melon apple"},
			search.Doc{Conversation: "conv_1", Memory: "d", Text: "secret again"})
		w.seal()
		w.put(search.Doc{Conversation: "conv_1", Title: "Untitled"}, search.Doc{Conversation: "conv_1", Memory: "a", Text: "cherry"})
		w.remove("conv_1", "d")
		heal := arm()
		for range 5 {
			err := w.Renew(t.Context(), workspace, "conv_1")
			if err == nil {
				break
			}
			w.injected(err)
			heal()
		}
		heal()
		w.ok(w.Renew(t.Context(), workspace, "conv_1"))
		terms := w.terms()
		if terms["secret"] || terms["again"] || terms["banana"] || len(w.objects()) != len(w.segments()) {
			t.Errorf("words: %v in %d objects of %d segments", terms, len(w.objects()), len(w.segments()))
		}
		for query, want := range map[string][]string{"cherry": {"conv_1"}, "pear": {"conv_1"}, "untitled": {"conv_1"}, "apple": {"conv_2"}, "banana": nil} {
			if got := ids(w.find(query)); !slices.Equal(got, want) {
				t.Errorf("%s: %v", query, got)
			}
		}
		segments := w.objects()
		w.ok(w.Renew(t.Context(), workspace, "conv_1"))
		w.ok(w.Renew(t.Context(), workspace, "conv_2"))
		if !slices.Equal(w.objects(), segments) {
			t.Errorf("segments were made anew though nothing in them was replaced")
		}
	})
}

// A merge has committed its segment and not yet removed the rows that it is made
// of. Whoever makes the segment anew meanwhile loses nothing of them.
func TestSegmentsAreMadeAnewBeforeMergedRowsAreRemoved(t *testing.T) {
	t.Parallel()
	for name, anew := range map[string]func(w *world) error{
		"purge of a memory": func(w *world) error {
			w.remove("conv_1", "b")
			_, err := w.Purge(t.Context(), workspace, "conv_1", []string{"b"}, func(int) []table.Op { return nil })
			return err
		},
		"purge of a conversation": func(w *world) error {
			_, err := w.Purge(t.Context(), workspace, "conv_3", nil, func(int) []table.Op { return nil })
			return err
		},
		"renewal": func(w *world) error {
			w.put(search.Doc{Conversation: "conv_1", Memory: "b", Text: "quince"})
			return w.Renew(t.Context(), workspace, "conv_1")
		},
	} {
		w := newWorld(t)
		w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "apple"}, search.Doc{Conversation: "conv_1", Memory: "b", Text: "pear"},
			search.Doc{Conversation: "conv_2", Memory: "c", Text: "apple"}, search.Doc{Conversation: "conv_3", Memory: "d", Text: "plum"})
		w.sealing(func() { w.ok(anew(w)) })
		if got := ids(w.find("apple")); len(got) != 2 {
			t.Errorf("%s: an apple is left in %q", name, got)
		}
		if got := w.find("pear"); len(got) > 0 && name != "purge of a conversation" {
			t.Errorf("%s: the pear is still there", name)
		}
	}
}

// A segment is made anew while the merge that made it still removes its rows: what
// the rows say twice was once left out of the segment for them, and then found in
// neither.
func TestRewritesBesideAMergeThatRemovesItsRows(t *testing.T) {
	for name, rewrite := range map[string]func(w *world) error{
		"purge": func(w *world) error {
			_, err := w.Purge(t.Context(), workspace, "conv_1", []string{"a", "e"}, func(int) []table.Op { return nil })
			return err
		},
		"renew": func(w *world) error { return w.Renew(t.Context(), workspace, "conv_1") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "cherry"}, search.Doc{Conversation: "conv_1", Memory: "b", Text: "pear"})
			w.seal()
			w.put(search.Doc{Conversation: "conv_1", Memory: "b", Text: "plum"}, search.Doc{Conversation: "conv_1", Memory: "c", Text: "plum"},
				search.Doc{Conversation: "conv_1", Memory: "e", Text: "cherry"}, search.Doc{Conversation: "conv_2", Memory: "d", Text: "plum"})
			w.sealing(func() { w.ok(rewrite(w)) })
			found := w.find("plum")
			if got := ids(found); !slices.Equal(got, []string{"conv_1", "conv_2"}) && !slices.Equal(got, []string{"conv_2", "conv_1"}) {
				t.Errorf("found in %v", got)
			}
			for _, hit := range found {
				if hit.Conversation == "conv_1" && len(hit.Memories) != 2 {
					t.Errorf("conv_1 has %v", hit.Memories)
				}
			}
			if w.terms()["pear"] {
				t.Error("what was replaced is still there")
			}
		})
	}
}

// A tombstone that a merge has just put into a segment stays there: an older segment
// has what it hides.
func TestATombstoneOutlivesItsRow(t *testing.T) {
	w := newWorld(t)
	w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "pear"})
	w.seal()
	w.remove("conv_1", "a")
	w.put(search.Doc{Conversation: "conv_2", Memory: "b", Text: "plum"}, search.Doc{Conversation: "conv_2", Memory: "c", Text: "plum"})
	w.sealing(func() {
		_, err := w.Purge(t.Context(), workspace, "conv_2", []string{"b"}, func(int) []table.Op { return nil })
		w.ok(err)
	})
	if got := w.find("pear"); len(got) > 0 {
		t.Errorf("what was removed is found: %v", got)
	}
}
