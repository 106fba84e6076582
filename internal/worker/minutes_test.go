package worker_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/budget"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcriber"
	"griot/internal/transcriber/transcribertest"
)

// allow lets the workspace have so many minutes a day.
func (w *world) allow(minutes int64) {
	w.minutesPerDay = minutes
	w.assemble()
}

// taken are the seconds of recordings that are taken of each day from the
// first on.
func (w *world) taken() (seconds []int64) {
	w.t.Helper()
	page, err := w.table.Query(w.t.Context(), table.Query{
		Table: table.Sessions, PK: w.caller.Workspace + "#transcription", Consistency: table.Consistent,
	})
	ok(w.t, err)
	for _, row := range page.Items {
		seconds = append(seconds, row.Int("seconds"))
	}
	return seconds
}

func (w *world) checkTaken(when string, want ...int64) {
	w.t.Helper()
	if got := w.taken(); !slices.Equal(got, want) {
		w.t.Errorf("%s: %v seconds are taken, want %v", when, got, want)
	}
}

// midnight is the beginning of the day that is so many days ahead.
func (w *world) midnight(days int) time.Time {
	return budget.Day(w.clock()).AddDate(0, 0, days)
}

func TestRecordingsWaitForTheirDay(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	w.allow(1)
	var made []session.Session
	for _, seconds := range []int{40, 30, 31, 20} { // the last one fits beside the first
		made = append(made, createUpload(w, w.upload(transcribertest.Silence(seconds))))
		w.drain()
	}
	w.checkTaken("at first", 60, 30, 31)
	for n, s := range made {
		tr := w.get(s.ID).Transcription
		switch n {
		case 0, 3:
			if tr.Waiting != nil {
				t.Errorf("number %d waits: %+v", n, tr.Waiting)
			}
		default:
			day := w.midnight(n)
			if tr.Status != "queued" || tr.Waiting == nil || tr.Waiting.Code != session.MinutesSpent || !tr.Waiting.Until.Equal(day) ||
				!strings.Contains(tr.Waiting.Message, day.Format(time.DateOnly)) || !strings.Contains(tr.Waiting.Message, "1 minutes") {
				t.Errorf("number %d: %+v, %+v", n, tr, tr.Waiting)
			}
		}
	}
	second, third := w.midnight(1), w.midnight(2)
	w.wait(24*time.Hour, func() bool { return !w.clock().Before(second.Add(-5 * time.Second)) })
	if engine.paid != 2 {
		t.Errorf("on the first day %d were written down", engine.paid)
	}
	w.wait(time.Hour, w.over(made[1].ID))
	if got := w.get(made[1].ID); got.Status != session.Completed || got.Transcription.StartedAt.Before(second) || got.Transcription.Waiting != nil {
		t.Errorf("on the second day: %+v, %+v", got, got.Transcription)
	}
	w.wait(48*time.Hour, w.over(made[2].ID))
	if got := w.get(made[2].ID); got.Status != session.Completed || got.Transcription.StartedAt.Before(third) {
		t.Errorf("on the third day: %+v, %+v", got, got.Transcription)
	}
	w.checkTaken("in the end", 60, 30, 31)
}

// Many that wait have their turns in the order in which they came, however long
// that takes, and the engine's own time begins with them.
func TestNobodyWaitsForEver(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	w.allow(1)
	var ids []string
	for range 6 {
		ids = append(ids, createUpload(w, w.upload(transcribertest.Silence(50))).ID)
		w.drain()
	}
	for n := range ids {
		if n > 0 {
			w.advance(w.midnight(1).Sub(w.clock()))
		}
		for range 3 { // who comes later waits longer
			createUpload(w, w.upload(transcribertest.Silence(50)))
		}
		w.wait(20*time.Minute, w.over(ids[n]))
	}
	for n, rec := range engine.asked {
		if rec.Session != ids[n] {
			t.Fatalf("number %d was somebody else", n)
		}
	}
	if len(engine.asked) != len(ids) {
		t.Errorf("the engine was asked %d times", len(engine.asked))
	}
}

