package worker_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/recording"
	"griot/internal/session/upload"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcriber"
	"griot/internal/transcriber/transcribertest"
)

// wave is a short recording.
var wave = transcribertest.Silence(5)

// remote is an engine as a cloud has it: it keeps a list of jobs, and works on
// each for a number of looks. It survives the processes of its callers.
type remote struct {
	t     *testing.T
	mu    sync.Mutex
	jobs  map[string]*remoteJob
	paid  int
	looks int                     // that it takes, each time
	says  string                  // the answer
	fails func(n int) error       // of the n-th look or start, from 1
	asked []transcriber.Recording // by Start
	holds bool                    // it cannot be stopped while it works
	blobs func() blob.Store       // as they are now
	calls int
}

type remoteJob struct {
	looks int
	done  bool
}

const heard = `{"language":"english","duration":5.0,"text":"We file it. Every Monday.","segments":[
	{"id":0,"start":0.0,"end":2.0,"text":" We file it."},{"id":1,"start":2.0,"end":4.5,"text":" Every Monday."}]}`

var words = []string{"We file it.", "Every Monday."}

func (w *world) hire() *remote {
	r := &remote{t: w.t, jobs: map[string]*remoteJob{}, says: heard, looks: 2, blobs: func() blob.Store { return w.blobs }}
	w.engine = r
	w.assemble()
	return r
}

func (r *remote) Name() string { return "remote" }

// failure is called without the mutex: a test may do other things meanwhile.
func (r *remote) failure() error {
	r.mu.Lock()
	r.calls++
	n := r.calls
	r.mu.Unlock()
	if r.fails == nil {
		return nil
	}
	return r.fails(n)
}

func (r *remote) Start(_ context.Context, rec transcriber.Recording) error {
	err := r.failure()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, rec)
	if err != nil {
		return err
	}
	if r.jobs[rec.Name()] == nil {
		r.jobs[rec.Name()] = &remoteJob{}
		r.paid++
	}
	return nil
}

