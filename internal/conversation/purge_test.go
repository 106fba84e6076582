package conversation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/table"
	"griot/internal/table/tabletest"
	"griot/internal/task"
)

// No other word begins with its letter, so that the index, which leaves out
// what a word has in common with the one before it, cannot hide it from where.
const marker = "zyzzyva"

// marked makes a conversation in which everything that can hold a word holds
// the marker, beside another one, and returns its id.
func (w *world) marked() string {
	w.t.Helper()
	c, err := w.Create(w.t.Context(), w.p, conversation.CreateInput{Title: marker + " title", Summary: marker}, w.claim("conversation"))
	w.ok(err)
	w.add("NEW", "something else", "Shared")
	for i := range 60 {
		_, err := w.memories.Create(w.t.Context(), w.p, memory.Input{
			Conversation: c.ID, Content: fmt.Sprint(marker, " content ", i), Name: fmt.Sprint(marker, "-", i), Context: marker,
			Topics: []string{fmt.Sprint(marker, i%7), "Shared"}, TaskID: marker,
		}, w.claim(fmt.Sprint("memory", i)))
		w.ok(err)
	}
	m := w.add(c.ID, marker+" gone", marker+" only here")
	w.ok(w.memories.Delete(w.t.Context(), w.p, m.ID))
	changed := w.add(c.ID, marker+" before", marker+" before")
	after := "after"
	_, err = w.memories.Update(w.t.Context(), w.p, changed.ID, memory.Change{Content: &after, Topics: &[]string{}})
	w.ok(err)
	w.ok(w.keeper.Tidy(w.t.Context(), w.p.Workspace))
	w.mergeIndex()
	w.add(c.ID, marker+" late", marker+" unfolded")
	return c.ID
}

// mergeIndex makes the index's tail worth a segment, and it one.
func (w *world) mergeIndex() {
	w.t.Helper()
	for i := range 8 {
		var text strings.Builder
		for j := range 9000 {
			fmt.Fprint(&text, "filler", j, " ")
		}
		doc := search.Doc{Conversation: "conv_nobody", Memory: fmt.Sprint(i), Text: text.String()}
		w.ok(w.bare.Transact(w.t.Context(), []table.Op{w.Index.Put(w.p.Workspace, doc)}))
	}
	w.ok(w.Index.Merge(w.t.Context(), w.p.Workspace))
}

// where returns the keys and values of the file, and the objects, that have a
// text.
func (w *world) where(text string) (found []string) {
	w.t.Helper()
	objects, _, err := w.blobs.List(w.t.Context(), "", "")
	w.ok(err)
	for _, o := range objects {
		r, _, err := w.blobs.Get(w.t.Context(), o.Key)
		w.ok(err)
		data, err := io.ReadAll(r)
		w.ok(errors.Join(err, r.Close()))
		if bytes.Contains(data, []byte(text)) {
			found = append(found, o.Key)
		}
	}
	var visit func(path string, b *bbolt.Bucket) error
	visit = func(path string, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return visit(path+"/"+string(k), b.Bucket(k))
			}
			if bytes.Contains(k, []byte(text)) || bytes.Contains(v, []byte(text)) {
				found = append(found, fmt.Sprintf("%s %q", path, k))
			}
			return nil
		})
	}
	w.ok(w.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return visit(string(name), b) })
	}))
	return found
}

// A deleted conversation is gone from everywhere at once, and after its purge
// no word of it is in any row.
func TestDeleteLeavesNothing(t *testing.T) {
	w := newWorld(t)
	c := w.marked()
	before := w.where(marker)
	for _, store := range []string{"search/", "#tail"} {
		if !slices.ContainsFunc(before, func(place string) bool { return strings.Contains(place, store) }) {
			t.Errorf("the marker is not in %s to begin with", store)
		}
	}
	del, err := w.Delete(t.Context(), w.p, c)
	w.ok(err)
	w.hidden(c)
	w.work()
	w.hidden(c)
	for _, place := range w.where(marker) {
		t.Errorf("the marker is still in %s", place)
	}
	got, err := deletion.Get(t.Context(), w.bare, w.p.Workspace, del.ID)
	w.ok(err)
	// info, order and recent row; its claim's record and pointer; 61 memories
	// with 4 or 5 rows, 60 of them with record and pointer; links and hints.
	memories, names, topics := int64(62), int64(60), int64(7+1+3)
	want := 3 + 2 + memories*3 + names + 60*2 + topics*2
	if got.Status != deletion.Done || got.TableItems != want || got.Objects != 0 || got.Target != c {
		t.Errorf("receipt %+v, want %d items", got, want)
	}
	if got.IndexEntries != memories+1 {
		t.Errorf("%d index entries, want %d", got.IndexEntries, memories+1)
	}
	for _, place := range w.where(strings.TrimPrefix(c, id.Conversation)) {
		if !strings.Contains(place, "#tombs") && !strings.Contains(place, "#deletions") && !strings.Contains(place, "#mem#") && !strings.Contains(place, "expiry") {
			t.Errorf("the id is still in %s", place)
		}
	}
	w.topics("Shared 1")
	if w.count() != 1 {
		t.Errorf("%d memories are counted, want 1", w.count())
	}
}

