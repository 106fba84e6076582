package worker_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/extraction"
	"griot/internal/llm"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/worker"
)

// fakeModel answers as a test says, and counts what is paid for.
type fakeModel struct {
	mu     sync.Mutex
	asked  int
	answer func(n int, r llm.Request) (string, error) // n from 1
}

func (f *fakeModel) ID() string { return "fake-1" }

func (f *fakeModel) Ask(_ context.Context, r llm.Request) (llm.Answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	text, err := f.answer(f.asked, r)
	return llm.Answer{JSON: json.RawMessage(text), Usage: llm.Usage{Input: 100, Output: 10}}, err
}

const findsReport = `{"procedures": [{"title": "Reporting", "summary": "", "certainty": "said",
	"steps": [{"what": "Pull the report", "who": "", "line": 1, "quote": "I pull the report"}]}]}`

func (w *world) ask(m llm.Model) {
	w.workers[queue.Extract] = worker.Extract(w.sessions.Results, speakers, m)
}

func (w *world) result(id string) (res extraction.Result) {
	w.t.Helper()
	body, err := w.sessions.Results.OpenExtraction(w.t.Context(), w.caller, id)
	ok(w.t, err)
	defer body.Close()
	ok(w.t, json.NewDecoder(body).Decode(&res))
	return res
}

// notes are the names of what jobs have left beside a session.
func (w *world) notes(s session.Session) (names []string) {
	w.t.Helper()
	objects, _, err := w.blobs.List(w.t.Context(), "sessions/"+w.caller.Workspace+"/"+s.ID+"/notes/", "")
	ok(w.t, err)
	for _, o := range objects {
		names = append(names, o.Key)
	}
	return names
}

func warnings(res extraction.Result) string {
	var codes []string
	for _, w := range res.Warnings {
		codes = append(codes, w.Code)
	}
	return strings.Join(codes, " ")
}

func TestModelExtracts(t *testing.T) {
	w := newWorld(t)
	m := &fakeModel{answer: func(int, llm.Request) (string, error) { return findsReport, nil }}
	w.ask(m)
	s := createUpload(w, w.upload(interview))
	w.drain()
	res := w.result(s.ID)
	if by := res.Extractor; by == nil || by.Name != "model" || by.Model == nil || *by.Model != "fake-1" {
		t.Errorf("extracted by %+v", by)
	}
	if len(res.SOPs) != 1 || res.Usage == nil || *res.Usage != (extraction.Usage{InputTokens: 100, OutputTokens: 10}) || warnings(res) != "" {
		t.Errorf("result = %+v", res)
	}
	if left := w.notes(s); len(left) > 0 {
		t.Errorf("answers are left behind: %v", left)
	}
}

func TestWithoutAModelTheResultSaysSo(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(interview))
	w.drain()
	if res := w.result(s.ID); warnings(res) != "model_not_configured" || res.Extractor.Name != "speakers" || res.Extractor.Model != nil {
		t.Errorf("result = %+v", res)
	}
}

func TestRulesStepInForADeniedModel(t *testing.T) {
	w := newWorld(t)
	m := &fakeModel{answer: func(int, llm.Request) (string, error) { return "", llm.Fail(llm.Denied, "no access") }}
	w.ask(m)
	s := createUpload(w, w.upload(interview))
	w.drain()
	if res := w.result(s.ID); warnings(res) != "model_unavailable" || len(res.Entities) != 2 || m.asked != 1 {
		t.Errorf("asked %d times, result = %+v", m.asked, res)
	}
}

