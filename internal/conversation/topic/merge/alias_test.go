package merge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

func (w *world) merge(source, target string) {
	w.T.Helper()
	_, err := w.Merges.Merge(w.T.Context(), w.P, merge.Input{Source: source, Target: target}, nil)
	w.OK(err)
}

// has checks how many conversations have a topic, by its name or id.
func (w *world) has(name string, want int) {
	w.T.Helper()
	found, err := w.Conversations.ByTopic(w.T.Context(), w.P, conversation.TopicInput{Topic: name, Limit: 100})
	if w.OK(err); len(found) != want {
		w.T.Errorf("%d conversations have %q, want %d", len(found), name, want)
	}
}

func (w *world) topicOf(m memory.Memory) string {
	w.T.Helper()
	got, err := w.Memories.Get(w.T.Context(), w.P, m.ID)
	w.OK(err)
	return strings.Join(got.Topics, ",")
}

// A name that was merged stays one of the topic's, whoever uses it and
// wherever.
func TestMergesStick(t *testing.T) {
	w := newWorld(t)
	w.Add("NEW", "one", "k8s")
	two := w.Add("NEW", "two", "Kubernetes")
	w.merge("k8s", "kubernetes")
	for _, names := range [][]string{{"K8s"}, {"other", "k8s", "kubernetes"}} {
		made, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: "NEW", Content: "three", Topics: names}, nil)
		if w.OK(err); !slices.Contains(made.Memory.Topics, "Kubernetes") || slices.Contains(made.Memory.Topics, "k8s") {
			t.Errorf("%q: topics %q", names, made.Memory.Topics)
		}
	}
	changed, err := w.Memories.Update(t.Context(), w.P, two.ID, memory.Change{Topics: &[]string{"k8s", "x"}})
	if w.OK(err); !slices.Equal(changed.Topics, []string{"Kubernetes", "x"}) {
		t.Errorf("changed: %q", changed.Topics)
	}
	w.TopicCounts("Kubernetes 4", "other 1", "x 1")
	oldID := topic.ID(w.P.Workspace, "k8s")
	for _, name := range []string{"k8s", "kubernetes", oldID, strings.ToUpper(oldID)} {
		w.has(name, 4)
		got, err := w.Topics.Get(t.Context(), w.P, name)
		if w.OK(err); got.Name != "Kubernetes" || got.Memories != 4 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	list, err := w.Memories.List(t.Context(), w.P, memory.ListInput{Limit: 10, Topics: []string{"K8S"}, ExcludeTopics: []string{"other"}})
	if w.OK(err); list.Total != 3 {
		t.Errorf("%d memories are listed", list.Total)
	}
	hits, err := w.Searches.SearchMemories(t.Context(), w.P, find.MemoryQuery{Query: "three", Limit: 10, Topics: []string{"k8s"}})
	if w.OK(err); hits.Total != 2 {
		t.Errorf("%d memories are found", hits.Total)
	}
	found, err := w.Searches.SearchConversations(t.Context(), w.P, find.ConversationQuery{Query: "three", Limit: 10, Topics: []string{"k8s"}})
	if w.OK(err); len(found.Hits) != 2 {
		t.Errorf("%d conversations are found", len(found.Hits))
	}
	w.Sound()
	w.Work()
	w.TopicCounts("Kubernetes 4", "other 1", "x 1")
	for _, left := range append(w.Where("merge_"), w.Where("due#")...) {
		t.Errorf("left: %s", left)
	}
}

func TestMergesOfMerged(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"A", "B", "C"} {
		w.Add("NEW", "x", name)
	}
	w.merge("A", "B")
	w.merge("B", "C")
	m := w.Add("NEW", "x", "a")
	w.TopicCounts("C 4")
	w.has("A", 4)
	// Merged into its own old name, a topic is called that again.
	w.merge("C", "a")
	w.TopicCounts("a 4")
	for _, name := range []string{"A", "B", "C"} {
		w.has(name, 4)
	}
	w.Add("NEW", "x", "B", "C")
	w.TopicCounts("a 5")
	if got := w.topicOf(m); got != "a" {
		t.Errorf("topics of a memory: %s", got)
	}
	w.merge("b", "A") // as it is
	w.merge("C", topic.ID(w.P.Workspace, "b"))
	w.merge("a", topic.ID(w.P.Workspace, "b")) // whose name is not known
	w.TopicCounts("a 5")
	_, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "a", Target: "A"}, nil)
	w.Kind(err, errs.InvalidArgument)
	w.Work()
	w.TopicCounts("a 5")
	w.Sound()
}

