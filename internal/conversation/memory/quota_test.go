package memory_test

import (
	"testing"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/table"
)

func (w *world) limitTopics(limit int64) {
	w.T.Helper()
	w.OK(w.Quotas().Set(w.T.Context(), w.P.Workspace, quota.Topics, &limit))
}

func TestTopicsOfAWorkspace(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("c")
	w.limitTopics(3)
	first := w.Add(c, "one", "A", "B")
	w.Add(c, "two", "C")
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	w.Noted()

	remember := func(topics ...string) error {
		_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: "x", Topics: topics}, nil)
		return err
	}
	change := func(topics ...string) error {
		_, err := w.Memories.Update(t.Context(), w.P, first.ID, memory.Change{Topics: &topics})
		return err
	}
	for _, err := range []error{remember("A", "D"), change("A", "B", "D")} {
		if !errs.Is(err, errs.QuotaExceeded) || !quota.Over(err, quota.Topics) {
			t.Errorf("a fourth topic: %v", err)
		}
	}
	w.OK(remember("a", "C"))
	w.OK(remember())
	w.OK(change("A", "C")) // B goes
	w.Work()
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	w.Noted()
	w.OK(remember("D"))
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	w.Noted()
	if err := remember("E"); !quota.Over(err, quota.Topics) {
		t.Errorf("a fourth topic: %v", err)
	}
	w.limitTopics(0)
	w.OK(change("A"))
	_, err := w.Conversations.Delete(t.Context(), w.P, c)
	w.OK(err)
	w.Work()
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	w.Noted()
}

// Topics of a version that did not note them are counted by the next fold.
func TestTopicsOfBefore(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("c")
	w.Add(c, "one", "A", "B")
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	_, err := w.Bare.Write(t.Context(), table.Delete(quota.Noted(w.P.Workspace, quota.Named), table.Exists()))
	w.OK(err)
	w.Add(c, "two", "B", "C")
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	w.Noted()
}