func (r *remote) Result(ctx context.Context, rec transcriber.Recording) (transcriber.Result, error) {
	if err := r.failure(); err != nil {
		return transcriber.Result{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	j := r.jobs[rec.Name()]
	if j == nil {
		if _, err := r.blobs().Stat(ctx, answerOf(rec)); err != nil {
			return transcriber.Result{}, nil
		}
		return transcriber.Result{State: transcriber.Done, Answers: []transcriber.Answer{{Object: answerOf(rec)}}}, nil
	}
	if j.looks++; j.looks < r.looks {
		return transcriber.Result{State: transcriber.Running}, nil
	}
	j.done = true
	return transcriber.Result{State: transcriber.Done, Answers: []transcriber.Answer{{Object: r.write(ctx, rec)}}}, nil
}

// answerOf is where the engine puts its answer: it asks the same for each attempt.
func answerOf(rec transcriber.Recording) string { return rec.Kept + "asrOutput.json" }

func (r *remote) write(ctx context.Context, rec transcriber.Recording) string {
	key := answerOf(rec)
	_, err := r.blobs().Put(ctx, key, strings.NewReader(r.says), int64(len(r.says)), blob.Put{})
	ok(r.t, err)
	return key
}

func (r *remote) Stop(ctx context.Context, rec transcriber.Recording) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j := r.jobs[rec.Name()]; j != nil && r.holds && !j.done {
		if j.looks++; j.looks < r.looks {
			return transcriber.Fail(transcriber.Busy, "It works on.", nil)
		}
		r.write(ctx, rec) // too late
	}
	delete(r.jobs, rec.Name())
	return nil
}

// left are the objects of a session.
func left(w *world, id, below string) (keys []string) {
	w.t.Helper()
	objects, _, err := w.blobs.List(w.t.Context(), "sessions/"+w.caller.Workspace+"/"+id+"/"+below, "")
	ok(w.t, err)
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

// wait lets the sweeper come by every five seconds, as on the embedded host.
func (w *world) wait(most time.Duration, until func() bool) time.Duration {
	w.t.Helper()
	begin := w.clock()
	for !until() && w.clock().Sub(begin) < most {
		w.advance(5 * time.Second)
		sweep(w)
		w.drain()
	}
	return w.clock().Sub(begin)
}

func (w *world) over(id string) func() bool {
	return func() bool { return w.get(id).Status.Terminal() }
}

func TestRecordingBecomesCandidates(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	lang, n := "sv-SE", int64(3)
	s, err := w.sessions.Create(t.Context(), w.caller, session.CreateInput{
		Template: "operational_workflow", Title: "Filing", UploadURL: w.upload(wave), Language: lang, Speakers: &n,
		IntervieweeEmail: "sanna.berg-lund@acme.com",
	}, nil)
	ok(t, err)
	w.drain()
	if got := w.get(s.ID); got.Status != session.InProgress || got.Transcription == nil || got.Transcription.FinishedAt != (time.Time{}) || got.Transcription.Kind != "wav" || got.Transcription.DurationMS != 5000 {
		t.Fatalf("after the hand-over: %+v, %+v", got, got.Transcription)
	}
	took := w.wait(time.Hour, w.over(s.ID))
	got := w.get(s.ID)
	if got.Status != session.Completed || got.Language != "en" || got.DurationSeconds != 5 || took > 30*time.Second {
		t.Errorf("after %v: %+v, %+v", took, got, got.Failure)
	}
	tr := got.Transcription
	if tr.Engine != "remote" || tr.Status != "done" || tr.StartedAt.IsZero() || tr.FinishedAt.Before(tr.StartedAt) {
		t.Errorf("transcription = %+v", tr)
	}
	var texts []string
	for _, seg := range document(w, s.ID).Segments {
		texts = append(texts, seg.Text)
	}
	if !slices.Equal(texts, words) {
		t.Errorf("segments = %q", texts)
	}
	rec := engine.asked[0]
	if rec.Language != lang || rec.Speakers != 3 || rec.Title != "Filing" || rec.Size != int64(len(wave)) || !slices.Equal(rec.Names, []string{"Sanna Berg Lund"}) {
		t.Errorf("the engine was told %+v", rec)
	}
	if engine.paid != 1 {
		t.Errorf("paid %d times", engine.paid)
	}
}

// What a workspace talks about is told to the engine of its next recording.
func TestEnginesAreToldNames(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	createUpload(w, w.upload("Ann: Bo posts the report.\nBo: And Ann pulls it first.\n"))
	w.drain()
	createUpload(w, w.upload(wave))
	w.drain()
	if names := engine.asked[0].Names; !slices.Contains(names, "Ann") || !slices.Contains(names, "Bo") {
		t.Errorf("the engine was told %q", names)
	}
}

func recordOnce(w *world) string {
	var url string
	w.insist(func() error {
		size := int64(len(wave))
		up, err := w.sessions.Uploads.CreateUpload(w.t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
		url = up.Request.URL
		return err
	})
	w.arrive(url, wave)
	in := live
	in.UploadURL = url
	return createOnce(w, in)
}

func TestRecordingSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		engine := w.hire()
		id := recordOnce(w)
		w.settle()
		checkSound(w, id, session.Completed, words...)
		if engine.paid != 1 {
			w.t.Errorf("paid %d times", engine.paid)
		}
	})
}

func TestCancelledRecordingSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		engine := w.hire()
		engine.looks, engine.holds = 3, true
		id := recordOnce(w)
		w.drain()
		w.insist(func() error {
			_, err := w.sessions.Cancel(w.t.Context(), w.caller, id, nil)
			return err
		})
		w.settle()
		checkSound(w, id, session.Cancelled)
		if objects := left(w, id, ""); len(objects) > 0 || len(engine.jobs) > 0 {
			w.t.Errorf("left: %v, %v", objects, slices.Collect(maps.Keys(engine.jobs)))
		}
	})
}

func TestDeletedRecordingSurvivesEveryFailure(t *testing.T) {
	everyFailure(t, func(w *world) {
		engine := w.hire()
		engine.looks, engine.holds = 3, true
		id := recordOnce(w)
		w.drain()
		w.insist(func() error {
			_, err := w.sessions.Delete(w.t.Context(), w.caller, id)
			if errs.Is(err, errs.NotFound) {
				err = nil
			}
			return err
		})
		w.settle()
		w.faults.Heal()
		if objects := left(w, id, ""); len(objects) > 0 || len(engine.jobs) > 0 {
			w.t.Errorf("left: %v, %v", objects, slices.Collect(maps.Keys(engine.jobs)))
		}
		// The answer that came too late and the recording, unless the notice of its
		// arrival came again and removed that.
		if r := w.receipts(); len(r) != 1 || r[0].Str("status") != "done" || r[0].Int("objects") < 1 || r[0].Int("objects") > 2 {
			w.t.Errorf("receipts = %v", r)
		}
		checkCounts(w)
	})
}

// receipts are those of the workspace's deletions.
func (w *world) receipts() []table.Item {
	w.t.Helper()
	page, err := w.table.Query(w.t.Context(), table.Query{
		Table: table.Sessions, PK: w.caller.Workspace + "#deletions", Consistency: table.Consistent,
	})
	ok(w.t, err)
	return page.Items
}

