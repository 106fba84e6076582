package index_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"griot/internal/blob"
	"griot/internal/search"
	"griot/internal/search/index"
	"griot/internal/table"
)

func receiptOf(conversation string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#count", SK: conversation}
}

// noting counts a conversation's units.
func noting(conversation string) search.Waiting {
	return search.Waiting{conversation, func(units int) []table.Op {
		return []table.Op{table.Increment(receiptOf(conversation), "n", int64(units))}
	}}
}

func (w *world) noted(conversation string) int64 {
	w.t.Helper()
	item, err := w.Table.Get(w.t.Context(), receiptOf(conversation), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return 0
	}
	w.ok(err)
	return item.Int("n")
}

func (w *world) purgeWith(conversation string, waiting ...search.Waiting) error {
	_, err := w.Purge(w.t.Context(), workspace, conversation, nil, noting(conversation).Note, waiting...)
	return err
}

// secrets writes conversations conv_0 … of two units each in two segments and
// the tail, beside one that stays.
func (w *world) secrets(n int) (waiting []search.Waiting) {
	w.t.Helper()
	for part, memory := range []string{"a", "a", "b"} {
		docs := []search.Doc{{Conversation: "stays", Memory: fmt.Sprint(part), Text: "apple"}}
		for i := range n {
			docs = append(docs, search.Doc{Conversation: fmt.Sprint("conv_", i), Memory: memory, Text: fmt.Sprint("apple secret", i)})
		}
		w.put(docs...)
		if memory == "a" {
			w.seal()
		}
	}
	for i := range n {
		waiting = append(waiting, noting(fmt.Sprint("conv_", i)))
	}
	return waiting
}

// secret returns the words that must not be there any more.
func (w *world) secret() (left []string) {
	for term := range w.terms() {
		if strings.HasPrefix(term, "secret") {
			left = append(left, term)
		}
	}
	return left
}

func TestPurgesThatWaitShareARewrite(t *testing.T) {
	w := newWorld(t)
	waiting := w.secrets(5)
	w.ok(w.purgeWith("conv_0", waiting...))
	segments := w.objects()
	if len(segments) != 2 {
		t.Fatalf("objects: %v", segments)
	}
	for i, other := range waiting {
		if n := w.noted(other.Conversation); n != 2 {
			t.Errorf("%d units of %s are counted", n, other.Conversation)
		}
		if i > 0 {
			w.ok(w.purgeWith(other.Conversation, waiting...))
		}
	}
	if !slices.Equal(w.objects(), segments) {
		t.Errorf("segments were made anew: %v, before %v", w.objects(), segments)
	}
	if left := w.secret(); len(left) > 0 || !slices.Equal(ids(w.find("apple")), []string{"stays"}) {
		t.Errorf("left: %v, found: %v", left, ids(w.find("apple")))
	}
	m, err := w.index().ReadManifest(t.Context(), workspace)
	if w.ok(err); len(m.Purging) > 0 {
		t.Errorf("still to be purged: %v", m.Purging)
	}
}

// Memories that were removed one by one go together, too.
func TestRemovedMemoriesShareARewrite(t *testing.T) {
	w := newWorld(t)
	for _, memory := range []string{"a", "b", "c"} {
		w.put(search.Doc{Conversation: "conv_0", Memory: memory, Text: "apple secret" + memory})
	}
	w.seal()
	w.remove("conv_0", "a")
	w.remove("conv_0", "b")
	purge := func(memory string) {
		units, err := w.Purge(t.Context(), workspace, "conv_0", []string{memory}, func(int) []table.Op { return nil })
		if w.ok(err); units != 0 {
			t.Errorf("%d units of %s are found", units, memory)
		}
	}
	purge("a")
	segments := w.objects()
	if left := w.secret(); !slices.Equal(left, []string{"secretc"}) || w.tailLen() != 1 {
		t.Errorf("left: %v, %d rows", left, w.tailLen())
	}
	purge("b")
	if !slices.Equal(w.objects(), segments) || w.tailLen() != 0 || len(w.find("apple")) != 1 {
		t.Errorf("%v, before %v; %d rows", w.objects(), segments, w.tailLen())
	}
}

