package index_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"griot/internal/search"
	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/posting"
	"griot/internal/search/segment"
	"griot/internal/table"
)

// large makes a unit of about n bytes of tail.
func large(conversation, memory, word string, n int) search.Doc {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%s filler%d ", word, i)
	}
	return search.Doc{Conversation: conversation, Memory: memory, Text: b.String()}
}

// fill makes a tail that is worth a segment.
func (w *world) fill(prefix string) {
	w.t.Helper()
	for i := range 8 {
		op := index.Put(workspace, fmt.Sprint(prefix, "_", i), "a", apples())
		w.ok(w.Table.Transact(context.Background(), []table.Op{op}))
	}
}

// apples is a large unit, worked out once.
var apples = sync.OnceValue(func() *posting.Unit { return analysis.Unit(large("", "", "apple", 110<<10)) })

func (w *world) merge() { w.t.Helper(); w.ok(w.Merge(context.Background(), workspace)) }

func (w *world) tailLen() int {
	w.t.Helper()
	rows, _, err := w.index().ReadTail(w.t.Context(), workspace, "", 0)
	w.ok(err)
	return len(rows)
}

func (w *world) segments() []index.Ref {
	w.t.Helper()
	m, err := w.index().ReadManifest(w.t.Context(), workspace)
	w.ok(err)
	return m.Segments
}

func (w *world) objects() (keys []string) {
	w.t.Helper()
	objects, _, err := w.Blobs.List(w.t.Context(), index.ObjectPrefix(workspace), "")
	w.ok(err)
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

func TestMergeMovesALargeTail(t *testing.T) {
	w := newWorld(t)
	w.put(large("conv_1", "a", "apple", 1000))
	if w.merge(); w.tailLen() != 1 || len(w.segments()) != 0 {
		t.Error("a small tail was merged")
	}
	for i := range 30 {
		w.put(large(fmt.Sprintf("conv_%02d", i), "a", "apple", 30<<10))
	}
	if w.merge(); w.tailLen() != 0 || len(w.segments()) != 1 {
		t.Errorf("%d rows and %d segments", w.tailLen(), len(w.segments()))
	}
	if got := w.find("apple"); len(got) != 31 || len(got[0].Memories) != 1 || got[0].Memories[0].Memory != "a" {
		t.Errorf("%d hits, the first has %v", len(got), got[0].Memories)
	}
}

// What is written again, or removed, replaces what older segments have.
func TestNewerUnitsReplaceOlderOnes(t *testing.T) {
	w := newWorld(t)
	w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "apple"}, search.Doc{Conversation: "conv_1", Memory: "b", Text: "apple"}, search.Doc{Conversation: "conv_2", Memory: "c", Text: "apple"})
	w.seal()
	w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "banana"})
	w.remove("conv_2", "c")
	for _, where := range []string{"tail", "segment", "one segment"} {
		apple, banana := w.find("apple"), w.find("banana")
		if !slices.Equal(ids(apple), []string{"conv_1"}) || len(apple[0].Memories) != 1 || apple[0].Memories[0].Memory != "b" {
			t.Errorf("in the %s: apple is in %+v", where, apple)
		}
		if !slices.Equal(ids(banana), []string{"conv_1"}) || banana[0].Memories[0].Memory != "a" {
			t.Errorf("in the %s: banana is in %+v", where, banana)
		}
		if where == "tail" {
			w.seal()
			continue
		}
		w.join(0)
	}
}

// join makes one segment of those from a number on.
func (w *world) join(from int) {
	w.t.Helper()
	m, err := w.index().ReadManifest(w.t.Context(), workspace)
	w.ok(err)
	inputs, err := w.index().Inputs(w.t.Context(), m.Segments[from:], nil)
	w.ok(err)
	_, err = w.index().Replace(w.t.Context(), workspace, m, from, len(m.Segments), inputs)
	w.ok(err)
}

func TestSegmentsStayFew(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	w := newWorld(t)
	for i := range 16 {
		w.fill(fmt.Sprintf("conv_%02d", i))
		w.merge()
	}
	if n := len(w.segments()); n > 5 {
		t.Errorf("%d segments", n)
	}
	if n := len(w.objects()); n != len(w.segments()) {
		t.Errorf("%d objects of %d segments", n, len(w.segments()))
	}
	if got := w.find("apple"); len(got) != 128 {
		t.Errorf("%d hits", len(got))
	}
}

// terms returns all terms of all rows and objects, decoded.
func (w *world) terms() map[string]bool {
	w.t.Helper()
	all := map[string]bool{}
	add := func(u *posting.Unit) {
		for _, term := range u.Terms {
			all[term.Text] = true
		}
	}
	rows, _, err := w.index().ReadTail(w.t.Context(), workspace, "", 0)
	w.ok(err)
	for _, r := range rows {
		add(r.Unit)
	}
	for _, key := range w.objects() {
		body, _, err := w.Blobs.Get(w.t.Context(), key)
		w.ok(err)
		data, err := io.ReadAll(body)
		w.ok(errors.Join(err, body.Close()))
		metaAt := int64(bytesToMeta(data))
		in, err := segment.Open(data, metaAt)
		w.ok(err)
		for b := range in.Meta.Blocks() {
			where := in.Meta.BlockAt(b)
			entries, err := in.Meta.ParseBlock(b, data[where.Offset:where.Offset+where.Length])
			w.ok(err)
			for _, e := range entries {
				all[e.Term] = true
			}
		}
	}
	return all
}