// A session that ends at any point leaves no job and no answer, and nothing is
// extracted.
func TestEndAtEveryPoint(t *testing.T) {
	for _, deleted := range []bool{false, true} {
		for point := range 6 {
			w := newWorld(t)
			engine := w.hire()
			engine.looks = 9
			s := createUpload(w, w.upload(wave))
			for range point {
				w.step(queue.Ingest, w.workers[queue.Ingest])
				w.advance(3 * time.Minute)
				sweep(w)
			}
			want := session.Cancelled
			if w.get(s.ID).Status.Terminal() || w.get(s.ID).Status == session.Processing {
				t.Fatalf("point %d: the session is %s", point, w.get(s.ID).Status)
			}
			var err error
			if deleted {
				_, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
			} else {
				_, err = w.sessions.Cancel(t.Context(), w.caller, s.ID, nil)
			}
			ok(t, err)
			w.settle()
			if objects := left(w, s.ID, ""); len(objects) > 0 || len(engine.jobs) > 0 {
				t.Errorf("deleted %v, point %d: left %v, %v", deleted, point, objects, slices.Collect(maps.Keys(engine.jobs)))
			}
			if deleted {
				continue
			}
			if got := w.get(s.ID); got.Status != want || got.Counts != nil || got.Transcription != nil && got.Transcription.Status != "failed" {
				t.Errorf("point %d: %+v, %+v", point, got, got.Transcription)
			}
		}
	}
}

// A session that is cancelled while it hands its recording over takes the job
// back.
func TestCancelDuringHandOver(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	s := createUpload(w, w.upload(wave))
	engine.fails = func(int) error {
		_, err := w.sessions.Cancel(t.Context(), w.caller, s.ID, nil)
		ok(t, err)
		return nil
	}
	for engine.calls == 0 && w.step(queue.Ingest, w.workers[queue.Ingest]) {
	}
	if len(engine.jobs) > 0 || len(engine.asked) != 1 {
		t.Errorf("asked %d times, left: %v", len(engine.asked), engine.jobs)
	}
}

func TestTwinsPayOnce(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	s := createUpload(w, w.upload(wave))
	job := queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()}
	ok(t, w.queues[queue.Ingest].Send(t.Context(), job, job, job, job))
	w.drain()
	if got := w.get(s.ID); got.Status != session.Completed || got.LastSeq != 2 || engine.paid != 1 {
		t.Errorf("paid %d times: %+v", engine.paid, got)
	}
}

// A drop that is replaced while its engine is waited for is another recording,
// which has a session of its own.
func TestReplacedWhileItWaits(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	w.allow(1)
	engine.fails = func(n int) error {
		if n == 1 {
			return transcriber.Fail(transcriber.Busy, "Later.", nil)
		}
		return nil
	}
	key := upload.InboxPrefix + w.caller.Workspace + "/" + w.project + "/system_ownership/rounds.wav"
	for _, file := range []string{transcribertest.Silence(5), transcribertest.Silence(50)} {
		put(w, key, file)
		ok(t, w.queues[queue.Ingest].Send(t.Context(), queue.Outgoing{Body: task.Message{Object: key}.Encode()}))
		w.drain()
	}
	w.settle()
	page, err := w.sessions.Sessions.List(t.Context(), w.caller, session.ListInput{Limit: 2})
	ok(t, err)
	second, first := page.Sessions[0], page.Sessions[1]
	if first.Failure == nil || first.Failure.Message != "the file was replaced before it was read" || second.Status != session.Completed {
		t.Errorf("%+v, %+v", first, second)
	}
	w.checkTaken("by the second", 50)
}

// Messages that come again do not hurry an engine that wants to be left alone.
func TestTwinsDoNotHurry(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	engine.fails = func(int) error {
		e := transcriber.Fail(transcriber.Busy, "It is busy.", nil)
		e.After = time.Hour
		return e
	}
	s := createUpload(w, w.upload(wave))
	job := queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()}
	ok(t, w.queues[queue.Ingest].Send(t.Context(), job, job, job, job))
	w.drain()
	if engine.calls != 1 {
		t.Errorf("asked %d times", engine.calls)
	}
	w.wait(2*time.Hour, func() bool { return engine.calls > 1 })
	if waited := w.clock().Sub(s.CreatedAt); engine.calls != 2 || waited < time.Hour-time.Second {
		t.Errorf("asked %d times in %v", engine.calls, waited)
	}
}

