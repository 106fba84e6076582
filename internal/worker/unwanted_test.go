package worker_test

import (
	"strings"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/extraction"
	"griot/internal/llm"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/task"
)

// Of a session that is deleted while a model reads it nothing stays behind, its
// receipt stays as it was, and no more of it is shown to the model.
func TestDeletedWhileTheModelReads(t *testing.T) {
	for name, test := range map[string]struct {
		file  string
		again bool
		at    int // the request during which it is deleted
		most  int // requests
	}{
		"a short one":       {fewLines, false, 1, 1},
		"a short one again": {fewLines, true, 1, 1},
		"a long one":        {manyLines(2000), false, 1, 1},
		"amid a long one":   {manyLines(2000), false, 3, 6}, // those under way are answered
		"a long one again":  {manyLines(2000), true, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := createUpload(w, w.upload(test.file))
			for w.step(queue.Ingest, w.workers[queue.Ingest]) {
			}
			if test.again {
				w.settle()
				w.again(s.ID, "model")
			}
			var done lifecycle.Deletion
			m := &fakeModel{answer: func(n int, _ llm.Request) (string, error) {
				if n == test.at {
					done = w.deleted(s.ID)
				}
				return findsReport, nil
			}}
			w.ask(m)
			for range 2 { // it is no failure, which would be another receive
				w.step(queue.Extract, w.workers[queue.Extract])
			}
			if d, err := w.queues[queue.Extract].Depth(t.Context()); err != nil || d != (queue.Depth{}) {
				t.Errorf("jobs: %+v, %v", d, err)
			}
			if m.asked < test.at || m.asked > test.most {
				t.Errorf("asked %d times", m.asked)
			}
			if left := w.objects(s); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			w.settle()
			now, err := w.sessions.GetDeletion(t.Context(), w.caller, done.ID)
			ok(t, err)
			if done.Status != "done" || now != done {
				t.Errorf("the receipt said %+v, and says %+v", done, now)
			}
		})
	}
}

// deleted deletes a session, and returns the receipt when all of it is gone.
func (w *world) deleted(id string) lifecycle.Deletion {
	w.t.Helper()
	d, err := w.sessions.Delete(w.t.Context(), w.caller, id)
	ok(w.t, err)
	for w.step(queue.Purge, w.workers[queue.Purge]) {
	}
	d, err = w.sessions.GetDeletion(w.t.Context(), w.caller, d.ID)
	ok(w.t, err)
	return d
}

// What a job left that died after its session's deletion was done goes when it
// is delivered again; before, it is the deletion's to remove and to count.
func TestLeftByAJobThatDied(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(fewLines))
	w.drain()
	late := task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()
	leave := func() {
		_, err := w.blobs.Put(t.Context(), "sessions/"+w.caller.Workspace+"/"+s.ID+"/notes/left", strings.NewReader("I post it"), -1, blob.Put{})
		ok(t, err)
	}
	leave()
	before := len(w.objects(s))
	d, err := w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	ok(t, w.workers[queue.Extract](t.Context(), late))
	if n := len(w.objects(s)); n != before {
		t.Errorf("%d of %d objects are there before the deletion was carried out", n, before)
	}
	w.settle()
	d, err = w.sessions.GetDeletion(t.Context(), w.caller, d.ID)
	if ok(t, err); d.Objects != int64(before)+1 { // and the file
		t.Errorf("%d objects, receipt %+v", before, d)
	}
	leave()
	ok(t, w.workers[queue.Extract](t.Context(), late))
	if left := w.objects(s); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// A model is asked no further for an extraction that was cancelled, or that