func TestLongerThanADay(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	w.allow(1)
	s := createUpload(w, w.upload(transcribertest.Silence(61)))
	w.drain()
	got := w.get(s.ID)
	if got.Failure == nil || got.Failure.Code != session.FileTooLarge || !strings.Contains(got.Failure.Message, "1m1s") || !strings.Contains(got.Failure.Message, "1 minutes") {
		t.Errorf("%+v", got.Failure)
	}
	if engine.calls > 0 {
		t.Error("the engine was asked")
	}
	w.checkTaken("of it")
}

// A limit that is raised or lifted holds for those who wait already, within the
// hour; one that is lowered takes nothing away.
func TestLimitsChange(t *testing.T) {
	for name, test := range map[string]struct {
		to    int64
		soon  bool
		taken []int64
	}{
		"raised":  {5, true, []int64{200, 0}},
		"lifted":  {0, true, []int64{100, 0}},
		"lowered": {1, false, []int64{100, 100}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.hire()
			w.allow(2)
			createUpload(w, w.upload(transcribertest.Silence(100)))
			w.drain()
			s := createUpload(w, w.upload(transcribertest.Silence(100)))
			w.drain()
			w.checkTaken("before", 100, 100)
			w.allow(test.to)
			took := w.wait(26*time.Hour, w.over(s.ID))
			if soon := took < 62*time.Minute; soon != test.soon || w.get(s.ID).Status != session.Completed {
				t.Errorf("after %v: %+v", took, w.get(s.ID))
			}
			w.checkTaken("then", test.taken...)
		})
	}
}

// Minutes are given back where no engine was asked, and spent where one has
// been, or may have.
func TestMinutesComeBack(t *testing.T) {
	for name, test := range map[string]struct {
		limit int64
		fails transcriber.Kind // of the first Start; -1: none
		end   func(w *world, id string) error
		taken int64
	}{
		"cancelled while it waits": {1, -1, (*world).cancel, 0},
		"deleted while it waits":   {1, -1, (*world).remove, 0},
		"refused":                  {5, transcriber.Unsupported, nil, 0},
		"busy, then cancelled":     {5, transcriber.Busy, (*world).cancel, 0},
		"away, then deleted":       {5, transcriber.Unavailable, (*world).remove, 0},
		"cancelled at work":        {5, -1, (*world).cancel, 30},
		"deleted at work":          {5, -1, (*world).remove, 30},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			engine := w.hire()
			engine.looks = 1 << 30
			w.allow(test.limit)
			createUpload(w, w.upload(transcribertest.Silence(50)))
			w.drain()
			s := createUpload(w, w.upload(transcribertest.Silence(30)))
			if test.fails >= 0 {
				engine.fails = func(int) error { return transcriber.Fail(test.fails, "No.", nil) }
			}
			w.drain()
			if test.end != nil {
				ok(t, test.end(w, s.ID))
				ok(t, test.end(w, s.ID))
			}
			var taken int64
			for _, seconds := range w.taken() {
				taken += seconds
			}
			if taken -= 50; taken != test.taken {
				t.Errorf("%d seconds are taken, want %d", taken, test.taken)
			}
			w.settle()
			w.drain()
		})
	}
}

func (w *world) cancel(id string) error {
	_, err := w.sessions.Cancel(w.t.Context(), w.caller, id, nil)
	return err
}