func TestEnginesFail(t *testing.T) {
	always := func(kind transcriber.Kind) func(int) error {
		return func(int) error { return transcriber.Fail(kind, "It is "+kind.String()+".", nil) }
	}
	for name, test := range map[string]struct {
		fails    func(int) error
		code     string
		message  string
		from, to time.Duration
	}{
		"denied": {always(transcriber.Denied), session.TranscriberUnavailable, "It is denied.", 0, 0},
		"failed": {always(transcriber.Failed), session.TranscriberFailed, "It is failed.", 0, 0},
		"failed later": {func(n int) error {
			if n < 3 {
				return nil
			}
			return always(transcriber.Failed)(n)
		}, session.TranscriberFailed, "It is failed.", 0, 20 * time.Second},
		"unsupported": {always(transcriber.Unsupported), session.UnsupportedFormat, "It is unsupported.", 0, 0},
		"too large":   {always(transcriber.TooLarge), session.FileTooLarge, "It is too_large.", 0, 0},
		"down":        {always(transcriber.Unavailable), session.TranscriberUnavailable, "It is unavailable.", 8 * time.Minute, 20 * time.Minute},
		"down and up": {func(n int) error {
			if n < 6 {
				return always(transcriber.Unavailable)(n)
			}
			return nil
		}, "", "", 2 * time.Minute, 6 * time.Minute},
		"busy for hours": {func(n int) error {
			if n < 40 {
				return always(transcriber.Busy)(n)
			}
			return nil
		}, "", "", time.Hour, 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			engine := w.hire()
			engine.looks, engine.fails = 3, test.fails
			s := createUpload(w, w.upload(wave))
			w.drain()
			took := w.wait(6*time.Hour, w.over(s.ID))
			got := w.get(s.ID)
			if took < test.from || took > test.to {
				t.Errorf("it took %v", took)
			}
			switch {
			case test.code == "" && got.Status != session.Completed:
				t.Errorf("%+v", got.Failure)
			case test.code != "" && (got.Failure == nil || got.Failure.Code != test.code || got.Failure.Message != test.message || got.Transcription.Status != "failed"):
				t.Errorf("%+v, %+v", got.Failure, got.Transcription)
			}
			w.settle()
			if objects := left(w, s.ID, "transcription/"); test.code != "" && (len(objects) > 0 || len(engine.jobs) > 0) {
				t.Errorf("left: %v, %v", objects, engine.jobs)
			}
		})
	}
}

// While an engine says that it works nobody counts, up to a limit.
func TestEnginesAreWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		looks int
		fails bool
	}{
		"for long":   {14, false},
		"at most so": {1 << 30, true},
	} {
		w := newWorld(t)
		engine := w.hire()
		engine.looks = test.looks
		s := createUpload(w, w.upload(wave))
		w.drain()
		took := w.wait(8*time.Hour, w.over(s.ID))
		got := w.get(s.ID)
		if test.fails && (got.Failure == nil || got.Failure.Code != session.TranscriberFailed || took < 30*time.Minute || took > 35*time.Minute) {
			t.Errorf("%s: after %v: %+v", name, took, got.Failure)
		}
		if !test.fails && (got.Status != session.Completed || took < 15*time.Minute) {
			t.Errorf("%s: after %v: %+v", name, took, got)
		}
		w.settle()
		if len(engine.jobs) > 0 && test.fails {
			t.Errorf("%s: left %v", name, engine.jobs)
		}
	}
}

func TestMaxWork(t *testing.T) {
	for length, want := range map[time.Duration]time.Duration{
		-time.Millisecond: 6 * time.Hour, 0: 30 * time.Minute, time.Minute: 30 * time.Minute, time.Hour: 3 * time.Hour, 4 * time.Hour: 6 * time.Hour,
	} {
		if got := recording.MaxWork(length.Milliseconds()); got != want {
			t.Errorf("%v of recording may take %v, want %v", length, got, want)
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for answer, code := range map[string]string{
		`{"text":"","segments":[]}`:         session.EmptyTranscript,
		`{"text":" ","segments":[],"x":[]}`: session.EmptyTranscript,
		`{"segments":[{"text":"half`:        session.TranscriberFailed,
		`{"job":"7","ok":true}`:             session.TranscriberFailed,
	} {
		w := newWorld(t)
		w.hire().says = answer
		s := createUpload(w, w.upload(wave))
		w.drain()
		w.wait(time.Hour, w.over(s.ID))
		if got := w.get(s.ID); got.Failure == nil || got.Failure.Code != code {
			t.Errorf("%s: %+v", answer, got.Failure)
		}
	}
}
