package worker_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/table"
	"griot/internal/table/tabletest"
	"griot/internal/task"
)

// everyFailure runs a scenario with every single write failing: before and
// after it took effect, by conflict, by throttling, and as the death of the
// process.
func everyFailure(t *testing.T, scenario func(w *world)) {
	run := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		w.faults = tabletest.NewFaulty(w.table)
		w.table = w.faults
		w.assemble()
		arm(w.faults)
		scenario(w)
	}
	tabletest.EachWrite(t, run)
	tabletest.EachCrash(t, run)
}

// createOnce creates a session as a client does that repeats its request with
// the same Idempotency-Key until it has an answer.
func createOnce(w *world, in session.CreateInput) (id string) {
	w.t.Helper()
	w.insist(func() error {
		c := idempotency.New(idempotency.Request{
			Workspace: w.caller.Workspace, KeyID: "k", Method: "POST", Path: "/v1/sessions", Key: "once",
		}, w.clock(), func(result any) (idempotency.Answer, error) {
			body, err := json.Marshal(result.(session.Session).ID)
			return idempotency.Answer{Status: 201, Body: body}, err
		})
		answer, found, err := c.Lookup(w.t.Context(), w.table)
		if err != nil {
			return err
		}
		if !found {
			s, err := w.sessions.Create(w.t.Context(), w.caller, in, c)
			id = s.ID
			if taken, was, _ := c.Taken(err); was {
				answer, found, err = taken, true, nil
			}
			if err != nil || !found {
				return err
			}
		}
		return json.Unmarshal(answer.Body, &id)
	})
	return id
}

// checkSound checks what must hold of a workspace with one session, whatever
// failed: it is there once, ended as it should, with every text once and in
// order, and with exactly one due row.
func checkSound(w *world, id string, status session.Status, texts ...string) {
	w.t.Helper()
	w.faults.Heal()
	page, err := w.sessions.Sessions.List(w.t.Context(), w.caller, session.ListInput{Limit: 50})
	ok(w.t, err)
	if len(page.Sessions) != 1 || page.Sessions[0].ID != id {
		w.t.Fatalf("%d sessions, want one", len(page.Sessions))
	}
	s := w.get(id)
	if s.Status != status {
		w.t.Errorf("status = %s (%+v), want %s", s.Status, s.Failure, status)
	}
	if (s.Counts != nil) != (status == session.Completed) {
		w.t.Errorf("a session that is %s has the counts %v", s.Status, s.Counts)
	}
	var got []string
	for _, seg := range document(w, id).Segments {
		got = append(got, seg.Text)
	}
	if !slices.Equal(got, texts) {
		w.t.Errorf("segments = %q, want %q", got, texts)
	}
	if n := dueRows(w); n != 1 {
		w.t.Errorf("%d due rows, want one", n)
	}
	checkCounts(w)
	if status == session.Completed {
		checkBridged(w, s, texts...)
	}
}

// dueRows counts the due rows of sessions.
func dueRows(w *world) (n int) {
	w.t.Helper()
	for shard := range 16 {
		page, err := w.table.Query(w.t.Context(), table.Query{
			Table: table.Sessions, PK: fmt.Sprintf("due#%d", shard), Consistency: table.Consistent,
		})
		ok(w.t, err)
		for _, row := range page.Items {
			if strings.Contains(row.SK, "#"+id.Session) {
				n++
			}
		}
	}
	return n
}

var live = session.CreateInput{
	Template: "operational_workflow", Title: "Close", IntervieweeEmail: "ann@acme.com",
}

func TestLiveSessionSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		id := createOnce(w, live)
		w.insist(func() error { return say(w, id, 0, "one", "two") })
		w.insist(func() error { return say(w, id, 1, "two", "three") })
		w.insist(func() error { return say(w, id, 2, "three") })
		w.insist(func() error {
			_, err := w.sessions.Complete(w.t.Context(), w.caller, id, nil)
			return err
		})
		w.settle()
		checkSound(w, id, session.Completed, "one", "two", "three")
	})
}

func TestUploadSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		var url string
		w.insist(func() error {
			size := int64(len(interview))
			up, err := w.sessions.Uploads.CreateUpload(w.t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
			url = up.Request.URL
			return err
		})
		w.arrive(url, interview)
		in := live
		in.UploadURL = url
		id := createOnce(w, in)
		w.settle()
		checkSound(w, id, session.Completed, "First I pull the report.", "Then I post it — naïvely.")
	})
}

func TestCancelSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		id := createOnce(w, live)
		w.insist(func() error { return say(w, id, 0, "one") })
		w.insist(func() error {
			_, err := w.sessions.Complete(w.t.Context(), w.caller, id, nil)
			return err
		})
		w.insist(func() error {
			_, err := w.sessions.Cancel(w.t.Context(), w.caller, id, nil)
			return err
		})
		w.settle()
		checkSound(w, id, session.Cancelled, "one")
	})
}

func TestDeletionSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		id := createOnce(w, live)
		w.insist(func() error { return say(w, id, 0, strings.Fields(strings.Repeat("word ", 30))...) })
		w.insist(func() error {
			_, err := w.sessions.Delete(w.t.Context(), w.caller, id)
			if errs.Is(err, errs.NotFound) {
				err = nil // deleted by an attempt whose answer was lost
			}
			return err
		})
		w.settle()
		w.faults.Heal()
		receipts, err := w.table.Query(w.t.Context(), table.Query{
			Table: table.Sessions, PK: w.caller.Workspace + "#deletions", Consistency: table.Consistent,
		})
		ok(w.t, err)
		if len(receipts.Items) != 1 {
			w.t.Fatalf("%d receipts", len(receipts.Items))
		}
		// The list row, a run, a block for which the head has no room, the record and its pointer.
		if r := receipts.Items[0]; r.Str("status") != "done" || r.Int("table_items") != 5 {
			w.t.Errorf("receipt = %v", r.Attrs)
		}
		if n := dueRows(w); n != 0 {
			w.t.Errorf("%d due rows are left", n)
		}
		checkCounts(w)
	})
}

func TestExtractionTwiceCompletesOnce(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(interview))
	job := queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()}
	ok(t, w.queues[queue.Ingest].Send(t.Context(), job, job, job))
	ok(t, w.queues[queue.Extract].Send(t.Context(), job, job, job))
	w.drain()
	if got := w.get(s.ID); got.Status != session.Completed || got.LastSeq != 2 {
		t.Errorf("session = %+v", got)
	}
	objects, _, err := w.blobs.List(t.Context(), "sessions/", "")
	ok(t, err)
	if len(objects) != 2 {
		t.Errorf("%d result objects, want two", len(objects))
	}
}
