package worker_test

import (
	"strings"
	"testing"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
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
	timeline, err := w.memories.Timeline(w.t.Context(), w.caller, s.Conversation, 0, 0)
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

// bridgeAgain delivers jobs for a session that nobody needs.
func bridgeAgain(w *world, id string, times int) {
	w.t.Helper()
	job := queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: id}.Encode()}
	for range times {
		ok(w.t, w.queues[queue.Bridge].Send(w.t.Context(), job))
	}
	w.drain()
}

// A session becomes one conversation however often and whenever it is asked
// for: early, twice, late, and after either is deleted.
func TestBridgeJobsThatNobodyNeeds(t *testing.T) {
	w := newWorld(t)
	s := createLive(w)
	ok(t, say(w, s.ID, 0, "one", "two"))
	bridgeAgain(w, s.ID, 1)
	if got := w.get(s.ID).Conversation; got != "" {
		t.Fatalf("a session under way is conversation %s", got)
	}
	_, err := w.sessions.Complete(t.Context(), w.caller, s.ID, nil)
	ok(t, err)
	bridgeAgain(w, s.ID, 3)
	s = w.get(s.ID)
	checkBridged(w, s, "one", "two")
	w.settle()
	title := "Who said what"
	_, err = w.talks.Rename(t.Context(), w.caller, s.Conversation, conversation.Change{Title: &title})
	ok(t, err)
	bridgeAgain(w, s.ID, 1)
	checkBridged(w, s, "one", "two")
	if c, err := w.talks.Get(t.Context(), w.caller, s.Conversation); err != nil || c.Title != title {
		t.Errorf("renamed, it is %q, %v", c.Title, err)
	}
	_, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	bridgeAgain(w, s.ID, 1) // before its purge or after it
	w.settle()
	bridgeAgain(w, s.ID, 1)
	checkNone(w)
}

// A session that is deleted while it becomes a conversation takes with it
// what there is of that.
func TestDeletionWhileBridging(t *testing.T) {
	everyFailure(t, func(w *world) {
		id := createOnce(w, live)
		w.insist(func() error { return say(w, id, 0, "one", "two") })
		w.insist(func() error {
			_, err := w.sessions.Complete(w.t.Context(), w.caller, id, nil)
			return err
		})
		for w.step(queue.Extract, w.workers[queue.Extract]) {
		}
		w.step(queue.Bridge, w.workers[queue.Bridge]) // fails perhaps, halfway
		w.insist(func() error {
			_, err := w.sessions.Delete(w.t.Context(), w.caller, id)
			if errs.Is(err, errs.NotFound) {
				err = nil // deleted by an attempt whose answer was lost
			}
			return err
		})
		w.settle()
		w.faults.Heal()
		bridgeAgain(w, id, 1)
		checkNone(w)
	})
}

// A conversation that is deleted leaves its session, and does not come back.
func TestDeletionOfOnlyTheConversationSurvivesEveryFailure(t *testing.T) {
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
			_, err := w.talks.Delete(w.t.Context(), w.caller, s.Conversation)
			if errs.Is(err, errs.NotFound) {
				err = nil // as above
			}
			return err
		})
		w.settle()
		w.faults.Heal()
		bridgeAgain(w, id, 1)
		checkNone(w)
		if got := w.get(id); got.Status != session.Completed || got.Conversation != s.Conversation || len(document(w, id).Segments) != 1 {
			w.t.Errorf("session = %+v", got)
		}
	})
}

// checkNone checks that a workspace has no conversation and nothing of one,
// not counted, not in the index, not to be done.
func checkNone(w *world) {
	w.t.Helper()
	page, err := w.talks.List(w.t.Context(), w.caller, conversation.ListInput{Limit: 50})
	ok(w.t, err)
	memories, err := w.memories.List(w.t.Context(), w.caller, memory.ListInput{Limit: 50})
	ok(w.t, err)
	for m, err := range memories.Memories {
		w.t.Errorf("left is %s, %v", m.ID, err)
	}
	topics, err := w.topics.List(w.t.Context(), w.caller, topic.ListInput{Limit: 50})
	ok(w.t, err)
	if n := page.Total + memories.Total + topics.Total + len(page.Conversations); n > 0 {
		w.t.Errorf("left are %+v, %d memories, %+v", page, memories.Total, topics)
	}
	for _, rows := range []string{"#tail", "#hidden"} {
		left, err := w.table.Query(w.t.Context(), table.Query{
			Table: table.Conversations, PK: w.caller.Workspace + rows, Consistency: table.Consistent,
		})
		if ok(w.t, err); len(left.Items) > 0 {
			w.t.Errorf("rows are left: %v", left.Items)
		}
	}
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
