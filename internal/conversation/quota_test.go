package conversation_test

import (
	"testing"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/table"
)

func (w *world) quotas() quota.Book { return quota.Book{Table: w.bare, Now: w.clock.Now} }

// noted checks that as many topics count as there are, when all is folded.
func (w *world) noted() {
	w.t.Helper()
	page, err := w.topicLists.List(w.t.Context(), w.p, topic.ListInput{Limit: 1})
	w.ok(err)
	state, err := w.quotas().Read(w.t.Context(), w.p.Workspace)
	w.ok(err)
	if got := state.Used(quota.Topics); got != int64(page.Total) {
		w.t.Errorf("%d topics count, there are %d", got, page.Total)
	}
}

func (w *world) limitTopics(limit int64) {
	w.t.Helper()
	w.ok(w.quotas().Set(w.t.Context(), w.p.Workspace, quota.Topics, &limit))
}

func TestTopicsOfAWorkspace(t *testing.T) {
	w := newWorld(t)
	c := w.create("c")
	w.limitTopics(3)
	first := w.add(c, "one", "A", "B")
	w.add(c, "two", "C")
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	w.noted()

	remember := func(topics ...string) error {
		_, err := w.memories.Create(t.Context(), w.p, memory.Input{Conversation: c, Content: "x", Topics: topics}, nil)
		return err
	}
	change := func(topics ...string) error {
		_, err := w.memories.Update(t.Context(), w.p, first.ID, memory.Change{Topics: &topics})
		return err
	}
	for _, err := range []error{remember("A", "D"), change("A", "B", "D")} {
		if !errs.Is(err, errs.QuotaExceeded) || !quota.Over(err, quota.Topics) {
			t.Errorf("a fourth topic: %v", err)
		}
	}
	w.ok(remember("a", "C"))
	w.ok(remember())
	w.ok(change("A", "C")) // B goes
	w.work()
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	w.noted()
	w.ok(remember("D"))
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	w.noted()
	if err := remember("E"); !quota.Over(err, quota.Topics) {
		t.Errorf("a fourth topic: %v", err)
	}
	w.limitTopics(0)
	w.ok(change("A"))
	_, err := w.Delete(t.Context(), w.p, c)
	w.ok(err)
	w.work()
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	w.noted()
}

// Topics of a version that did not note them are counted by the next fold.
func TestTopicsOfBefore(t *testing.T) {
	w := newWorld(t)
	c := w.create("c")
	w.add(c, "one", "A", "B")
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	_, err := w.bare.Write(t.Context(), table.Delete(quota.Noted(w.p.Workspace, quota.Named), table.Exists()))
	w.ok(err)
	w.add(c, "two", "B", "C")
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	w.noted()
}
