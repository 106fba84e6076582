package worker_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/transcriber"
)

// mend puts another answer in place of the one that is kept.
func (r *remote) mend(w *world, id, says string) {
	keys := left(w, id, "transcription/kept/")
	if len(keys) != 1 {
		w.t.Fatalf("kept: %v", keys)
	}
	_, err := r.blobs().Put(w.t.Context(), keys[0], strings.NewReader(says), int64(len(says)), blob.Put{})
	ok(w.t, err)
}

// Where the engine has answered, and its answer could not be read, a retry reads
// it again and pays nothing, whatever fails.
func TestAnsweredIsAnswered(t *testing.T) {
	everyFailure(t, func(w *world) {
		engine := w.hire()
		engine.says = `{"segments":[{"text":"half`
		w.allow(1)
		id := recordOnce(w)
		w.settle()
		w.faults.Heal()
		if got := w.get(id); got.Failure == nil || got.Failure.Code != session.TranscriberFailed {
			w.t.Fatalf("%+v", got)
		}
		w.insist(func() error { return w.retryOnce(id) })
		w.settle()
		if got := w.get(id); got.Failure == nil || got.Failure.Code != session.TranscriberFailed {
			w.t.Errorf("read again: %+v", got)
		}
		engine.mend(w, id, heard) // as if it could be read by now
		w.insist(func() error { return w.retryOnce(id) })
		w.settle()
		checkSound(w, id, session.Completed, words...)
		if engine.paid != 1 || engine.starts(2)+engine.starts(3) > 0 {
			w.t.Errorf("paid %d times, asked %+v", engine.paid, engine.asked)
		}
		w.checkTaken("by three attempts", 5)
	})
}

// retryOnce is the retry of a client that repeats its request.
func (w *world) retryOnce(id string) error {
	err := w.retry(id)
	if errs.Is(err, errs.Conflict) {
		return nil // an attempt whose answer was lost had its effect
	}
	return err
}

// starts is how often the engine was asked for an attempt.
func (r *remote) starts(attempt int64) (n int) {
	for _, rec := range r.asked {
		if rec.Attempt == attempt {
			n++
		}
	}
	return n
}

// Answers are kept as long as the file of a failed session is, and not for a
// cancelled one.
func TestAnswersAreKeptForARetry(t *testing.T) {
	w := newWorld(t)
	w.hire().says = `{"job":"7"}`
	s := createUpload(w, w.upload(wave))
	w.settle()
	if kept := left(w, s.ID, ""); len(kept) != 1 || !strings.Contains(kept[0], "/kept/") {
		t.Errorf("after the failure: %v", kept)
	}
	w.advance(8 * 24 * time.Hour)
	sweep(w)
	if kept := left(w, s.ID, ""); len(kept) > 0 {
		t.Errorf("without the file: %v", kept)
	}
	wantConflict(t, w.retry(s.ID))

	engine := w.hire()
	engine.looks = 1
	s = createUpload(w, w.upload(wave))
	for w.get(s.ID).Transcription == nil && w.step(queue.Ingest, w.workers[queue.Ingest]) {
	}
	engine.write(t.Context(), engine.asked[0])
	ok(t, w.cancel(s.ID))
	w.settle()
	if kept := left(w, s.ID, ""); len(kept) > 0 {
		t.Errorf("after a cancel: %v", kept)
	}
}

// Nothing that an engine has said is kept for a session that was cancelled as it
// was tried again, before anybody had read its file.
func TestCancelledBeforeTheSecondAttempt(t *testing.T) {
	w := newWorld(t)
	w.hire().says = `{"job":"7"}`
	s := createUpload(w, w.upload(wave))
	w.settle()
	ok(t, w.retry(s.ID))
	ok(t, w.cancel(s.ID))
	w.settle()
	if kept := left(w, s.ID, ""); len(kept) > 0 {
		t.Errorf("left: %v", kept)
	}
	if got := w.get(s.ID); got.Status != session.Cancelled || dueRows(w) != 1 {
		t.Errorf("%d due rows, %+v", dueRows(w), got)
	}
}

// A worker that was slow ends nothing but its own attempt: the session may have
// been tried again meanwhile.
func TestSlowTwinOfAnAttemptBefore(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	s := createUpload(w, w.upload(wave))
	w.drain()
	gaveUp := transcriber.Fail(transcriber.Failed, "It gave up.", nil)
	engine.fails = func(int) error {
		engine.fails = nil
		ok(t, w.sessions.Sessions.Fail(t.Context(), s.Ref(), session.Failure{Code: session.TranscriberFailed, Message: gaveUp.Message}))
		ok(t, w.retry(s.ID))
		w.drain()
		return gaveUp
	}
	w.wait(time.Hour, w.over(s.ID))
	if got := w.get(s.ID); got.Status != session.Completed || engine.starts(2) != 1 {
		t.Errorf("%v, %+v, the second attempt was started %d times", got.Status, got.Failure, engine.starts(2))
	}
}