// No name of a topic outlives its memories, merged or not: what was merged
// into it is a topic of its own again.
func TestMergesEndWithTheirMemories(t *testing.T) {
	for _, revived := range []bool{false, true} {
		w := newWorld(t)
		a, b := w.Add("NEW", "x", "old"), w.Add("NEW", "x", conversationtest.Marker)
		_, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "old", Target: conversationtest.Marker}, w.Claim("merge"))
		w.OK(err)
		w.Work() // the merge ends
		w.OK(w.Memories.Delete(t.Context(), w.P, a.ID))
		w.OK(w.Memories.Delete(t.Context(), w.P, b.ID))
		w.has("old", 0)
		if revived {
			w.Add("NEW", "x", conversationtest.Marker)
			w.Add("NEW", "x", "old")
			w.TopicCounts(conversationtest.Marker + " 2")
			continue
		}
		w.Add("NEW", "x", "old")
		w.TopicCounts("old 1")
		w.has("old", 1)
		w.Work()
		for _, place := range w.Where(conversationtest.Marker) {
			t.Errorf("left is %s", place)
		}
		w.Add("NEW", "x", conversationtest.Marker)
		w.TopicCounts("old 1", conversationtest.Marker+" 1")
		w.has("old", 1)
	}
}

// A stored answer to a merge has the name of its target, and goes with that.
func TestAnswerToMergeGoesWithItsTopic(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", "x", "old", conversationtest.Marker)
	claim := w.Claim("merge")
	_, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "old", Target: conversationtest.Marker}, claim)
	w.OK(err)
	w.Work() // the source has no memories any more
	if _, found, err := claim.Lookup(t.Context(), w.Bare); !found || err != nil {
		t.Errorf("no answer is stored: %v", err)
	}
	_, err = w.Conversations.Delete(t.Context(), w.P, m.Conversation)
	w.OK(err)
	w.Work()
	if _, found, err := claim.Lookup(t.Context(), w.Bare); found || err != nil || len(w.Where(conversationtest.Marker)) > 0 {
		t.Errorf("an answer is stored: %v, %v", err, w.Where(conversationtest.Marker))
	}
}

func TestMergesUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.Talk("c")
		for range 3 {
			w.Add(c, "x", "Old")
		}
		w.Add(c, "x", "New")
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		merge := func() error {
			_, err := w.Merges.Merge(t.Context(), w.P, merge.Input{Source: "Old", Target: "New"}, nil)
			return err
		}
		remember := func() error {
			_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: "y", Name: "once", Topics: []string{"old"}}, nil)
			return err
		}
		err := merge()
		faulty.Heal()
		w.Tolerate(err)
		arm(faulty)
		again := remember()
		faulty.Heal()
		w.Tolerate(again)
		if err != nil {
			w.OK(merge())
		}
		if again != nil {
			if err := remember(); err != nil {
				w.Kind(err, errs.Conflict) // it was there, and its answer was lost
			}
		}
		w.TopicCounts("New 5")
		w.Work()
		w.TopicCounts("New 5")
		w.Sound()
		if found := append(w.Where("merge_"), w.Where("due#")...); len(found) != 0 {
			t.Errorf("left: %v", found)
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// Whoever did not know of a merge when they began is found when it settles.
func TestMergeAgainstWriters(t *testing.T) {
	for name, write := range map[string]func(w *world, m memory.Memory){
		"a new memory": func(w *world, m memory.Memory) { w.Add(m.Conversation, "x", "old") },
		"a changed one": func(w *world, m memory.Memory) {
			_, err := w.Memories.Update(w.T.Context(), w.P, m.ID, memory.Change{Topics: &[]string{"old"}})
			w.OK(err)
		},
	} {
		w := newWorld(t)
		m := w.Add("NEW", "x", "New")
		w.Add("NEW", "x", "New", "Old")
		w.Race("#mems", func() { w.merge("old", "new") })
		write(w, m)
		w.Work()
		topics, err := w.Topics.List(t.Context(), w.P, topic.ListInput{Limit: 10})
		if w.OK(err); topics.Total != 1 || topics.Topics[0].Name != "New" {
			t.Errorf("%s: %+v", name, topics.Topics)
		}
		w.has("old", 2)
		w.Sound()
	}
}

// Of two merges that meet, one comes after the other, whatever they make of
// each other.
func TestMergeAgainstMerge(t *testing.T) {
	for name, c := range map[string]struct{ source, target, want string }{
		"the same":           {"A", "B", "B 3"},
		"the other way":      {"B", "A", "A 3"},
		"of its target":      {"B", "C", "C 4"},
		"into its source":    {"C", "A", "B 4"},
		"elsewhere":          {"A", "C", "C 4"},
		"of one beside them": {"C", "B", "B 4"},
	} {
		w := newWorld(t)
		for _, topics := range [][]string{{"A"}, {"B"}, {"A", "B"}, {"C"}} {
			w.Add("NEW", "x", topics...)
		}
		w.Race("#merges", func() { w.merge("A", "B") })
		w.merge(c.source, c.target)
		w.Work()
		page, err := w.Topics.List(t.Context(), w.P, topic.ListInput{Limit: 10})
		w.OK(err)
		name1, _, _ := strings.Cut(c.want, " ")
		if len(page.Topics) == 0 || page.Topics[0].Name != name1 {
			t.Errorf("%s: %+v", name, page.Topics)
		}
		w.has("A", int(page.Topics[0].Memories))
		w.Sound()
	}
}

// Topics that were two when names folded less become one, and are counted
// rightly before that.
func TestTopicsOfEarlierNames(t *testing.T) {
	before := func(w *world, m memory.Memory) { // as it would have been written then
		ws := w.P.Workspace
		now, then := topic.Names(ws, m.Topics), topic.EarlierNames(ws, m.Topics)
		changes := topic.Changes(now, then)
		ops := append(topic.Links(record.In(ws, m.Conversation), changes), topic.Hints(record.In(ws, m.Conversation), changes)...)
		ops = append(ops, topic.Deltas(ws, m.CreatedAt, changes)...)
		update := table.Update(m.Rows(ws)[0], nil)
		update.Remove = []string{"fold"}
		ids := ""
		for _, t := range then {
			ids += t.ID
		}
		w.OK(w.Bare.Transact(w.T.Context(), append(ops, update, table.Update(m.Rows(ws)[2], table.Attrs{"topics": ids}))))
	}
	setUp := func(t *testing.T) (*world, memory.Memory) {
		w := newWorld(t)
		before(w, w.Add("NEW", "x", "Machine Learning"))
		m := w.Add("NEW", "x", "machine  learning", "other")
		before(w, m)
		page, err := w.Topics.List(t.Context(), w.P, topic.ListInput{Limit: 10})
		if w.OK(err); page.Total != 3 {
			t.Fatalf("topics of before: %+v", page.Topics)
		}
		w.has("Machine learning", 1)
		w.Advance(time.Second)
		return w, m
	}
	t.Run("merged", func(t *testing.T) {
		w, _ := setUp(t)
		w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
		for _, name := range []string{"machine  learning", "machine learning", topic.EarlierNames(w.P.Workspace, []string{"machine  learning"})[0].ID} {
			w.has(name, 2)
		}
		w.Add("NEW", "x", "machine  learning")
		w.Work()
		w.TopicCounts("Machine Learning 3", "other 1")
	})
	t.Run("deleted", func(t *testing.T) {
		w, m := setUp(t)
		w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
		w.TopicCounts("Machine Learning 1")
		w.Sound()
	})
	t.Run("changed", func(t *testing.T) {
		w, m := setUp(t)
		content := "y"
		_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Content: &content})
		w.OK(err)
		w.TopicCounts("Machine Learning 2", "other 1")
	})
	t.Run("hidden", func(t *testing.T) {
		w, m := setUp(t)
		_, err := w.Conversations.Delete(t.Context(), w.P, m.Conversation)
		w.OK(err)
		w.Work()
		w.TopicCounts("Machine Learning 1")
	})
}