// another one has taken the place of.
func TestUnwantedWhileTheModelReads(t *testing.T) {
	for name, test := range map[string]struct {
		again bool
		stop  func(w *world, id string) error
		is    session.Status
		by    string
	}{
		"cancelled": {false, func(w *world, id string) error {
			_, err := w.sessions.Cancel(w.t.Context(), w.caller, id, nil)
			return err
		}, session.Cancelled, ""},
		"asked of another": {true, func(w *world, id string) error {
			w.again(id, "rules")
			return nil
		}, session.Completed, "speakers"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := createUpload(w, w.upload(manyLines(2000)))
			for w.step(queue.Ingest, w.workers[queue.Ingest]) {
			}
			if test.again {
				w.settle()
				w.again(s.ID, "model")
			}
			m := &fakeModel{answer: func(int, llm.Request) (string, error) {
				ok(t, test.stop(w, s.ID))
				return findsReport, nil
			}}
			w.ask(m)
			w.drain()
			res := w.result(s.ID)
			if got := w.get(s.ID).Status; got != test.is || m.asked != 1 || test.by != "" && (res.Extractor.Name != test.by || res.Status != "ready") {
				t.Errorf("asked %d times, the session is %v: %+v", m.asked, got, res.Extractor)
			}
		})
	}
}

// Where a process is the only one, a lease that another has is of one that died:
// what it was reading is read at once.
func TestLeasesOfAProcessThatDied(t *testing.T) {
	for name, test := range map[string]struct {
		before, now string
		free        bool
	}{
		"one of several":    {"", "", false},
		"the same":          {"a", "a", false},
		"one before":        {"a", "b", true},
		"one of an old one": {"", "b", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := createUpload(w, w.upload(fewLines))
			for w.step(queue.Ingest, w.workers[queue.Ingest]) {
			}
			w.sessions.Sessions.Process = test.before
			died, err := w.sessions.Results.Lease(t.Context(), w.get(s.ID), 15*time.Minute)
			ok(t, err)
			w.sessions.Sessions.Process = test.now
			lease, err := w.sessions.Results.Lease(t.Context(), w.get(s.ID), 15*time.Minute)
			if ok(t, err); (lease != nil) != test.free {
				t.Fatalf("lease %v", lease)
			}
			if lease == nil {
				return
			}
			twin, err := w.sessions.Results.Lease(t.Context(), w.get(s.ID), 15*time.Minute)
			if ok(t, err); twin != nil {
				t.Error("two have it")
			}
			ok(t, died.End(t.Context()))
			ok(t, lease.End(t.Context()))
			if twin, err = w.sessions.Results.Lease(t.Context(), w.get(s.ID), 15*time.Minute); err != nil || twin == nil {
				t.Errorf("when it has ended: %v, %v", twin, err)
			}
		})
	}
}

// While a model is waited for, the result from before says so, until it is not
// waited for any more.
func TestExtractAgainWaits(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.drain()
	away := true
	w.ask(&fakeModel{answer: func(int, llm.Request) (string, error) {
		if away {
			return "", llm.Fail(llm.Unavailable, "overloaded")
		}
		return findsReport, nil
	}})
	w.again(s.ID, "model")
	if res := w.result(s.ID); warnings(res) != "model_not_configured" {
		t.Errorf("asked for: %+v", res)
	}
	w.drain()
	for _, res := range []extraction.Result{w.result(s.ID), w.again(s.ID, "model")} {
		if res.Status != "pending" || res.Extractor.Name != "speakers" || warnings(res) != "model_not_configured model_awaited" {
			t.Errorf("waits: %+v", res)
		}
	}
	if res := w.again(s.ID, "rules"); warnings(res) != "model_not_configured" {
		t.Errorf("asked of the rules: %+v", res)
	}
	w.drain()
	if res := w.result(s.ID); res.Status != "ready" || warnings(res) != "" {
		t.Errorf("by the rules: %+v", res)
	}
	w.again(s.ID, "model")
	w.drain()
	away = false
	w.settle()
	if res := w.result(s.ID); res.Status != "ready" || res.Extractor.Name != "model" || warnings(res) != "" {
		t.Errorf("by the model: %+v", res)
	}
}
