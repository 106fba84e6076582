package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/errs"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

func (w *world) merge(source, target string) {
	w.t.Helper()
	_, err := w.merges.Merge(w.t.Context(), w.p, merge.Input{Source: source, Target: target}, nil)
	w.ok(err)
}

// has checks how many conversations have a topic, by its name or id.
func (w *world) has(name string, want int) {
	w.t.Helper()
	found, err := w.ByTopic(w.t.Context(), w.p, conversation.TopicInput{Topic: name, Limit: 100})
	if w.ok(err); len(found) != want {
		w.t.Errorf("%d conversations have %q, want %d", len(found), name, want)
	}
}

func (w *world) topicOf(m memory.Memory) string {
	w.t.Helper()
	got, err := w.memories.Get(w.t.Context(), w.p, m.ID)
	w.ok(err)
	return strings.Join(got.Topics, ",")
}

// A name that was merged stays one of the topic's, whoever uses it and
// wherever.
func TestMergesStick(t *testing.T) {
	w := newWorld(t)
	w.add("NEW", "one", "k8s")
	two := w.add("NEW", "two", "Kubernetes")
	w.merge("k8s", "kubernetes")
	for _, names := range [][]string{{"K8s"}, {"other", "k8s", "kubernetes"}} {
		made, err := w.memories.Create(t.Context(), w.p, memory.Input{Conversation: "NEW", Content: "three", Topics: names}, nil)
		if w.ok(err); !slices.Contains(made.Memory.Topics, "Kubernetes") || slices.Contains(made.Memory.Topics, "k8s") {
			t.Errorf("%q: topics %q", names, made.Memory.Topics)
		}
	}
	changed, err := w.memories.Update(t.Context(), w.p, two.ID, memory.Change{Topics: &[]string{"k8s", "x"}})
	if w.ok(err); !slices.Equal(changed.Topics, []string{"Kubernetes", "x"}) {
		t.Errorf("changed: %q", changed.Topics)
	}
	w.topics("Kubernetes 4", "other 1", "x 1")
	oldID := topic.ID(w.p.Workspace, "k8s")
	for _, name := range []string{"k8s", "kubernetes", oldID, strings.ToUpper(oldID)} {
		w.has(name, 4)
		got, err := w.topicLists.Get(t.Context(), w.p, name)
		if w.ok(err); got.Name != "Kubernetes" || got.Memories != 4 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	list, err := w.memories.List(t.Context(), w.p, memory.ListInput{Limit: 10, Topics: []string{"K8S"}, ExcludeTopics: []string{"other"}})
	if w.ok(err); list.Total != 3 {
		t.Errorf("%d memories are listed", list.Total)
	}
	hits, err := w.searches.SearchMemories(t.Context(), w.p, find.MemoryQuery{Query: "three", Limit: 10, Topics: []string{"k8s"}})
	if w.ok(err); hits.Total != 2 {
		t.Errorf("%d memories are found", hits.Total)
	}
	found, err := w.searches.SearchConversations(t.Context(), w.p, find.ConversationQuery{Query: "three", Limit: 10, Topics: []string{"k8s"}})
	if w.ok(err); len(found) != 2 {
		t.Errorf("%d conversations are found", len(found))
	}
	w.sound()
	w.work()
	w.topics("Kubernetes 4", "other 1", "x 1")
	for _, left := range append(w.where("merge_"), w.where("due#")...) {
		t.Errorf("left: %s", left)
	}
}

func TestMergesOfMerged(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"A", "B", "C"} {
		w.add("NEW", "x", name)
	}
	w.merge("A", "B")
	w.merge("B", "C")
	m := w.add("NEW", "x", "a")
	w.topics("C 4")
	w.has("A", 4)
	// Merged into its own old name, a topic is called that again.
	w.merge("C", "a")
	w.topics("a 4")
	for _, name := range []string{"A", "B", "C"} {
		w.has(name, 4)
	}
	w.add("NEW", "x", "B", "C")
	w.topics("a 5")
	if got := w.topicOf(m); got != "a" {
		t.Errorf("topics of a memory: %s", got)
	}
	w.merge("b", "A") // as it is
	w.merge("C", topic.ID(w.p.Workspace, "b"))
	w.merge("a", topic.ID(w.p.Workspace, "b")) // whose name is not known
	w.topics("a 5")
	_, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: "a", Target: "A"}, nil)
	w.kind(err, errs.InvalidArgument)
	w.work()
	w.topics("a 5")
	w.sound()
}