// Whatever fails, every unit is counted once, by whichever call it is.
func TestPurgesTogetherUnderFaults(t *testing.T) {
	t.Parallel()
	eachFault(t, func(t *testing.T, w *world, arm func() (heal func())) {
		waiting := w.secrets(2)
		heal := arm()
		for _, conversation := range []string{"conv_0", "conv_1", "conv_0"} {
			for range 3 {
				err := w.purgeWith(conversation, waiting...)
				if err == nil {
					break
				}
				w.injected(err)
				heal()
			}
		}
		heal()
		if w.noted("conv_0") != 2 || w.noted("conv_1") != 2 {
			t.Errorf("%d and %d units are counted, want 2 and 2", w.noted("conv_0"), w.noted("conv_1"))
		}
		if left := w.secret(); len(left) > 0 || w.tailLen() != 1 || len(w.objects()) != len(w.segments()) {
			t.Errorf("left: %v, %d rows, %d objects of %d segments", left, w.tailLen(), len(w.objects()), len(w.segments()))
		}
		if got := w.find("apple"); !slices.Equal(ids(got), []string{"stays"}) {
			t.Errorf("found: %v", ids(got))
		}
	})
}

// The others' receipts are theirs to fail on.
func TestPurgeBesideOneWithoutReceipt(t *testing.T) {
	w := newWorld(t)
	w.secrets(2)
	lost := search.Waiting{"conv_1", func(units int) []table.Op {
		return []table.Op{table.Increment(receiptOf("none"), "n", int64(units), table.Exists())}
	}}
	w.ok(w.purgeWith("conv_0", lost))
	if w.noted("conv_0") != 2 || slices.Contains(w.secret(), "secret0") || !slices.Contains(w.secret(), "secret1") {
		t.Errorf("%d units are counted, left: %v", w.noted("conv_0"), w.secret())
	}
}

// Queries read the manifest, so it does not name all that wait.
func TestManifestNamesSomeOfThoseThatWait(t *testing.T) {
	w := newWorld(t)
	waiting := w.secrets(index.MaxPurging + 10)
	for i, named := range []int{index.MaxNotes, index.MaxPurging, index.MaxPurging + 1} {
		last := fmt.Sprint("conv_", index.MaxPurging+9-i)
		_, err := w.index().MarkPurged(t.Context(), workspace, index.Target{Conversation: last}, noting(last).Note, waiting)
		w.ok(err)
		m, err := w.index().ReadManifest(t.Context(), workspace)
		if w.ok(err); len(m.Purging) != named {
			t.Errorf("%d are named, want %d", len(m.Purging), named)
		}
	}
	for _, other := range waiting {
		w.ok(w.purgeWith(other.Conversation, waiting...))
		if n := w.noted(other.Conversation); n != 2 {
			t.Errorf("%d units of %s are counted", n, other.Conversation)
		}
	}
	if left := w.secret(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// All at once, each with all others, as often as it takes.
func TestPurgesAtOnceCountOnce(t *testing.T) {
	w := newWorld(t)
	waiting := w.secrets(6)
	var all sync.WaitGroup
	for i := range waiting {
		for range 2 { // delivered twice
			all.Go(func() {
				for {
					err := w.purgeWith(fmt.Sprint("conv_", i), waiting...)
					if err == nil {
						return
					}
					if !errors.Is(err, index.ErrRaced) && !errors.Is(err, blob.ErrNotFound) {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	all.Wait()
	for _, other := range waiting {
		if n := w.noted(other.Conversation); n != 2 {
			t.Errorf("%d units of %s are counted", n, other.Conversation)
		}
	}
	if left := w.secret(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
