package worker_test

import (
	"strings"
	"testing"

	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/transcriber"
	"griot/internal/worker"
)

// tell hands the job of an engine's event to the worker, so many times.
func (w *world) tell(id string, attempt int64, times int) {
	w.t.Helper()
	body := transcriber.Job{Workspace: w.caller.Workspace, Session: id, Attempt: attempt}.Encode()
	for range times {
		ok(w.t, w.workers[queue.Ingest](w.t.Context(), body))
	}
}

// An engine that tells when it is done is not waited for until the next look.
func TestEventBringsTheAnswerAtOnce(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	engine.looks = 1
	s := createUpload(w, w.upload(wave))
	for w.get(s.ID).Transcription == nil && w.step(queue.Ingest, w.workers[queue.Ingest]) {
	}
	w.tell(s.ID, 1, 3) // the later ones are for nobody
	w.drain()
	if got := w.get(s.ID); got.Status != session.Completed || got.LastSeq != 2 || engine.paid != 1 {
		t.Errorf("paid %d times: %+v", engine.paid, got)
	}
	w.tell(s.ID, 1, 2) // late: the answer was read, and stays
	w.settle()
	if got := w.get(s.ID); got.Status != session.Completed || len(left(w, s.ID, "transcription/")) != 1 {
		t.Errorf("after late events: %+v, %v", got, left(w, s.ID, ""))
	}
}

func TestEventOfAnotherAttempt(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	engine.looks = 9
	s := createUpload(w, w.upload(wave))
	w.drain()
	asked := engine.calls
	for _, attempt := range []int64{2, 77} {
		if w.tell(s.ID, attempt, 2); engine.calls != asked {
			t.Errorf("attempt %d: the engine was asked %d times", attempt, engine.calls-asked)
		}
	}
	w.settle()
	if got := w.get(s.ID); got.Status != session.Completed {
		t.Errorf("%+v", got)
	}
}

// The event of a session that was cancelled ends what waits for the engine.
func TestEventAfterCancel(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	engine.looks, engine.holds = 1<<30, true
	s := createUpload(w, w.upload(wave))
	w.drain()
	_, err := w.sessions.Cancel(t.Context(), w.caller, s.ID, nil)
	ok(t, err)
	w.drain()
	if len(engine.jobs) != 1 {
		t.Fatalf("the engine has let go: %v", engine.jobs)
	}
	engine.looks = 0 // it is done
	w.tell(s.ID, 1, 2)
	w.drain()
	if objects := left(w, s.ID, ""); len(objects) > 0 || len(engine.jobs) > 0 || w.get(s.ID).Status != session.Cancelled {
		t.Errorf("left: %v, %v, %+v", objects, engine.jobs, w.get(s.ID))
	}
}

// What an engine has written of a session that is gone, and of which nobody
// knows any more, is removed when it says so.
func TestEventAfterDeletion(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	s := createUpload(w, w.upload(wave))
	w.drain()
	_, err := w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	w.settle()
	key := "sessions/" + w.caller.Workspace + "/" + s.ID + "/transcription/1/asrOutput.json"
	_, err = w.blobs.Put(t.Context(), key, strings.NewReader(heard), int64(len(heard)), blob.Put{})
	ok(t, err)
	engine.jobs["griot-"+s.ID+"-1"] = &remoteJob{done: true}
	w.tell(s.ID, 1, 2)
	if objects := left(w, s.ID, ""); len(objects) > 0 || len(engine.jobs) > 0 {
		t.Errorf("left: %v, %v", objects, engine.jobs)
	}
	w.tell("ses_that_never_was", 1, 1)
}

// A session that ends while it hands its recording over, to an engine that
// cannot be stopped: that is told again until it can.
func TestEndDuringHandOverToABusyEngine(t *testing.T) {
	for _, deleted := range []bool{false, true} {
		w := newWorld(t)
		engine := w.hire()
		engine.looks, engine.holds = 4, true
		s := createUpload(w, w.upload(wave))
		engine.fails = func(n int) error {
			if n > 1 {
				return nil
			}
			var err error
			if deleted {
				_, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
			} else {
				_, err = w.sessions.Cancel(t.Context(), w.caller, s.ID, nil)
			}
			ok(t, err)
			// The engine is stopped before it has begun.
			if !w.step(queue.Purge, w.workers[queue.Purge]) {
				t.Error("nobody was to stop the engine")
			}
			return nil
		}
		for engine.calls == 0 && w.step(queue.Ingest, w.workers[queue.Ingest]) {
		}
		if len(engine.jobs) != 1 {
			t.Fatalf("deleted %v: the engine has %v", deleted, engine.jobs)
		}
		w.settle()
		if objects := left(w, s.ID, ""); len(objects) > 0 || len(engine.jobs) > 0 {
			t.Errorf("deleted %v: left %v, %v", deleted, objects, engine.jobs)
		}
	}
}

func TestJobAboutNothing(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{`{}`, `{"source":"aws.transcribe"}`} {
		if _, dropped := worker.Dropped(w.workers[queue.Ingest](t.Context(), []byte(body))); !dropped {
			t.Errorf("%s is not dropped", body)
		}
	}
}