func (w *world) remove(id string) error {
	_, err := w.sessions.Delete(w.t.Context(), w.caller, id)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// An engine that is busy over midnight takes the minutes of the day on which it
// is asked with success.
func TestBusyOverMidnight(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	w.allow(1)
	w.advance(14*time.Hour + 50*time.Minute)
	day := w.midnight(1)
	engine.fails = func(int) error {
		if w.clock().Before(day) {
			return transcriber.Fail(transcriber.Busy, "Later.", nil)
		}
		return nil
	}
	s := createUpload(w, w.upload(transcribertest.Silence(50)))
	w.drain()
	w.checkTaken("before", 50)
	if tr := w.get(s.ID).Transcription; tr.Waiting == nil || tr.Waiting.Code != session.EngineBusy || tr.Waiting.Message != "Later." || !tr.Waiting.Until.After(w.clock()) {
		t.Errorf("%+v", tr)
	}
	w.wait(time.Hour, w.over(s.ID))
	if got := w.get(s.ID); got.Status != session.Completed || !got.Transcription.StartedAt.After(day) {
		t.Errorf("%+v, %+v", got, got.Failure)
	}
	w.checkTaken("after", 50, 50)
}

func TestMinutesAreTakenOnce(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	w.allow(1)
	first := createUpload(w, w.upload(transcribertest.Silence(50)))
	second := createUpload(w, w.upload(transcribertest.Silence(50)))
	for _, s := range []session.Session{first, second} {
		job := queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()}
		ok(t, w.queues[queue.Ingest].Send(t.Context(), job, job, job, job))
	}
	w.drain()
	w.checkTaken("by twins", 50, 50)
	w.wait(26*time.Hour, w.over(second.ID))
	w.checkTaken("in the end", 50, 50)
	if engine.paid != 2 {
		t.Errorf("paid %d times", engine.paid)
	}
}

// Each retry is another recording to the engine, and takes its own minutes.
func TestRetriesTakeMinutes(t *testing.T) {
	w := newWorld(t)
	engine := w.hire()
	w.allow(1)
	engine.fails = func(n int) error {
		if n == 2 {
			return transcriber.Fail(transcriber.Failed, "It gave up.", nil)
		}
		return nil
	}
	s := createUpload(w, w.upload(transcribertest.Silence(20)))
	w.settle()
	ok(t, w.retry(s.ID))
	w.settle()
	if got := w.get(s.ID); got.Status != session.Completed {
		t.Errorf("%+v", got.Failure)
	}
	w.checkTaken("in the end", 40)
}

// Whatever fails, nobody pays twice, nobody waits for ever, and nothing stays
// taken of those who were never asked for.
func TestMinutesSurviveEveryFailure(t *testing.T) {
	for name, test := range map[string]struct {
		limit  int64
		before int64 // seconds that somebody else has taken
		end    func(w *world, id string) error
		status session.Status
		want   []int64
	}{
		"at once":                  {1, 0, nil, session.Completed, []int64{5}},
		"the next day":             {1, 57, nil, session.Completed, []int64{57, 5}},
		"cancelled while it waits": {1, 57, (*world).cancel, session.Cancelled, []int64{57, 0}},
		"deleted while it waits":   {1, 57, (*world).remove, "", []int64{57, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			everyFailure(t, func(w *world) {
				engine := w.hire()
				w.allow(test.limit)
				if test.before > 0 {
					limit := budget.Recordings{MinutesPerDay: test.limit}
					w.insist(func() error {
						_, err := w.table.Write(w.t.Context(), limit.Take(w.caller.Workspace, w.midnight(0), test.before))
						if table.Failed(err) != nil {
							err = nil // an attempt whose answer was lost had its effect
						}
						return err
					})
				}
				id := recordOnce(w)
				w.settle()
				if test.end != nil {
					w.insist(func() error { return test.end(w, id) })
				}
				if test.before > 0 {
					w.advance(w.midnight(1).Sub(w.clock()))
				}
				w.settle()
				if test.status != "" {
					checkSound(w, id, test.status, spokenIf(test.status)...)
				}
				w.faults.Heal()
				w.checkTaken("in the end", test.want...)
				if paid := test.status == session.Completed; (engine.paid == 1) != paid || engine.paid > 1 {
					w.t.Errorf("paid %d times", engine.paid)
				}
			})
		})
	}
}

func spokenIf(status session.Status) []string {
	if status == session.Completed {
		return words
	}
	return nil
}
