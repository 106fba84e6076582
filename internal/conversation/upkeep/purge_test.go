package upkeep_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/tabletest"
	"griot/internal/task"
)

// marked makes a conversation in which everything that can hold a word holds
// the conversationtest.Marker, beside another one, and returns its id.
func (w *world) marked() string {
	w.T.Helper()
	c, err := w.Conversations.Create(w.T.Context(), w.P, conversation.CreateInput{Title: conversationtest.Marker + " title", Summary: conversationtest.Marker}, w.Claim("conversation"))
	w.OK(err)
	w.Add("NEW", "something else", "Shared")
	for i := range 60 {
		_, err := w.Memories.Create(w.T.Context(), w.P, memory.Input{
			Conversation: c.ID, Content: fmt.Sprint(conversationtest.Marker, " content ", i), Name: fmt.Sprint(conversationtest.Marker, "-", i), Context: conversationtest.Marker,
			Topics: []string{fmt.Sprint(conversationtest.Marker, i%7), "Shared"}, TaskID: conversationtest.Marker,
		}, w.Claim(fmt.Sprint("memory", i)))
		w.OK(err)
	}
	m := w.Add(c.ID, conversationtest.Marker+" gone", conversationtest.Marker+" only here")
	w.OK(w.Memories.Delete(w.T.Context(), w.P, m.ID))
	changed := w.Add(c.ID, conversationtest.Marker+" before", conversationtest.Marker+" before")
	told, err := w.Memories.Create(w.T.Context(), w.P, memory.Input{Conversation: c.ID, Content: conversationtest.Marker + " told", Name: "told"}, nil)
	w.OK(err)
	for _, content := range []string{conversationtest.Marker + " told once more", "otherwise"} {
		_, err := w.Memories.Update(w.T.Context(), w.P, told.Memory.ID, memory.Change{Content: &content})
		w.OK(err)
	}
	after := "after"
	_, err = w.Memories.Update(w.T.Context(), w.P, changed.ID, memory.Change{Content: &after, Topics: &[]string{}})
	w.OK(err)
	w.OK(w.Upkeep.Tidy(w.T.Context(), w.P.Workspace))
	w.MergeIndex()
	w.Add(c.ID, conversationtest.Marker+" late", conversationtest.Marker+" unfolded")
	return c.ID
}

// A deleted conversation is gone from everywhere at once, and after its purge
// no word of it is in any row.
func TestDeleteLeavesNothing(t *testing.T) {
	w := newWorld(t)
	c := w.marked()
	before := w.Where(conversationtest.Marker)
	for _, store := range []string{"search/", "#tail"} {
		if !slices.ContainsFunc(before, func(place string) bool { return strings.Contains(place, store) }) {
			t.Errorf("the conversationtest.Marker is not in %s to begin with", store)
		}
	}
	del, err := w.Conversations.Delete(t.Context(), w.P, c)
	w.OK(err)
	w.hidden(c)
	w.Work()
	w.hidden(c)
	for _, place := range w.Where(conversationtest.Marker) {
		t.Errorf("the conversationtest.Marker is still in %s", place)
	}
	got, err := deletion.Get(t.Context(), w.Bare, w.P.Workspace, del.ID)
	w.OK(err)
	// info, order and recent row; its claim's record and pointer; 63 memories
	// with 3 or 4 rows, 60 of them with record and pointer, one with two versions;
	// links and hints.
	memories, names, topics := int64(63), int64(61), int64(7+1+3)
	want := 3 + 2 + memories*3 + names + 60*2 + 2 + topics*2
	if got.Status != deletion.Done || got.TableItems != want || got.Objects != 0 || got.Target != c {
		t.Errorf("receipt %+v, want %d items", got, want)
	}
	if got.IndexEntries != memories+1 {
		t.Errorf("%d index entries, want %d", got.IndexEntries, memories+1)
	}
	for _, place := range w.Where(strings.TrimPrefix(c, id.Conversation)) {
		if !strings.Contains(place, "#tombs") && !strings.Contains(place, "#moved") && !strings.Contains(place, "#deletions") && !strings.Contains(place, "#mem#") && !strings.Contains(place, "expiry") {
			t.Errorf("the id is still in %s", place)
		}
	}
	w.TopicCounts("Shared 1")
	if w.Count() != 1 {
		t.Errorf("%d memories are counted, want 1", w.Count())
	}
}