// hidden checks that nothing of a conversation is seen.
func (w *world) hidden(c string) {
	w.t.Helper()
	ctx := w.t.Context()
	_, err := w.Get(ctx, w.p, c)
	w.kind(err, errs.NotFound)
	_, err = w.memories.Timeline(ctx, w.p, c, 0, 0)
	w.kind(err, errs.NotFound)
	_, err = w.Delete(ctx, w.p, c)
	w.kind(err, errs.NotFound)
	_, err = w.memories.ByName(ctx, w.p, marker+"-1")
	w.kind(err, errs.NotFound)
	list, err := w.List(ctx, w.p, conversation.ListInput{Limit: 100})
	if w.ok(err); len(list.Conversations) != 1 || list.Total != 1 {
		w.t.Errorf("the list has %d of %d", len(list.Conversations), list.Total)
	}
	for _, in := range []memory.ListInput{
		{Limit: 100}, {Limit: 100, SortBy: memory.SortUpdated}, {Limit: 100, Topics: []string{"Shared"}}, {Limit: 100, From: "2020-01-01"},
	} {
		memories, err := w.memories.List(ctx, w.p, in)
		if w.ok(err); len(w.all(memories.Memories)) != 1 || memories.Total != 1 {
			w.t.Errorf("%+v: %d of %d memories", in, len(w.all(memories.Memories)), memories.Total)
		}
	}
	memories, err := w.memories.List(ctx, w.p, memory.ListInput{Limit: 100, Conversation: c})
	if w.ok(err); memories.Total != 0 {
		w.t.Errorf("%d memories of the conversation", memories.Total)
	}
	if hits := w.search(marker + " content"); len(hits) != 0 {
		w.t.Errorf("found: %v", hits)
	}
	found, err := w.searches.SearchMemories(ctx, w.p, find.MemoryQuery{Query: marker, Limit: 10})
	if w.ok(err); len(found.Hits) != 0 || found.Total != 0 {
		w.t.Errorf("%d memories found, %d counted", len(found.Hits), found.Total)
	}
	shared, err := w.ByTopic(ctx, w.p, conversation.TopicInput{Topic: "shared", Limit: 10})
	if w.ok(err); len(shared) != 1 || shared[0].ID == c {
		w.t.Errorf("by topic: %v", shared)
	}
	topics, err := w.topicLists.List(ctx, w.p, topic.ListInput{Limit: 10})
	if w.ok(err); topics.Total != 1 || topics.Topics[0].Memories != 1 {
		w.t.Errorf("topics: %+v", topics)
	}
}

