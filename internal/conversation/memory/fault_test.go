package memory_test

import (
	"fmt"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/memory"
	"griot/internal/queue"
	"griot/internal/table/tabletest"
	"griot/internal/task"
)

func TestCreateMemoryUnderFaults(t *testing.T) {
	for _, where := range []string{"NEW", "", "there"} {
		scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
			w := newWorld(t)
			there := w.Talk("there")
			w.Add(there, "first", "A")
			if where == "" {
				w.Advance(2 * time.Hour)
			}
			faulty := tabletest.NewFaulty(w.Bare)
			w.Use(faulty)
			claim := w.Claim("once")
			in := memory.Input{Conversation: where, Content: "second one", Topics: []string{"A", "B"}, Name: "the-name", ClaudeSession: "s"}
			if where == "there" {
				in.Conversation = there
			}
			arm(faulty)
			_, err := w.Memories.Create(t.Context(), w.P, in, claim)
			faulty.Heal()
			w.Tolerate(err)
			if err != nil { // the client repeats its request
				if _, known, err := claim.Lookup(t.Context(), w.Bare); err != nil {
					t.Fatal(err)
				} else if !known {
					_, err := w.Memories.Create(t.Context(), w.P, in, claim)
					w.OK(err)
				}
			}
			if w.Count() != 2 {
				t.Errorf("%d memories", w.Count())
			}
			w.Sound()
		}
		tabletest.EachWrite(t, scenario)
		tabletest.EachCrash(t, scenario)
	}
}

func TestUpdateMemoryUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		m := w.Add("NEW", "first", "A", "B")
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		content, name := "second", "the-name"
		change := memory.Change{Content: &content, Topics: &[]string{"B", "C"}, Name: &name}
		_, err := w.Memories.Update(t.Context(), w.P, m.ID, change)
		faulty.Heal()
		w.Tolerate(err)
		if err != nil {
			_, err := w.Memories.Update(t.Context(), w.P, m.ID, change)
			w.OK(err)
		}
		w.Sound()
		w.TopicCounts("B 1", "C 1")
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

func TestDeleteMemoryUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		m := w.Add("NEW", "first "+conversationtest.Marker, "A", "B")
		w.Add(m.Conversation, "second", "B")
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		err := w.Memories.Delete(t.Context(), w.P, m.ID)
		w.drainTolerantly()
		faulty.Heal()
		w.Tolerate(err)
		w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
		w.Sound()
		w.Work()
		w.Sound()
		w.TopicCounts("B 1")
		if found := w.Where("due#"); len(found) > 0 {
			t.Errorf("left: %v", found)
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// drainTolerantly does the purge jobs once, whatever becomes of them.
func (w *world) drainTolerantly() {
	w.T.Helper()
	messages, err := w.Conversations.Jobs["purge"].Receive(w.T.Context(), 10, 0)
	w.OK(err)
	for _, m := range messages {
		j, err := task.Decode(m.Body)
		w.OK(err)
		_ = w.Do(queue.Purge, j)
		w.OK(w.Conversations.Jobs["purge"].Ack(w.T.Context(), m))
	}
}

func TestTidyUnderFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		for i := range fence.Size + 4 {
			w.Talk(fmt.Sprint("c", i))
		}
		for i := range 70 { // more topics than one fold takes
			w.Add("NEW", fmt.Sprint("m", i), fmt.Sprintf("t%02d", i), fmt.Sprintf("u%02d", i), "All")
		}
		w.Advance(time.Hour)
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		err := w.Upkeep.Tidy(t.Context(), w.P.Workspace)
		faulty.Heal()
		w.Tolerate(err)
		list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1000})
		w.OK(err)
		if list.Total != fence.Size+74 || len(list.Conversations) != list.Total {
			t.Errorf("%d of %d conversations", len(list.Conversations), list.Total)
		}
		want := []string{"All 70"}
		for _, prefix := range []string{"t", "u"} {
			for i := range 70 {
				want = append(want, fmt.Sprintf("%s%02d 1", prefix, i))
			}
		}
		w.TopicCounts(want...)
		if n := len(w.Where("#fencesold#")); n != 1 {
			t.Errorf("%d fences", n)
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}
