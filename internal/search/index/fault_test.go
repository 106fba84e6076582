package index_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"griot/internal/blob/blobtest"
	"griot/internal/fault"
	"griot/internal/search"
	"griot/internal/search/index"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// eachFault runs a scenario again and again: every write of the table and
// every operation on objects, of those that follow arm, fails once, before or
// after it took effect, and the process goes on, or dies with it. After heal
// it is the next process.
func eachFault(t *testing.T, scenario func(t *testing.T, w *world, arm func() (heal func()))) {
	t.Helper()
	writes := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		scenario(t, w, func() func() {
			faulty := tabletest.NewFaulty(w.Table)
			w.Table = faulty
			arm(faulty)
			return faulty.Heal
		})
	}
	tabletest.EachWrite(t, writes)
	tabletest.EachCrash(t, writes)
	for _, kind := range []fault.Kind{fault.Before, fault.After, fault.Midway} {
		for _, dies := range []bool{false, true} {
			fault.Each(t, fmt.Sprintf("object %s, dies %v,", kind, dies), func(t *testing.T, n int, armed func(interface{ Fired() int })) {
				w := newWorld(t)
				scenario(t, w, func() (heal func()) {
					blobs := w.failObject(n, kind, dies)
					armed(blobs)
					return blobs.Heal
				})
			})
		}
	}
}

// failObject makes the n-th operation on objects from now on fail; a process
// that dies cannot reach the table either.
func (w *world) failObject(n int, kind fault.Kind, dies bool) *blobtest.Faulty {
	blobs := blobtest.NewFaulty(w.Blobs)
	w.Blobs = blobs
	if !dies {
		blobs.FailNth(n, kind, nil)
		return blobs
	}
	blobs.CrashNth(n, kind, nil)
	faulty := tabletest.NewFaulty(w.Table)
	faulty.Fail(fault.Before, func(tabletest.Call) bool { return blobs.Down() })
	w.Table = faulty
	return blobs
}

func (w *world) injected(err error) {
	w.t.Helper()
	if !errors.Is(err, fault.ErrInjected) {
		w.t.Fatal(err)
	}
}

// A merge may fail at every write, and die there: nothing is lost or twice.
func TestMergeUnderFaults(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	eachFault(t, func(t *testing.T, w *world, arm func() (heal func())) {
		w.put(search.Doc{Conversation: "old", Memory: "a", Text: "apple"})
		w.seal()
		w.fill("conv")
		heal := arm()
		for range 5 {
			err := w.Merge(t.Context(), workspace)
			if err == nil {
				break
			}
			w.injected(err)
			heal()
		}
		heal()
		if got := w.find("apple"); len(got) != 9 || len(got[0].Memories) != 1 {
			t.Errorf("%d hits", len(got))
		}
		w.fill("later")
		w.merge()
		if got := w.find("apple"); len(got) != 17 || w.tailLen() != 0 || len(w.objects()) != len(w.segments()) {
			t.Errorf("later: %d hits, %d rows, %d objects of %d segments", len(got), w.tailLen(), len(w.objects()), len(w.segments()))
		}
	})
}

// TestPurgeUnderFaults: whatever fails and however often it is repeated, no
// word is left, others are, and the note is made once.
func TestPurgeUnderFaults(t *testing.T) {
	t.Parallel()
	eachFault(t, func(t *testing.T, w *world, arm func() (heal func())) {
		w.put(search.Doc{Conversation: "conv_1", Title: "secret"}, search.Doc{Conversation: "conv_1", Memory: "a", Text: "secret apple"},
			search.Doc{Conversation: "conv_2", Memory: "b", Text: "apple"})
		w.seal()
		w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "secret banana"}, search.Doc{Conversation: "conv_1", Memory: "c", Text: "secret"})
		w.seal()
		w.put(search.Doc{Conversation: "conv_1", Memory: "d", Text: "secret cherry"})
		w.remove("conv_1", "c")
		heal := arm()
		count := table.Key{Table: table.Conversations, PK: workspace + "#count", SK: "x"}
		for range 5 {
			_, err := w.Purge(t.Context(), workspace, "conv_1", nil, func(units int) []table.Op {
				return []table.Op{table.Increment(count, "n", int64(units))}
			})
			if err == nil {
				break
			}
			w.injected(err)
			heal()
		}
		heal()
		again, err := w.Purge(t.Context(), workspace, "conv_1", nil, func(int) []table.Op { return nil })
		if w.ok(err); again != 0 {
			t.Errorf("a repeated purge counts %d", again)
		}
		item, err := w.Table.Get(t.Context(), count, table.Consistent)
		if w.ok(err); item.Int("n") != 3 { // the title, a and d
			t.Errorf("%d units were counted", item.Int("n"))
		}
		terms := w.terms()
		for _, word := range []string{"secret", "banana", "cherri"} {
			if terms[word] {
				t.Errorf("%q is still there", word)
			}
		}
		if got := w.find("apple"); !slices.Equal(ids(got), []string{"conv_2"}) {
			t.Errorf("the other is found in %v", ids(got))
		}
		if len(w.objects()) != len(w.segments()) {
			t.Errorf("%d objects of %d segments", len(w.objects()), len(w.segments()))
		}
	})
}

// A merge that was overtaken and cannot remove what it made leaves that to the
// next one.
func TestOvertakenMergeThatCannotDelete(t *testing.T) {
	w := newWorld(t)
	w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "apple"})
	w.seal()
	before, err := w.index().ReadManifest(t.Context(), workspace)
	w.ok(err)
	inputs, err := w.index().Inputs(t.Context(), before.Segments, nil)
	w.ok(err)
	w.join(0)
	blobs := blobtest.NewFaulty(w.Blobs)
	blobs.FailNth(1, fault.Before, fault.Only(blobtest.Delete))
	w.Blobs = blobs
	if _, err := w.index().Replace(t.Context(), workspace, before, 0, 1, inputs); !errors.Is(err, index.ErrRaced) || !errors.Is(err, fault.ErrInjected) {
		t.Errorf("overtaken: %v", err)
	}
	if len(w.objects()) != 3 { // the first segment too: nobody has swept
		t.Errorf("objects: %v", w.objects())
	}
	if w.merge(); len(w.objects()) != 1 || len(w.find("apple")) != 1 {
		t.Errorf("%d objects, %d hits", len(w.objects()), len(w.find("apple")))
	}
}