// No name of a topic outlives its memories, merged or not: what was merged
// into it is a topic of its own again.
func TestMergesEndWithTheirMemories(t *testing.T) {
	for _, revived := range []bool{false, true} {
		w := newWorld(t)
		a, b := w.add("NEW", "x", "old"), w.add("NEW", "x", marker)
		_, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: "old", Target: marker}, w.claim("merge"))
		w.ok(err)
		w.work() // the merge ends
		w.ok(w.memories.Delete(t.Context(), w.p, a.ID))
		w.ok(w.memories.Delete(t.Context(), w.p, b.ID))
		w.has("old", 0)
		if revived {
			w.add("NEW", "x", marker)
			w.add("NEW", "x", "old")
			w.topics(marker + " 2")
			continue
		}
		w.add("NEW", "x", "old")
		w.topics("old 1")
		w.has("old", 1)
		w.work()
		for _, place := range w.where(marker) {
			t.Errorf("left is %s", place)
		}
		w.add("NEW", "x", marker)
		w.topics("old 1", marker+" 1")
		w.has("old", 1)
	}
}

// A stored answer to a merge has the name of its target, and goes with that.
func TestAnswerToMergeGoesWithItsTopic(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", "x", "old", marker)
	claim := w.claim("merge")
	_, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: "old", Target: marker}, claim)
	w.ok(err)
	w.work() // the source has no memories any more
	if _, found, err := claim.Lookup(t.Context(), w.bare); !found || err != nil {
		t.Errorf("no answer is stored: %v", err)
	}
	_, err = w.Delete(t.Context(), w.p, m.Conversation)
	w.ok(err)
	w.work()
	if _, found, err := claim.Lookup(t.Context(), w.bare); found || err != nil || len(w.where(marker)) > 0 {
		t.Errorf("an answer is stored: %v, %v", err, w.where(marker))
	}
}

func TestMergesUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		c := w.create("c")
		for range 3 {
			w.add(c, "x", "Old")
		}
		w.add(c, "x", "New")
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		merge := func() error {
			_, err := w.merges.Merge(t.Context(), w.p, merge.Input{Source: "Old", Target: "New"}, nil)
			return err
		}
		remember := func() error {
			_, err := w.memories.Create(t.Context(), w.p, memory.Input{Conversation: c, Content: "y", Name: "once", Topics: []string{"old"}}, nil)
			return err
		}
		err := merge()
		faulty.Heal()
		w.tolerate(err)
		arm(faulty)
		again := remember()
		faulty.Heal()
		w.tolerate(again)
		if err != nil {
			w.ok(merge())
		}
		if again != nil {
			if err := remember(); err != nil {
				w.kind(err, errs.Conflict) // it was there, and its answer was lost
			}
		}
		w.topics("New 5")
		w.work()
		w.topics("New 5")
		w.sound()
		if found := append(w.where("merge_"), w.where("due#")...); len(found) != 0 {
			t.Errorf("left: %v", found)
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// Whoever did not know of a merge when they began is found when it settles.
func TestMergeAgainstWriters(t *testing.T) {
	for name, write := range map[string]func(w *world, m memory.Memory){
		"a new memory": func(w *world, m memory.Memory) { w.add(m.Conversation, "x", "old") },
		"a changed one": func(w *world, m memory.Memory) {
			_, err := w.memories.Update(w.t.Context(), w.p, m.ID, memory.Change{Topics: &[]string{"old"}})
			w.ok(err)
		},
	} {
		w := newWorld(t)
		m := w.add("NEW", "x", "New")
		w.add("NEW", "x", "New", "Old")
		w.race("#mems", func() { w.merge("old", "new") })
		write(w, m)
		w.work()
		topics, err := w.topicLists.List(t.Context(), w.p, topic.ListInput{Limit: 10})
		if w.ok(err); topics.Total != 1 || topics.Topics[0].Name != "New" {
			t.Errorf("%s: %+v", name, topics.Topics)
		}
		w.has("old", 2)
		w.sound()
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
			w.add("NEW", "x", topics...)
		}
		w.race("#merges", func() { w.merge("A", "B") })
		w.merge(c.source, c.target)
		w.work()
		page, err := w.topicLists.List(t.Context(), w.p, topic.ListInput{Limit: 10})
		w.ok(err)
		name1, _, _ := strings.Cut(c.want, " ")
		if len(page.Topics) == 0 || page.Topics[0].Name != name1 {
			t.Errorf("%s: %+v", name, page.Topics)
		}
		w.has("A", int(page.Topics[0].Memories))
		w.sound()
	}
}