// hidden checks that nothing of a conversation is seen.
func (w *world) hidden(c string) {
	w.T.Helper()
	ctx := w.T.Context()
	_, err := w.Conversations.Get(ctx, w.P, c)
	w.Kind(err, errs.NotFound)
	_, err = w.Memories.Timeline(ctx, w.P, c, 0, 0)
	w.Kind(err, errs.NotFound)
	_, err = w.Conversations.Delete(ctx, w.P, c)
	w.Kind(err, errs.NotFound)
	_, err = w.Memories.ByName(ctx, w.P, conversationtest.Marker+"-1")
	w.Kind(err, errs.NotFound)
	list, err := w.Conversations.List(ctx, w.P, conversation.ListInput{Limit: 100})
	if w.OK(err); len(list.Conversations) != 1 || list.Total != 1 {
		w.T.Errorf("the list has %d of %d", len(list.Conversations), list.Total)
	}
	for _, in := range []memory.ListInput{
		{Limit: 100}, {Limit: 100, SortBy: memory.SortUpdated}, {Limit: 100, Topics: []string{"Shared"}}, {Limit: 100, From: "2020-01-01"},
	} {
		memories, err := w.Memories.List(ctx, w.P, in)
		if w.OK(err); len(w.All(memories.Memories)) != 1 || memories.Total != 1 {
			w.T.Errorf("%+v: %d of %d memories", in, len(w.All(memories.Memories)), memories.Total)
		}
	}
	memories, err := w.Memories.List(ctx, w.P, memory.ListInput{Limit: 100, Conversation: c})
	if w.OK(err); memories.Total != 0 {
		w.T.Errorf("%d memories of the conversation", memories.Total)
	}
	if hits := w.Search(conversationtest.Marker + " content"); len(hits) != 0 {
		w.T.Errorf("found: %v", hits)
	}
	found, err := w.Searches.SearchMemories(ctx, w.P, find.MemoryQuery{Query: conversationtest.Marker, Limit: 10})
	if w.OK(err); len(found.Hits) != 0 || found.Total != 0 {
		w.T.Errorf("%d memories found, %d counted", len(found.Hits), found.Total)
	}
	shared, err := w.Conversations.ByTopic(ctx, w.P, conversation.TopicInput{Topic: "shared", Limit: 10})
	if w.OK(err); len(shared) != 1 || shared[0].ID == c {
		w.T.Errorf("by topic: %v", shared)
	}
	topics, err := w.Topics.List(ctx, w.P, topic.ListInput{Limit: 10})
	if w.OK(err); topics.Total != 1 || topics.Topics[0].Memories != 1 {
		w.T.Errorf("topics: %+v", topics)
	}
}

