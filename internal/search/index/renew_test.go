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
		m, err := w.index().ReadManifest(t.Context(), workspace)
		w.ok(err)
		rows, _, err := w.index().ReadTail(t.Context(), workspace, "", 0)
		w.ok(err)
		inputs, err := w.index().Inputs(t.Context(), nil, rows)
		w.ok(err)
		_, err = w.index().Replace(t.Context(), workspace, m, 0, 0, inputs)
		w.ok(err)

		w.ok(anew(w))
		w.ok(w.index().DeleteRows(t.Context(), rows))
		if got := ids(w.find("apple")); len(got) != 2 {
			t.Errorf("%s: an apple is left in %q", name, got)
		}
		if got := w.find("pear"); len(got) > 0 && name != "purge of a conversation" {
			t.Errorf("%s: the pear is still there", name)
		}
	}
}
