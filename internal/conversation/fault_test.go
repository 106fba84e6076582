package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/memory"
	"griot/internal/fault"
	"griot/internal/queue"
	"griot/internal/table/tabletest"
	"griot/internal/task"
)

// tolerate fails the test on any error but an injected one.
func (w *world) tolerate(err error) {
	w.t.Helper()
	if err != nil && !errors.Is(err, fault.ErrInjected) {
		w.t.Fatal(err)
	}
}

// sound checks that everything that counts agrees with what is there.
func (w *world) sound() {
	w.t.Helper()
	ctx := w.t.Context()
	list, err := w.List(ctx, w.p, conversation.ListInput{Limit: 1000})
	w.ok(err)
	if list.Total != len(list.Conversations) {
		w.t.Errorf("%d conversations, %d counted", len(list.Conversations), list.Total)
	}
	topics := map[string]int{}
	memories := 0
	for _, c := range list.Conversations {
		tl, err := w.memories.Timeline(ctx, w.p, c.ID, 0, 0)
		w.ok(err)
		n := 0
		for m, err := range tl.Memories {
			w.ok(err)
			n++
			got, err := w.memories.Get(ctx, w.p, m.ID)
			if w.ok(err); got.Content != m.Content {
				w.t.Errorf("memory %s has two contents", m.ID)
			}
			for _, name := range m.Topics {
				topics[name]++
				found, err := w.ByTopic(ctx, w.p, conversation.TopicInput{Topic: name, Limit: 1000})
				if w.ok(err); !slices.ContainsFunc(found, func(o conversation.Conversation) bool { return o.ID == c.ID }) {
					w.t.Errorf("%s is not found by %s", c.ID, name)
				}
			}
			if !slices.Contains(w.search(strings.Fields(m.Content)[0]), c.ID) {
				w.t.Errorf("%q is not found", m.Content)
			}
		}
		if memories += n; c.Memories != int64(n) {
			w.t.Errorf("%s has %d memories, %d counted", c.ID, n, c.Memories)
		}
	}
	walked, err := w.memories.List(ctx, w.p, memory.ListInput{Limit: 100, SortBy: memory.SortUpdated})
	if w.ok(err); walked.Total != memories || w.count() != memories {
		w.t.Errorf("%d memories, %d in the list, %d counted", memories, walked.Total, w.count())
	}
	var want []string
	for name, n := range topics {
		want = append(want, fmt.Sprint(name, " ", n))
	}
	slices.Sort(want)
	w.topics(want...)
}

func TestCreateMemoryUnderFaults(t *testing.T) {
	for _, where := range []string{"NEW", "", "there"} {
		scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
			w := newWorld(t)
			there := w.create("there")
			w.add(there, "first", "A")
			if where == "" {
				w.clock.advance(2 * time.Hour)
			}
			faulty := tabletest.NewFaulty(w.bare)
			w.use(faulty)
			claim := w.claim("once")
			in := memory.Input{Conversation: where, Content: "second one", Topics: []string{"A", "B"}, Name: "the-name", ClaudeSession: "s"}
			if where == "there" {
				in.Conversation = there
			}
			arm(faulty)
			_, err := w.memories.Create(t.Context(), w.p, in, claim)
			faulty.Heal()
			w.tolerate(err)
			if err != nil { // the client repeats its request
				if _, known, err := claim.Lookup(t.Context(), w.bare); err != nil {
					t.Fatal(err)
				} else if !known {
					_, err := w.memories.Create(t.Context(), w.p, in, claim)
					w.ok(err)
				}
			}
			if w.count() != 2 {
				t.Errorf("%d memories", w.count())
			}
			w.sound()
		}
		tabletest.EachWrite(t, scenario)
		tabletest.EachCrash(t, scenario)
	}
}

func TestUpdateMemoryUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		m := w.add("NEW", "first", "A", "B")
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		content, name := "second", "the-name"
		change := memory.Change{Content: &content, Topics: &[]string{"B", "C"}, Name: &name}
		_, err := w.memories.Update(t.Context(), w.p, m.ID, change)
		faulty.Heal()
		w.tolerate(err)
		if err != nil {
			_, err := w.memories.Update(t.Context(), w.p, m.ID, change)
			w.ok(err)
		}
		w.sound()
		w.topics("B 1", "C 1")
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

func TestDeleteMemoryUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		m := w.add("NEW", "first "+marker, "A", "B")
		w.add(m.Conversation, "second", "B")
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		err := w.memories.Delete(t.Context(), w.p, m.ID)
		w.drainTolerantly()
		faulty.Heal()
		w.tolerate(err)
		w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
		w.sound()
		w.work()
		w.sound()
		w.topics("B 1")
		if found := w.where("due#"); len(found) > 0 {
			t.Errorf("left: %v", found)
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// drainTolerantly does the purge jobs once, whatever becomes of them.
func (w *world) drainTolerantly() {
	w.t.Helper()
	messages, err := w.Jobs["purge"].Receive(w.t.Context(), 10, 0)
	w.ok(err)
	for _, m := range messages {
		j, err := task.Decode(m.Body)
		w.ok(err)
		_ = w.do(queue.Purge, j)
		w.ok(w.Jobs["purge"].Ack(w.t.Context(), m))
	}
}

func TestTidyUnderFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		for i := range fence.Size + 4 {
			w.create(fmt.Sprint("c", i))
		}
		for i := range 70 { // more topics than one fold takes
			w.add("NEW", fmt.Sprint("m", i), fmt.Sprintf("t%02d", i), fmt.Sprintf("u%02d", i), "All")
		}
		w.clock.advance(time.Hour)
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		err := w.keeper.Tidy(t.Context(), w.p.Workspace)
		faulty.Heal()
		w.tolerate(err)
		list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 1000})
		w.ok(err)
		if list.Total != fence.Size+74 || len(list.Conversations) != list.Total {
			t.Errorf("%d of %d conversations", len(list.Conversations), list.Total)
		}
		want := []string{"All 70"}
		for _, prefix := range []string{"t", "u"} {
			for i := range 70 {
				want = append(want, fmt.Sprintf("%s%02d 1", prefix, i))
			}
		}
		w.topics(want...)
		if n := len(w.where("#fencesold#")); n != 1 {
			t.Errorf("%d fences", n)
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}