// The receipt is the same whichever write of the purge fails and however
// often it is delivered. Another one waits meanwhile, and its units may be
// counted with these.
func TestPurgeReceiptUnderFaults(t *testing.T) {
	var want int64
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.Talk("x " + conversationtest.Marker)
		for i := range 30 {
			w.Add(c, fmt.Sprint(conversationtest.Marker, i), fmt.Sprint(conversationtest.Marker, i%3))
		}
		del, err := w.Conversations.Delete(t.Context(), w.P, c)
		w.OK(err)
		other := w.Add("NEW", conversationtest.Marker).Conversation
		second, err := w.Conversations.Delete(t.Context(), w.P, other)
		w.OK(err)
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		purge := task.Message{Workspace: w.P.Workspace, Conversation: c}
		_ = w.Do(queue.Purge, purge)
		faulty.Heal()
		for i := range 5 {
			if err := w.Do(queue.Purge, purge); err == nil {
				break
			} else if i == 4 || !errors.Is(err, deletion.ErrTwin) {
				t.Fatal(err)
			}
		}
		w.OK(w.Do(queue.Purge, purge))
		w.OK(w.Do(queue.Purge, task.Message{Workspace: w.P.Workspace, Conversation: other}))
		after, err := deletion.Get(t.Context(), w.Bare, w.P.Workspace, second.ID)
		if w.OK(err); after.Status != deletion.Done || after.IndexEntries != 2 {
			t.Errorf("the other receipt is %+v", after)
		}
		got, err := deletion.Get(t.Context(), w.Bare, w.P.Workspace, del.ID)
		w.OK(err)
		if want == 0 {
			want = got.TableItems
		}
		if got.Status != deletion.Done || got.TableItems != want || want != 3+30*3+3*2 || got.IndexEntries != 31 {
			t.Errorf("receipt %+v, want %d items", got, want)
		}
		if len(w.Where(conversationtest.Marker)) > 0 {
			t.Errorf("the conversationtest.Marker is still in %s", w.Where(conversationtest.Marker))
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// A deletion is all or nothing, and exactly one of several takes effect.
func TestDeleteUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.Talk("Talk")
		w.Add(c, "x", "A")
		w.Add("NEW", "other", "A")
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		_, err := w.Conversations.Delete(t.Context(), w.P, c)
		faulty.Heal()
		if err != nil && !errors.Is(err, fault.ErrInjected) {
			t.Fatal(err)
		}
		if err != nil {
			if _, err := w.Conversations.Delete(t.Context(), w.P, c); err != nil && !errs.Is(err, errs.NotFound) {
				t.Fatal(err)
			}
		}
		w.Work()
		w.TopicCounts("A 1")
		list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 10})
		if w.OK(err); list.Total != 1 || w.Count() != 1 || len(w.Where("#hidden")) > 0 || len(w.Where("due#")) > 0 {
			t.Errorf("%d conversations, %d memories, %v", list.Total, w.Count(), w.Where("#hidden"))
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
		c := w.Talk("Talk")
		w.Add(c, "x", "A")
		del := deletion.New("ses_1", w.Hand.Now())
		h, ok, err := w.Conversations.HideOps(t.Context(), record.In(w.P.Workspace, c), del.ID)
		if w.OK(err); !ok || len(h.Ops) > 10 {
			t.Fatalf("%v with %d operations", ok, len(h.Ops))
		}
		del.TableItems = 1 + h.Items
		w.OK(w.Bare.Transact(t.Context(), append(h.Ops, deletion.Begin(w.P.Workspace, del, 2))))
		_, err = w.Conversations.Get(t.Context(), w.P, c)
		w.Kind(err, errs.NotFound)
		closeSession := func() {
			op, err := deletion.Close(t.Context(), w.Bare, deletion.Key(w.P.Workspace, del.ID), w.Hand.Now())
			w.OK(err)
			_, err = w.Bare.Write(t.Context(), op)
			w.OK(err)
		}
		purge := func() { w.OK(w.Do(queue.Purge, task.Message{Workspace: w.P.Workspace, Conversation: c})) }
		steps := []func(){purge, closeSession}
		if first == "session" {
			steps = []func(){closeSession, purge}
		}
		for i, step := range steps {
			step()
			got, err := deletion.Get(t.Context(), w.Bare, w.P.Workspace, del.ID)
			w.OK(err)
			if done := got.Status == deletion.Done; done != (i == 1) || done == got.FinishedAt.IsZero() {
				t.Errorf("%s first, after step %d: %+v", first, i, got)
			}
		}
		got, err := deletion.Get(t.Context(), w.Bare, w.P.Workspace, del.ID)
		if w.OK(err); got.TableItems != 1+3+3+2 || got.IndexEntries != 2 {
			t.Errorf("receipt %+v", got)
		}
		if _, ok, err := w.Conversations.HideOps(t.Context(), record.In(w.P.Workspace, c), del.ID); ok || err != nil {
			t.Errorf("hiding it again: %v, %v", ok, err)
		}
	}
}

// A memory that slips in before its conversation is hidden is part of it; one
// that comes later is refused.
func TestDeleteAgainstMemories(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("Talk")
	raced := false
	w.Use(&conversationtest.Before{Store: w.Bare, Do: func(ops []table.Op) {
		if !raced && len(ops) > 4 && strings.Contains(ops[0].Key.PK, "#order") {
			raced = true
			w.Use(w.Bare)
			w.Add(c, "slipped in", "A")
		}
	}})
	_, err := w.Conversations.Delete(t.Context(), w.P, c)
	w.OK(err)
	if !raced {
		t.Fatal("nothing raced")
	}
	_, err = w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: "late"}, nil)
	w.Kind(err, errs.NotFound)
	w.TopicCounts()
	w.Work()
	if w.Count() != 0 || len(w.Where("slipped")) > 0 {
		t.Errorf("%d memories are left: %v", w.Count(), w.Where("slipped"))
	}
}

// The words of a single deleted memory leave the index also when its job was
// lost.
func TestDeletedMemoryLeavesIndex(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("Talk")
	m := w.Add(c, conversationtest.Marker, conversationtest.Marker)
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	w.Lose(queue.Purge)
	w.Advance(2 * time.Minute)
	w.Work()
	if found := w.Where(conversationtest.Marker); len(found) > 0 {
		t.Errorf("the conversationtest.Marker is still in %v", found)
	}
	if found := w.Where("due#"); len(found) > 0 {
		t.Errorf("due rows are left: %v", found)
	}
}