// A model that cannot be had is waited for, by the sweeper, an hour at most.
func TestModelIsWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		fails    int // answers that fail before one comes
		after    time.Duration
		by       string
		warnings string
	}{
		"an hour's outage":   {1 << 10, 0, "speakers", "model_unavailable"},
		"throttled for long": {2, 10 * time.Minute, "model", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := &fakeModel{answer: func(n int, _ llm.Request) (string, error) {
				if n <= test.fails {
					e := llm.Fail(llm.Unavailable, "throttled")
					e.After = test.after
					return "", e
				}
				return findsReport, nil
			}}
			w.ask(m)
			s := createUpload(w, w.upload(interview))
			w.drain()
			if res := w.result(s.ID); res.Status != "pending" || warnings(res) != "model_awaited" {
				t.Errorf("at first: %+v", res)
			}
			begin := w.clock()
			for w.get(s.ID).Status != session.Completed && w.clock().Sub(begin) < 2*time.Hour {
				before := m.asked
				w.advance(30 * time.Second)
				sweep(w)
				w.drain()
				if m.asked > before+1 {
					t.Fatalf("asked %d times at once", m.asked-before)
				}
			}
			waited := w.clock().Sub(begin)
			res := w.result(s.ID)
			if res.Extractor == nil || res.Extractor.Name != test.by || warnings(res) != test.warnings {
				t.Errorf("after %v: %+v", waited, res)
			}
			if waited > time.Hour || waited < test.after*time.Duration(min(test.fails, 3)) {
				t.Errorf("waited %v, asked %d times", waited, m.asked)
			}
		})
	}
}

// What was answered is not asked again when the job comes back; when the
// session is deleted, the answers go with it.
func TestAnswersAreKept(t *testing.T) {
	long := "WEBVTT\n\n" + strings.Repeat("00:00.000 --> 00:01.000\n<v Ana>I pull the report, and then I post it, and then I go for a walk in the park.\n\n", 2000)
	for _, deleted := range []bool{false, true} {
		w := newWorld(t)
		m := &fakeModel{}
		fail, answered := true, map[string]int{}
		m.answer = func(_ int, r llm.Request) (string, error) {
			if strings.Contains(r.Text, "part 2 of") && fail {
				return "", llm.Fail(llm.Unavailable, "overloaded")
			}
			answered[r.Text]++
			return findsReport, nil
		}
		w.ask(m)
		s := createUpload(w, w.upload(long))
		w.drain()
		if w.get(s.ID).Status != session.Processing || len(w.notes(s)) == 0 {
			t.Fatalf("no answers are kept of %+v", w.get(s.ID))
		}
		if deleted {
			_, err := w.sessions.Delete(t.Context(), w.caller, s.ID)
			ok(t, err)
			w.drain()
			if left := w.notes(s); len(left) > 0 {
				t.Errorf("a deleted session's answers are left: %v", left)
			}
			continue
		}
		fail = false
		w.advance(time.Hour)
		sweep(w)
		w.drain()
		for text, n := range answered {
			if n != 1 {
				t.Errorf("paid %d times for %.60q", n, text)
			}
		}
		if w.get(s.ID).Status != session.Completed || len(answered) < 5 {
			t.Errorf("%d parts were read; %+v", len(answered), w.get(s.ID))
		}
	}
}

// A transcript that takes more jobs than a model is waited for is read to its
// end, as long as each job gets on.
func TestLongTranscriptsTakeSeveralJobs(t *testing.T) {
	long := "WEBVTT\n\n" + strings.Repeat("00:00.000 --> 00:01.000\n<v Ana>I pull the report, and then I post it, and then I go for a walk in the park.\n\n", 12_000)
	w := newWorld(t)
	m := &fakeModel{}
	answered, limit := 0, 3 // of this job
	m.answer = func(int, llm.Request) (string, error) {
		if answered == limit {
			return "", llm.Fail(llm.Unavailable, "the time is over")
		}
		answered++
		return findsReport, nil
	}
	w.ask(m)
	s := createUpload(w, w.upload(long))
	jobs := 0
	for ; w.get(s.ID).Status != session.Completed && jobs < 50; jobs++ {
		answered = 0
		w.drain()
		w.advance(time.Minute)
		sweep(w)
	}
	if res := w.result(s.ID); jobs <= 7 || res.Extractor == nil || res.Extractor.Name != "model" {
		t.Errorf("after %d jobs: %+v", jobs, res.Extractor)
	}
}