// The receipt is the same whichever write of the purge fails and however
// often it is delivered. Another one waits meanwhile, and its units may be
// counted with these.
func TestPurgeReceiptUnderFaults(t *testing.T) {
	var want int64
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.create("x " + marker)
		for i := range 30 {
			w.add(c, fmt.Sprint(marker, i), fmt.Sprint(marker, i%3))
		}
		del, err := w.Delete(t.Context(), w.p, c)
		w.ok(err)
		other := w.add("NEW", marker).Conversation
		second, err := w.Delete(t.Context(), w.p, other)
		w.ok(err)
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		purge := task.Message{Workspace: w.p.Workspace, Conversation: c}
		_ = w.do(queue.Purge, purge)
		faulty.Heal()
		for i := range 5 {
			if err := w.do(queue.Purge, purge); err == nil {
				break
			} else if i == 4 || !errors.Is(err, deletion.ErrTwin) {
				t.Fatal(err)
			}
		}
		w.ok(w.do(queue.Purge, purge))
		w.ok(w.do(queue.Purge, task.Message{Workspace: w.p.Workspace, Conversation: other}))
		after, err := deletion.Get(t.Context(), w.bare, w.p.Workspace, second.ID)
		if w.ok(err); after.Status != deletion.Done || after.IndexEntries != 2 {
			t.Errorf("the other receipt is %+v", after)
		}
		got, err := deletion.Get(t.Context(), w.bare, w.p.Workspace, del.ID)
		w.ok(err)
		if want == 0 {
			want = got.TableItems
		}
		if got.Status != deletion.Done || got.TableItems != want || want != 3+30*3+3*2 || got.IndexEntries != 31 {
			t.Errorf("receipt %+v, want %d items", got, want)
		}
		if len(w.where(marker)) > 0 {
			t.Errorf("the marker is still in %s", w.where(marker))
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// A deletion is all or nothing, and exactly one of several takes effect.
func TestDeleteUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.create("Talk")
		w.add(c, "x", "A")
		w.add("NEW", "other", "A")
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		_, err := w.Delete(t.Context(), w.p, c)
		faulty.Heal()
		if err != nil && !errors.Is(err, fault.ErrInjected) {
			t.Fatal(err)
		}
		if err != nil {
			if _, err := w.Delete(t.Context(), w.p, c); err != nil && !errs.Is(err, errs.NotFound) {
				t.Fatal(err)
			}
		}
		w.work()
		w.topics("A 1")
		list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 10})
		if w.ok(err); list.Total != 1 || w.count() != 1 || len(w.where("#hidden")) > 0 || len(w.where("due#")) > 0 {
			t.Errorf("%d conversations, %d memories, %v", list.Total, w.count(), w.where("#hidden"))
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// A session's deletion hides its conversation in its own transaction, and one
// receipt counts both and closes with the last.
func TestHideWithAnotherDeletion(t *testing.T) {
	for _, first := range []string{"conversation", "session"} {
		w := newWorld(t)
		c := w.create("Talk")
		w.add(c, "x", "A")
		del := deletion.New("ses_1", w.clock.Now())
		h, ok, err := w.HideOps(t.Context(), w.p.Workspace, c, del.ID)
		if w.ok(err); !ok || len(h.Ops) > 10 {
			t.Fatalf("%v with %d operations", ok, len(h.Ops))
		}
		del.TableItems = 1 + h.Items
		w.ok(w.bare.Transact(t.Context(), append(h.Ops, deletion.Begin(w.p.Workspace, del, 2))))
		_, err = w.Get(t.Context(), w.p, c)
		w.kind(err, errs.NotFound)
		closeSession := func() {
			op, err := deletion.Close(t.Context(), w.bare, deletion.Key(w.p.Workspace, del.ID), w.clock.Now())
			w.ok(err)
			_, err = w.bare.Write(t.Context(), op)
			w.ok(err)
		}
		purge := func() { w.ok(w.do(queue.Purge, task.Message{Workspace: w.p.Workspace, Conversation: c})) }
		steps := []func(){purge, closeSession}
		if first == "session" {
			steps = []func(){closeSession, purge}
		}
		for i, step := range steps {
			step()
			got, err := deletion.Get(t.Context(), w.bare, w.p.Workspace, del.ID)
			w.ok(err)
			if done := got.Status == deletion.Done; done != (i == 1) || done == got.FinishedAt.IsZero() {
				t.Errorf("%s first, after step %d: %+v", first, i, got)
			}
		}
		got, err := deletion.Get(t.Context(), w.bare, w.p.Workspace, del.ID)
		if w.ok(err); got.TableItems != 1+3+3+2 || got.IndexEntries != 2 {
			t.Errorf("receipt %+v", got)
		}
		if _, ok, err := w.HideOps(t.Context(), w.p.Workspace, c, del.ID); ok || err != nil {
			t.Errorf("hiding it again: %v, %v", ok, err)
		}
	}
}

// A memory that slips in before its conversation is hidden is part of it; one
// that comes later is refused.
func TestDeleteAgainstMemories(t *testing.T) {
	w := newWorld(t)
	c := w.create("Talk")
	raced := false
	w.use(&before{Store: w.bare, do: func(ops []table.Op) {
		if !raced && len(ops) > 4 && strings.Contains(ops[0].Key.PK, "#order") {
			raced = true
			w.use(w.bare)
			w.add(c, "slipped in", "A")
		}
	}})
	_, err := w.Delete(t.Context(), w.p, c)
	w.ok(err)
	if !raced {
		t.Fatal("nothing raced")
	}
	_, err = w.memories.Create(t.Context(), w.p, memory.Input{Conversation: c, Content: "late"}, nil)
	w.kind(err, errs.NotFound)
	w.topics()
	w.work()
	if w.count() != 0 || len(w.where("slipped")) > 0 {
		t.Errorf("%d memories are left: %v", w.count(), w.where("slipped"))
	}
}

// before is a store that does something before each transaction.
type before struct {
	table.Store
	do func(ops []table.Op)
}

func (b *before) Transact(ctx context.Context, ops []table.Op) error {
	b.do(ops)
	return b.Store.Transact(ctx, ops)
}

// The words of a single deleted memory leave the index also when its job was
// lost.
func TestDeletedMemoryLeavesIndex(t *testing.T) {
	w := newWorld(t)
	c := w.create("Talk")
	m := w.add(c, marker, marker)
	w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
	w.lose(queue.Purge)
	w.clock.advance(2 * time.Minute)
	w.work()
	if found := w.where(marker); len(found) > 0 {
		t.Errorf("the marker is still in %v", found)
	}
	if found := w.where("due#"); len(found) > 0 {
		t.Errorf("due rows are left: %v", found)
	}
}
