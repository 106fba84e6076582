package conversation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/table/tabletest"
)

func TestByTopic(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 80 { // more than one BatchGet
		c := w.create(fmt.Sprint(i))
		w.add(c, "x", "Größe", "Other")
		want = append([]string{c}, want...)
	}
	w.add("NEW", "x", "Other")
	topicID := topic.ID(w.p.Workspace, "Größe")
	byTopic := func(name string, limit int) []string {
		t.Helper()
		found, err := w.ByTopic(t.Context(), w.p, conversation.TopicInput{Topic: name, Limit: limit})
		w.ok(err)
		var ids []string
		for _, c := range found {
			ids = append(ids, c.ID)
		}
		return ids
	}
	for _, name := range []string{"Größe", " GRÖSSE ", "gro\u0308ße", topicID, strings.ToUpper(topicID)} {
		if got := byTopic(name, 1000); !slices.Equal(got, want) {
			t.Errorf("by %q: %d conversations", name, len(got))
		}
	}
	if got := byTopic("größe", 7); !slices.Equal(got, want[:7]) {
		t.Errorf("limited: %q", got)
	}
	if got := byTopic("unknown", 10); got != nil {
		t.Errorf("unknown: %q", got)
	}
	// A topic that no memory of a conversation has any more, and one that is
	// named like an id.
	tl, err := w.memories.Timeline(t.Context(), w.p, want[3], 0, 0)
	w.ok(err)
	for m := range tl.Memories {
		w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
	}
	if got := byTopic("größe", 1000); len(got) != 79 || slices.Contains(got, want[3]) {
		t.Errorf("after a deletion: %d conversations", len(got))
	}
	w.add(want[0], "x", "0b7e0a2e-0000-4000-8000-000000000000")
	if got := byTopic("0B7E0A2E-0000-4000-8000-000000000000", 10); len(got) != 1 {
		t.Errorf("a topic named like an id: %q", got)
	}
	for _, in := range []conversation.TopicInput{{Limit: 1}, {Topic: "x"}, {Topic: "x", Limit: 1001}} {
		_, err := w.ByTopic(t.Context(), w.p, in)
		w.kind(err, errs.InvalidArgument)
	}
}

func TestTopicLists(t *testing.T) {
	w := newWorld(t)
	c := w.create("Talk")
	for i := range 12 {
		names := []string{"Every one"}
		for j := range i {
			names = append(names, fmt.Sprintf("t%02d", j))
		}
		w.add(c, "x", names...)
	}
	page, err := w.topicLists.List(t.Context(), w.p, topic.ListInput{Limit: 2, Offset: 1})
	if w.ok(err); page.Total != 12 || page.Topics[0].Name != "t00" || page.Topics[0].Memories != 11 || page.Topics[1].Name != "t01" {
		t.Errorf("most first: %+v", page)
	}
	page, err = w.topicLists.List(t.Context(), w.p, topic.ListInput{Limit: 1, Order: conversation.Ascending})
	if w.ok(err); page.Topics[0].Name != "t10" {
		t.Errorf("fewest first: %+v", page)
	}
	page, err = w.topicLists.List(t.Context(), w.p, topic.ListInput{Limit: 1, SortBy: topic.SortName, Order: conversation.Descending})
	if w.ok(err); page.Topics[0].Name != "t10" {
		t.Errorf("last name first: %+v", page)
	}
	found, err := w.topicLists.Search(t.Context(), w.p, topic.SearchInput{Query: "ONE ev", Limit: 10})
	if w.ok(err); found.Total != 1 || found.Topics[0].Name != "Every one" {
		t.Errorf("searched: %+v", found)
	}
	got, err := w.topicLists.Get(t.Context(), w.p, "every ONE")
	if w.ok(err); got.Memories != 12 || got.Name != "Every one" || got.CreatedAt.IsZero() {
		t.Errorf("by name: %+v", got)
	}
	byID, err := w.topicLists.Get(t.Context(), w.p, got.ID)
	if w.ok(err); byID != got {
		t.Errorf("by id: %+v", byID)
	}
	_, err = w.topicLists.Get(t.Context(), w.p, "none")
	w.kind(err, errs.NotFound)
	_, err = w.topicLists.List(t.Context(), w.p, topic.ListInput{Limit: 101})
	w.kind(err, errs.Malformed)
	_, err = w.topicLists.Search(t.Context(), w.p, topic.SearchInput{Query: " ", Limit: 10})
	w.kind(err, errs.InvalidArgument)
}

