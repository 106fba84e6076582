package worker_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/session"
	"griot/internal/transcriber"
	"griot/internal/worker"

	"griot/internal/queue"
)

func (w *world) retry(id string) error {
	_, err := w.sessions.Retry(w.t.Context(), w.caller, id, nil)
	return err
}

func wantConflict(t *testing.T, err error) {
	t.Helper()
	if !errs.Is(err, errs.Conflict) {
		t.Errorf("%v, want a conflict", err)
	}
}

// A recording that failed for want of an engine is written down when there is
// one; each retry is another job of the engine.
func TestRetryOfARecording(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(wave))
	w.drain()
	if got := w.get(s.ID); got.Failure == nil || got.Failure.Code != session.TranscriberUnavailable || got.Transcription != nil {
		t.Fatalf("without an engine: %+v", got)
	}
	engine := w.hire()
	engine.fails = func(int) error { return transcriber.Fail(transcriber.Denied, "No key.", nil) }
	ok(t, w.retry(s.ID))
	wantConflict(t, w.retry(s.ID))
	w.settle()
	if got := w.get(s.ID); got.Failure == nil || got.Failure.Message != "No key." || got.Transcription.Status != "failed" {
		t.Fatalf("with a wrong key: %+v", got)
	}
	engine.fails = nil
	ok(t, w.retry(s.ID))
	if got := w.get(s.ID); got.Status != session.InProgress || got.Failure != nil || got.Transcription != nil {
		t.Errorf("tried again: %+v", got)
	}
	w.settle()
	if got := w.get(s.ID); got.Status != session.Completed || got.Transcription.Status != "done" {
		t.Errorf("in the end: %+v, %+v", got, got.Failure)
	}
	var attempts []int64
	for _, rec := range engine.asked {
		attempts = append(attempts, rec.Attempt)
	}
	if !slices.Equal(attempts, []int64{1, 2}) {
		t.Errorf("attempts = %v", attempts)
	}
	wantConflict(t, w.retry(s.ID))
}

func TestRetrySurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		engine := w.hire()
		failing := true
		engine.fails = func(int) error {
			if failing {
				return transcriber.Fail(transcriber.Failed, "It gave up.", nil)
			}
			return nil
		}
		id := recordOnce(w)
		w.settle()
		failing = false
		w.insist(func() error {
			err := w.retry(id)
			if errs.Is(err, errs.Conflict) {
				err = nil // an attempt whose answer was lost had its effect
			}
			return err
		})
		w.settle()
		checkSound(w, id, session.Completed, words...)
	})
}

// Where only the extraction had failed it alone is done again.
func TestRetryOfAnExtraction(t *testing.T) {
	w := newWorld(t)
	broken := speakers
	broken.Extract = func(context.Context, extraction.Input) (extraction.Findings, error) {
		return extraction.Findings{}, errs.New(errs.Unavailable, "not now")
	}
	w.extractor = broken
	w.assemble()
	s := createUpload(w, w.upload(interview))
	for range 60 {
		w.drain()
		w.advance(30 * time.Minute)
		sweep(w)
	}
	if got := w.get(s.ID); got.Failure == nil || got.Failure.Code != session.ExtractionFailed {
		t.Fatalf("%+v, %+v", got, got.Failure)
	}
	w.workers[queue.Extract] = worker.Extract(w.sessions.Results, speakers, nil)
	ok(t, w.retry(s.ID))
	if got := w.get(s.ID); got.Status != session.Processing {
		t.Errorf("%+v", got)
	}
	w.drain()
	if got := w.get(s.ID); got.Status != session.Completed || got.LastSeq != 2 {
		t.Errorf("%+v", got)
	}
}

func TestNothingToRetry(t *testing.T) {
	w := newWorld(t)
	wantConflict(t, w.retry(createLive(w).ID))
	s := createUpload(w, w.upload("\x00\x01\x02\x7fELF"))
	w.drain()
	ok(t, w.retry(s.ID)) // and it fails again
	w.drain()
	if got := w.get(s.ID); got.Failure == nil || got.Failure.Code != session.UnsupportedFormat {
		t.Errorf("%+v", got.Failure)
	}
	if err := w.retry("ses_unknown"); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	idle := createLive(w)
	w.advance(25 * time.Hour)
	sweep(w)
	wantConflict(t, w.retry(idle.ID))
}

// Files of failed sessions are there for seven days, recordings of completed
// ones as long as their transcripts, or as the host says; the sessions stay.
func TestFilesAreKept(t *testing.T) {
	day := 24 * time.Hour
	for name, test := range map[string]struct {
		content     string
		keep        time.Duration
		there, gone time.Duration // after what time the file is looked for
	}{
		"failed":                 {"\x00\x01\x02\x7fELF", 0, 6 * day, 8 * day},
		"recording":              {wave, 0, 700 * day, 0},
		"recording, thirty days": {wave, 30 * day, 29 * day, 31 * day},
		"transcript":             {interview, 30 * day, 700 * day, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.hire()
			w.sessions.Sessions.KeepMedia = test.keep
			s := createUpload(w, w.upload(test.content))
			for range 8 {
				w.drain()
				w.advance(30 * time.Second)
				sweep(w)
			}
			if !w.get(s.ID).Status.Terminal() {
				t.Fatalf("%+v", w.get(s.ID))
			}
			files := func() int {
				objects, _, err := w.blobs.List(t.Context(), "uploads/", "")
				ok(t, err)
				return len(objects)
			}
			w.advance(test.there)
			sweep(w)
			if files() != 1 {
				t.Error("the file is gone too early")
			}
			if test.gone == 0 {
				return
			}
			w.advance(test.gone - test.there)
			sweep(w)
			w.drain()
			if files() != 0 {
				t.Error("the file is still there")
			}
			if w.get(s.ID).Status == session.Failed {
				wantConflict(t, w.retry(s.ID))
			}
			w.advance(731*day - test.gone)
			sweep(w)
			sweep(w)
			w.drain()
			if _, err := w.sessions.Sessions.Get(t.Context(), w.caller, s.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("after two years: %v", err)
			}
		})
	}
}

func TestMedia(t *testing.T) {
	w := newWorld(t)
	w.hire()
	s := createUpload(w, w.upload(wave))
	w.settle()
	m, err := w.sessions.Recordings.Media(t.Context(), w.caller, s.ID)
	ok(t, err)
	if key, _ := w.blobs.KeyOf(m.URL); key == "" || m.Kind != "wav" || m.Expires.Sub(w.clock()) > 16*time.Minute {
		t.Errorf("media = %+v", m)
	}
	text := createUpload(w, w.upload(interview))
	w.drain()
	for _, id := range []string{text.ID, createLive(w).ID, "ses_unknown"} {
		if _, err := w.sessions.Recordings.Media(t.Context(), w.caller, id); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
}
