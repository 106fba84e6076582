package conversation_test

import (
	"fmt"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/upkeep"
	"griot/internal/errs"
)

func TestSealAgainstDelete(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range fence.Size + 1 {
		ids = append(ids, w.Talk(fmt.Sprint(i)))
	}
	w.Advance(time.Hour)
	service := *w.Conversations // tidies on what the race saw of the store
	w.Race("#fences", func() {
		_, err := w.Conversations.Delete(t.Context(), w.P, ids[5])
		w.OK(err)
	})
	service.Table = w.Conversations.Table
	w.OK((&upkeep.Service{Conversations: &service}).Tidy(t.Context(), w.P.Workspace))
	list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1000})
	if w.OK(err); list.Total != fence.Size || len(list.Conversations) != fence.Size {
		t.Errorf("%d of %d conversations", len(list.Conversations), list.Total)
	}
}

func TestDeleteAgainstSeal(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range fence.Size {
		ids = append(ids, w.Talk(fmt.Sprint(i)))
	}
	w.Advance(time.Hour)
	w.Race("#hidden", func() { w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace)) })
	_, err := w.Conversations.Delete(t.Context(), w.P, ids[5])
	w.OK(err)
	list, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1000})
	if w.OK(err); list.Total != fence.Size-1 || len(list.Conversations) != fence.Size-1 {
		t.Errorf("%d of %d conversations", len(list.Conversations), list.Total)
	}
}

func TestDeleteAgainstUpdate(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", "x", "A")
	w.Race("#hidden", func() {
		_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Topics: &[]string{"B", "C"}})
		w.OK(err)
	})
	_, err := w.Conversations.Delete(t.Context(), w.P, m.Conversation)
	w.OK(err)
	w.TopicCounts()
	w.Work()
	w.TopicCounts()
}

func TestUpdateAgainstDelete(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", "x", "A")
	w.Race("#mems", func() {
		_, err := w.Conversations.Delete(t.Context(), w.P, m.Conversation)
		w.OK(err)
	})
	_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Topics: &[]string{"B"}})
	w.Kind(err, errs.NotFound)
	w.TopicCounts()
	w.Work()
	w.TopicCounts()
}

func TestForgetAgainstUpdate(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", "x", "A")
	w.Race("#mems", func() {
		_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Topics: &[]string{"B"}})
		w.OK(err)
	})
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	w.TopicCounts()
	w.Sound()
}

func TestFoldAgainstFold(t *testing.T) {
	w := newWorld(t)
	for round := range 2 { // the first fold there is, and a later one
		w.Add("NEW", "x", "A")
		service := *w.Conversations
		w.Race("#deltas", func() {
			w.Add("NEW", "y", "A")
			w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
		})
		service.Table = w.Conversations.Table
		w.OK((&upkeep.Service{Conversations: &service}).Tidy(t.Context(), w.P.Workspace))
		w.TopicCounts(fmt.Sprint("A ", 2*round+2))
	}
}

// Two first memories of a client's session go to one conversation.
func TestClientSessionAgainstItself(t *testing.T) {
	w := newWorld(t)
	in := memory.Input{Content: "x", ClaudeSession: "s"}
	var first memory.Created
	w.Race("#claude", func() {
		var err error
		first, err = w.Memories.Create(t.Context(), w.P, in, nil)
		w.OK(err)
	})
	second, err := w.Memories.Create(t.Context(), w.P, in, nil)
	if w.OK(err); second.Memory.Conversation != first.Memory.Conversation || second.SessionCreated {
		t.Errorf("%+v after %+v", second, first)
	}
	w.Sound()
}