// Whatever is added, changed, deleted and folded, counts are what the
// memories say.
func TestTopicCountsAgainstModel(t *testing.T) {
	w := newWorld(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	memories := map[string][]string{} // id → topics
	where := map[string]string{}      // id → conversation
	var conversations []string
	for range 3 {
		conversations = append(conversations, w.create("c"))
	}
	pick := func() (names []string) {
		for range rnd.IntN(6) {
			names = append(names, fmt.Sprintf("t%02d", rnd.IntN(20)))
		}
		return topic.Distinct(names)
	}
	for step := range 400 {
		ids := slices.Sorted(func(yield func(string) bool) {
			for id := range memories {
				if !yield(id) {
					return
				}
			}
		})
		switch n := rnd.IntN(10); {
		case n < 5 || len(ids) == 0:
			m := w.add(conversations[rnd.IntN(len(conversations))], "x", pick()...)
			memories[m.ID], where[m.ID] = m.Topics, m.Conversation
		case n < 7:
			id, names := ids[rnd.IntN(len(ids))], pick()
			_, err := w.memories.Update(t.Context(), w.p, id, memory.Change{Topics: &names})
			w.ok(err)
			memories[id] = names
		case n < 8:
			id := ids[rnd.IntN(len(ids))]
			w.ok(w.memories.Delete(t.Context(), w.p, id))
			delete(memories, id)
		case n < 9 && step%7 == 0:
			i := rnd.IntN(len(conversations))
			_, err := w.Delete(t.Context(), w.p, conversations[i])
			w.ok(err)
			for id := range memories {
				if where[id] == conversations[i] {
					delete(memories, id)
				}
			}
			conversations[i] = w.create("c")
		default:
			w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
		}
		if step%25 == 0 {
			counts := map[string]int{}
			for _, names := range memories {
				for _, name := range names {
					counts[name]++
				}
			}
			var want []string
			for name, n := range counts {
				want = append(want, fmt.Sprint(name, " ", n))
			}
			slices.Sort(want)
			w.topics(want...)
		}
	}
}

func TestMergeTopics(t *testing.T) {
	w := newWorld(t)
	c, d := w.create("c"), w.create("d")
	w.add(c, "both", "Old", "New", "Z")
	w.add(c, "old", "Z", "OLD")
	w.add(d, "old too", "old")
	w.add(d, "none", "Z")
	got, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: "old", Target: topic.ID(w.p.Workspace, "New")}, w.claim("merge"))
	if w.ok(err); got.Name != "New" || got.Memories != 3 {
		t.Errorf("merged: %+v", got)
	}
	w.topics("New 3", "Z 3")
	tl, err := w.memories.Timeline(t.Context(), w.p, c, 0, 0)
	w.ok(err)
	var topics []string
	for m := range tl.Memories {
		topics = append(topics, strings.Join(m.Topics, ","))
	}
	if !slices.Equal(topics, []string{"New,Z", "Z,New"}) {
		t.Errorf("topics of the memories: %q", topics)
	}
	w.work()
	if found := append(w.where("merge_"), w.where("due#")...); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
	got, err = w.merges.Merge(t.Context(), w.p, merge.Input{Source: "old", Target: "New"}, nil)
	if w.ok(err); got.Name != "New" || got.Memories != 3 {
		t.Errorf("merged again: %+v", got)
	}
	for _, pair := range [][2]string{{"unknown", "New"}, {"New", "unknown"}} {
		_, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: pair[0], Target: pair[1]}, nil)
		w.kind(err, errs.NotFound)
	}
	_, err = w.merges.Merge(t.Context(), w.p, merge.Input{Source: "new", Target: "New"}, nil)
	w.kind(err, errs.InvalidArgument)
}

func TestMergeTopicsUnderFaults(t *testing.T) {
	tabletest.EachCrash(t, func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.create("c")
		for range 3 {
			w.add(c, "x", "Old")
		}
		w.add(c, "x", "New")
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		_, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: "Old", Target: "New"}, nil)
		faulty.Heal()
		if err != nil && !errors.Is(err, fault.ErrInjected) {
			t.Fatal(err)
		}
		begun := len(w.where("merge_")) > 0
		w.work()
		if begun || err == nil {
			w.topics("New 4")
		}
		if found := append(w.where("merge_"), w.where("due#")...); len(found) != 0 {
			t.Errorf("left: %v", found)
		}
	})
}