// overdue is a session whose engine did not come to an end, and cannot be
// stopped.
func overdue(w *world, engine *remote) (id string) {
	engine.looks, engine.holds = 1<<30, true
	id = recordOnce(w)
	for range 20 { // past the half hour that a short recording has
		w.settle()
		if w.faults != nil {
			w.faults.Heal()
		}
		if w.get(id).Status == session.Failed {
			return id
		}
	}
	w.t.Fatalf("%+v", w.get(id))
	return ""
}

// A session can be tried again while the engine is still at the attempt before:
// that is stopped when it can be, and what it leaves is removed.
func TestRetryBesideABusyEngine(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	id := overdue(w, engine)
	first := "griot-" + id + "-1"
	if engine.jobs[first] == nil {
		t.Fatal("the engine has let go")
	}
	ok(t, w.retry(id))
	w.drain()
	engine.jobs["griot-"+id+"-2"].looks = 1 << 30 // this one is done at once
	w.wait(10*time.Minute, w.over(id))
	if got := w.get(id); got.Status != session.Completed || engine.jobs[first] == nil {
		t.Fatalf("%+v, %+v, the engine has %v", got, got.Failure, engine.jobs)
	}
	note := "sessions/" + w.caller.Workspace + "/" + id + "/transcription/1/job.json"
	_, err := w.blobs.Put(t.Context(), note, strings.NewReader("{}"), 2, blob.Put{})
	ok(t, err)
	w.settle()
	if engine.jobs[first] == nil || !slices.Contains(left(w, id, ""), note) {
		t.Error("the engine was stopped before it could be")
	}
	engine.looks = 0
	w.settle()
	if engine.jobs[first] != nil || slices.Contains(left(w, id, ""), note) {
		t.Errorf("left: %v, %v", engine.jobs, left(w, id, ""))
	}
	if got := w.get(id); got.Status != session.Completed || dueRows(w) != 1 {
		t.Errorf("%d due rows, %+v", dueRows(w), got)
	}
}

// The receipt of a deletion is open until the engine is at none of the attempts.
func TestDeletionEndsAllAttempts(t *testing.T) {
	everyFailure(t, func(w *world) {
		engine := w.hire()
		id := overdue(w, engine)
		w.insist(func() error { return w.retryOnce(id) })
		w.settle()
		if len(engine.jobs) != 2 {
			w.t.Fatalf("the engine has %v", engine.jobs)
		}
		w.insist(func() error { return w.remove(id) })
		w.settle()
		if n := len(engine.jobs); n != 2 {
			w.t.Errorf("the engine was stopped before it could be: %v", engine.jobs)
		}
		engine.looks = 0
		w.settle()
		w.faults.Heal()
		if objects := left(w, id, ""); len(objects) > 0 || len(engine.jobs) > 0 {
			w.t.Errorf("left: %v, %v", objects, engine.jobs)
		}
		if r := w.receipts(); len(r) != 1 || r[0].Str("status") != "done" || r[0].Int("objects") != 2 { // the recording, and what both attempts said
			w.t.Errorf("receipts = %v", r)
		}
	})
}

// barred is an engine of a stack that may not use it.
type barred struct{ *remote }

func (barred) Name() string { return "barred" }

func (barred) Stop(context.Context, transcriber.Recording) error {
	return transcriber.Fail(transcriber.Denied, "You may not.", nil)
}

// Who ends jobs may not be allowed to look for any where another engine writes
// recordings down: that keeps no receipt open. Where it has had the recording
// itself, there may be a job.
func TestDeletionWhereAnEngineIsBarred(t *testing.T) {
	for name, test := range map[string]struct {
		had    func(*remote) transcriber.Engine
		status string
	}{
		"another had it": {func(r *remote) transcriber.Engine { return r }, "done"},
		"it had it":      {func(r *remote) transcriber.Engine { return barred{r} }, "running"},
	} {
		w := newWorld(t)
		engine := w.hire()
		w.engine = test.had(engine)
		w.assemble()
		s := createUpload(w, w.upload(wave))
		w.settle()
		w.engine = barred{engine}
		w.assemble()
		ok(t, w.remove(s.ID))
		w.settle()
		if r := w.receipts(); len(r) != 1 || r[0].Str("status") != test.status {
			t.Errorf("%s: receipts = %v", name, r)
		}
	}
}