// What is being purged already is not counted again.
func TestOverlappingPurgesCountOnce(t *testing.T) {
	w := newWorld(t)
	w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "apple"}, search.Doc{Conversation: "conv_1", Memory: "b", Text: "apple"})
	nothing := func(int) []table.Op { return nil }
	first, err := w.index().MarkPurged(t.Context(), workspace, index.Target{"conv_1", []string{"a"}}, nothing, nil) // and dies
	w.ok(err)
	rest, err := w.Purge(t.Context(), workspace, "conv_1", nil, nothing)
	if w.ok(err); first != 1 || rest != 1 {
		t.Errorf("%d and %d units were counted of 2", first, rest)
	}
}

// A merge that read the manifest before a purge began may write what the
// purge has removed, and die: the next merge job, which the purge has sent,
// removes that.
func TestLateMergeLeavesNoWord(t *testing.T) {
	w := newWorld(t)
	w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "secret"}, search.Doc{Conversation: "conv_2", Memory: "b", Text: "apple"})
	w.seal()
	before, err := w.index().ReadManifest(t.Context(), workspace)
	w.ok(err)
	inputs, err := w.index().Inputs(t.Context(), before.Segments, nil)
	w.ok(err)
	_, err = w.Purge(t.Context(), workspace, "conv_1", nil, func(int) []table.Op { return nil })
	w.ok(err)
	data, meta, err := segment.Merge(inputs, index.Keeps(before), false)
	w.ok(err)
	_, err = w.index().WriteSegment(t.Context(), workspace, index.Rev(before), data, meta)
	w.ok(err)
	if d, err := w.Merges.Depth(t.Context()); err != nil || d.Delayed == 0 {
		t.Errorf("no merge is to come: %+v, %v", d, err)
	}
	if w.merge(); w.terms()["secret"] || len(w.objects()) != 1 {
		t.Errorf("%d objects, the word is there: %v", len(w.objects()), w.terms()["secret"])
	}
}

func TestPurgeOfMemories(t *testing.T) {
	w := newWorld(t)
	w.put(search.Doc{Conversation: "conv_1", Memory: "a", Text: "apple secret"}, search.Doc{Conversation: "conv_1", Memory: "b", Text: "apple"})
	w.seal()
	w.put(search.Doc{Conversation: "conv_1", Memory: "c", Text: "apple secret"})
	units, err := w.Purge(t.Context(), workspace, "conv_1", []string{"c", "a"}, func(int) []table.Op { return nil })
	if w.ok(err); units != 2 {
		t.Errorf("%d units", units)
	}
	if got := w.find("apple"); len(got) != 1 || len(got[0].Memories) != 1 || got[0].Memories[0].Memory != "b" {
		t.Errorf("%+v", got)
	}
	if w.terms()["secret"] {
		t.Error("a word is still there")
	}
}

// Writers, mergers, purges and readers at once: what was written last is
// found, and nothing else.
func TestEverybodyAtOnce(t *testing.T) {
	w := newWorld(t)
	const writers, rounds = 4, 25
	last := make([]map[string]string, writers) // memory → word
	errs := make(chan error, writers+2)
	done := make(chan struct{})
	for n := range 2 {
		go func() {
			for {
				select {
				case <-done:
					errs <- nil
					return
				default:
				}
				if err := w.Merge(context.Background(), workspace); err != nil {
					errs <- fmt.Errorf("merger %d: %w", n, err)
					return
				}
			}
		}()
	}
	finished := make(chan int, writers)
	for n := range writers {
		last[n] = map[string]string{}
		go func() {
			defer func() { finished <- n }()
			rnd := rand.New(rand.NewPCG(uint64(n), 7))
			conversation := fmt.Sprintf("conv_%d", n)
			for i := range rounds {
				memory, word := fmt.Sprint("m", rnd.IntN(8)), fmt.Sprintf("word%dx%d", n, i)
				op := w.Put(workspace, large(conversation, memory, word, 20<<10))
				last[n][memory] = word
				if rnd.IntN(5) == 0 {
					op = w.Remove(workspace, conversation, memory)
					delete(last[n], memory)
				}
				if err := table.Retry(context.Background(), 20, func() error { return w.Table.Transact(context.Background(), []table.Op{op}) }); err != nil {
					errs <- err
					return
				}
				if rnd.IntN(20) == 0 {
					memory := fmt.Sprint("gone", i)
					op := w.Put(workspace, search.Doc{Conversation: conversation, Memory: memory, Text: "purged"})
					if err := w.Table.Transact(context.Background(), []table.Op{op}); err != nil {
						errs <- err
						return
					}
					if _, err := w.Purge(context.Background(), workspace, conversation, []string{memory}, func(int) []table.Op { return nil }); err != nil {
						errs <- fmt.Errorf("purging: %w", err)
						return
					}
				}
			}
		}()
	}
	for range writers {
		n := <-finished
		for memory, word := range last[n] {
			hits := w.find(word)
			if len(hits) != 1 || len(hits[0].Memories) != 1 || hits[0].Memories[0].Memory != memory {
				t.Errorf("%s of %s: %+v", word, memory, hits)
			}
		}
	}
	close(done)
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if w.terms()["purg"] {
		t.Error("purged words are still there")
	}
}

func bytesToMeta(data []byte) uint64 {
	// The footer: five numbers, a checksum, the magic; the third is the Meta's place.
	foot := data[len(data)-(5*8+4+8):]
	n := uint64(0)
	for _, b := range bytes.Clone(foot[16:24]) {
		n = n<<8 | uint64(b)
	}
	return n
}
