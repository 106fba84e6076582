package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/upkeep"
	"griot/internal/errs"
	"griot/internal/table"
)

// race does something on the bare store just before the first transaction
// that has an operation on a partition.
func (w *world) race(partition string, do func()) {
	done := false
	w.use(&before{Store: w.bare, do: func(ops []table.Op) {
		for _, op := range ops {
			if !done && strings.HasSuffix(op.Key.PK, partition) {
				done = true
				w.use(w.bare)
				do()
				return
			}
		}
	}})
	w.t.Cleanup(func() {
		if !done {
			w.t.Errorf("nothing raced on %s", partition)
		}
	})
}

func TestSealAgainstDelete(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range fence.Size + 1 {
		ids = append(ids, w.create(fmt.Sprint(i)))
	}
	w.clock.advance(time.Hour)
	service := *w.Service // tidies on what the race saw of the store
	w.race("#fences", func() {
		_, err := w.Delete(t.Context(), w.p, ids[5])
		w.ok(err)
	})
	service.Table = w.Service.Table
	w.ok((&upkeep.Service{Conversations: &service}).Tidy(t.Context(), w.p.Workspace))
	list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 1000})
	if w.ok(err); list.Total != fence.Size || len(list.Conversations) != fence.Size {
		t.Errorf("%d of %d conversations", len(list.Conversations), list.Total)
	}
}

func TestDeleteAgainstSeal(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range fence.Size {
		ids = append(ids, w.create(fmt.Sprint(i)))
	}
	w.clock.advance(time.Hour)
	w.race("#hidden", func() { w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace)) })
	_, err := w.Delete(t.Context(), w.p, ids[5])
	w.ok(err)
	list, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 1000})
	if w.ok(err); list.Total != fence.Size-1 || len(list.Conversations) != fence.Size-1 {
		t.Errorf("%d of %d conversations", len(list.Conversations), list.Total)
	}
}

func TestDeleteAgainstUpdate(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", "x", "A")
	w.race("#hidden", func() {
		_, err := w.memories.Update(t.Context(), w.p, m.ID, memory.Change{Topics: &[]string{"B", "C"}})
		w.ok(err)
	})
	_, err := w.Delete(t.Context(), w.p, m.Conversation)
	w.ok(err)
	w.topics()
	w.work()
	w.topics()
}

func TestUpdateAgainstDelete(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", "x", "A")
	w.race("#mems", func() {
		_, err := w.Delete(t.Context(), w.p, m.Conversation)
		w.ok(err)
	})
	_, err := w.memories.Update(t.Context(), w.p, m.ID, memory.Change{Topics: &[]string{"B"}})
	w.kind(err, errs.NotFound)
	w.topics()
	w.work()
	w.topics()
}

func TestForgetAgainstUpdate(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", "x", "A")
	w.race("#mems", func() {
		_, err := w.memories.Update(t.Context(), w.p, m.ID, memory.Change{Topics: &[]string{"B"}})
		w.ok(err)
	})
	w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
	w.topics()
	w.sound()
}

func TestFoldAgainstFold(t *testing.T) {
	w := newWorld(t)
	for round := range 2 { // the first fold there is, and a later one
		w.add("NEW", "x", "A")
		service := *w.Service
		w.race("#deltas", func() {
			w.add("NEW", "y", "A")
			w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
		})
		service.Table = w.Service.Table
		w.ok((&upkeep.Service{Conversations: &service}).Tidy(t.Context(), w.p.Workspace))
		w.topics(fmt.Sprint("A ", 2*round+2))
	}
}

// Two first memories of a client's session go to one conversation.
func TestClientSessionAgainstItself(t *testing.T) {
	w := newWorld(t)
	in := memory.Input{Content: "x", ClaudeSession: "s"}
	var first memory.Created
	w.race("#claude", func() {
		var err error
		first, err = w.memories.Create(t.Context(), w.p, in, nil)
		w.ok(err)
	})
	second, err := w.memories.Create(t.Context(), w.p, in, nil)
	if w.ok(err); second.Memory.Conversation != first.Memory.Conversation || second.SessionCreated {
		t.Errorf("%+v after %+v", second, first)
	}
	w.sound()
}