// Topics that were two when names folded less become one, and are counted
// rightly before that.
func TestTopicsOfEarlierNames(t *testing.T) {
	before := func(w *world, m memory.Memory) { // as it would have been written then
		ws := w.p.Workspace
		now, then := topic.Names(ws, m.Topics), topic.EarlierNames(ws, m.Topics)
		changes := topic.Changes(now, then)
		ops := append(topic.Links(ws, m.Conversation, changes), topic.Hints(ws, m.Conversation, changes)...)
		ops = append(ops, topic.Deltas(ws, m.CreatedAt, changes)...)
		update := table.Update(m.Rows(ws)[0], nil)
		update.Remove = []string{"fold"}
		ids := ""
		for _, t := range then {
			ids += t.ID
		}
		w.ok(w.bare.Transact(w.t.Context(), append(ops, update, table.Update(m.Rows(ws)[2], table.Attrs{"topics": ids}))))
	}
	setUp := func(t *testing.T) (*world, memory.Memory) {
		w := newWorld(t)
		before(w, w.add("NEW", "x", "Machine Learning"))
		m := w.add("NEW", "x", "machine  learning", "other")
		before(w, m)
		page, err := w.topicLists.List(t.Context(), w.p, topic.ListInput{Limit: 10})
		if w.ok(err); page.Total != 3 {
			t.Fatalf("topics of before: %+v", page.Topics)
		}
		w.has("Machine learning", 1)
		w.clock.advance(time.Second)
		return w, m
	}
	t.Run("merged", func(t *testing.T) {
		w, _ := setUp(t)
		w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
		for _, name := range []string{"machine  learning", "machine learning", topic.EarlierNames(w.p.Workspace, []string{"machine  learning"})[0].ID} {
			w.has(name, 2)
		}
		w.add("NEW", "x", "machine  learning")
		w.work()
		w.topics("Machine Learning 3", "other 1")
	})
	t.Run("deleted", func(t *testing.T) {
		w, m := setUp(t)
		w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
		w.topics("Machine Learning 1")
		w.sound()
	})
	t.Run("changed", func(t *testing.T) {
		w, m := setUp(t)
		content := "y"
		_, err := w.memories.Update(t.Context(), w.p, m.ID, memory.Change{Content: &content})
		w.ok(err)
		w.topics("Machine Learning 2", "other 1")
	})
	t.Run("hidden", func(t *testing.T) {
		w, m := setUp(t)
		_, err := w.Delete(t.Context(), w.p, m.Conversation)
		w.ok(err)
		w.work()
		w.topics("Machine Learning 1")
	})
}
