package worker_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/audit/audittest"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
)

// What somebody deletes is an event, once, with ids and nothing that was said.
func TestAuditOfDeletions(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(interview))
	w.settle()
	s = w.get(s.ID)
	talk, err := w.talks.Create(t.Context(), w.caller, conversation.CreateInput{Title: "About Mia"}, nil)
	ok(t, err)
	var memories []string
	for range 3 {
		made, err := w.memories.Create(t.Context(), w.caller, memory.Input{Conversation: talk.ID, Content: "Mia said so."}, nil)
		ok(t, err)
		memories = append(memories, made.Memory.ID)
	}
	events := audittest.Capture(t)
	want := func(action, target string, details map[string]any) {
		t.Helper()
		w := map[string]any{"action": action, "outcome": "done", "workspace": w.caller.Workspace, "actor": "k", "target": target}
		for name, v := range details {
			w[name] = v
		}
		got := events.Take()
		if len(got) != 1 {
			t.Fatalf("%s: %v", action, got)
		}
		if diff := cmp.Diff(w, got[0]); diff != "" {
			t.Error(diff)
		}
	}
	in := map[string]any{"conversation": talk.ID}
	for range 2 { // the second removes nothing
		ok(t, w.memories.Delete(t.Context(), w.caller, memories[0]))
	}
	want("memory.deleted", memories[0], in)
	_, err = w.memories.DeleteMany(t.Context(), w.caller, []string{memories[0], memories[1]})
	ok(t, err)
	want("memory.deleted", memories[1], in)

	receipt, err := w.talks.Delete(t.Context(), w.caller, talk.ID)
	ok(t, err)
	want("conversation.deleted", talk.ID, map[string]any{"deletion": receipt.ID})
	_, err = w.talks.Delete(t.Context(), w.caller, talk.ID)
	if err == nil || len(events.Take()) != 0 {
		t.Errorf("again: %v", err)
	}

	receipt, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	want("session.deleted", s.ID, map[string]any{"deletion": receipt.ID, "conversation": s.Conversation})
	w.settle()
	if got := events.Take(); len(got) != 0 {
		t.Errorf("the purges: %v", got)
	}
}
