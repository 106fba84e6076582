package worker_test

import (
	"strings"
	"testing"

	"griot/internal/conversation"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/table"
)

// checkBridged checks that a session is the one conversation of its
// workspace, with every text once and in order.
func checkBridged(w *world, s session.Session, texts ...string) {
	w.t.Helper()
	page, err := w.talks.List(w.t.Context(), w.caller, conversation.ListInput{Limit: 50})
	ok(w.t, err)
	if len(page.Conversations) != 1 || page.Total != 1 || page.Conversations[0].ID != s.Conversation || page.Conversations[0].SourceSession != s.ID {
		w.t.Fatalf("conversations %+v of the session's %q", page, s.Conversation)
	}
	timeline, err := w.talks.Timeline(w.t.Context(), w.caller, s.Conversation, 0, 0)
	ok(w.t, err)
	var said strings.Builder
	n := int64(0)
	for m, err := range timeline.Memories {
		ok(w.t, err)
		said.WriteString(m.Content)
		n++
	}
	rest := said.String()
	for _, text := range texts {
		before, after, found := strings.Cut(rest, text)
		if !found || strings.Contains(before, text) || strings.Contains(after, text) {
			w.t.Errorf("%q is not once and in order in %q", text, said.String())
		}
		rest = after
	}
	if n != timeline.Count {
		w.t.Errorf("%d memories, counted as %d", n, timeline.Count)
	}
}

// A session takes its conversation with it, whatever fails, and one receipt
// has both.
func TestDeletionOfBothSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		id := createOnce(w, live)
		w.insist(func() error { return say(w, id, 0, "one") })
		w.insist(func() error {
			_, err := w.sessions.Complete(w.t.Context(), w.caller, id, nil)
			return err
		})
		w.settle()
		s := w.get(id)
		w.insist(func() error {
			_, err := w.sessions.Delete(w.t.Context(), w.caller, id)
			if errs.Is(err, errs.NotFound) {
				err = nil // deleted by an attempt whose answer was lost
			}
			return err
		})
		w.settle()
		w.faults.Heal()
		if _, err := w.talks.Get(w.t.Context(), w.caller, s.Conversation); !errs.Is(err, errs.NotFound) {
			w.t.Errorf("the conversation: %v", err)
		}
		receipts, err := w.table.Query(w.t.Context(), table.Query{
			Table: table.Sessions, PK: w.caller.Workspace + "#deletions", Consistency: table.Consistent,
		})
		ok(w.t, err)
		if len(receipts.Items) != 1 {
			w.t.Fatalf("%d receipts", len(receipts.Items))
		}
		// The conversation itself and its memory were in the index; an attempt
		// at extraction that failed left objects of its own.
		if r := receipts.Items[0]; r.Str("status") != deletion.Done || r.Int(deletion.IndexEntries) != 2 || r.Int(deletion.Objects) < 2 {
			w.t.Errorf("receipt = %v", r.Attrs)
		}
		if n := dueRows(w); n != 0 {
			w.t.Errorf("%d due rows are left", n)
		}
	})
}

// Whose body says nothing is dropped, not tried for ever.
func TestJobsThatAreNone(t *testing.T) {
	w := newWorld(t)
	for name, handle := range w.workers {
		ok(t, w.queues[name].Send(t.Context(), queue.Outgoing{Body: []byte("not a job")}))
		if !w.step(name, handle) {
			t.Errorf("%s has no job", name)
		}
		depth, err := w.queues[name].Depth(t.Context())
		if ok(t, err); depth != (queue.Depth{}) {
			t.Errorf("%s: %+v", name, depth)
		}
	}
}
