package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/budget"
	"griot/internal/extraction"
	"griot/internal/llm"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/task"
)

// fewLines is a file that is read in one part, manyLines one of so many that is
// read in several.
const fewLines = "WEBVTT\n\n00:00.000 --> 00:01.000\n<v Ana>I pull the report, and then I post it.\n\n"

func manyLines(n int) string {
	return "WEBVTT\n\n" + strings.Repeat("00:00.000 --> 00:01.000\n<v Ana>I pull the report, and then I post it, and then I go for a walk in the park.\n\n", n)
}

// answering is a model that a test speaks for, one request at a time.
func answering(answer func(r llm.Request) (llm.Answer, error)) llm.Model {
	return &turns{answer: answer}
}

type turns struct {
	mu     sync.Mutex
	answer func(r llm.Request) (llm.Answer, error)
}

func (*turns) ID() string { return "fake-1" }

func (f *turns) Ask(_ context.Context, r llm.Request) (llm.Answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.answer(r)
}

// extracted is a file's session when it is over, within two hours at most.
func (w *world) extracted(file string) (session.Session, extraction.Result) {
	w.t.Helper()
	s := createUpload(w, w.upload(file))
	for range 240 {
		if w.drain(); w.get(s.ID).Status.Terminal() {
			break
		}
		w.advance(30 * time.Second)
		sweep(w)
	}
	return w.get(s.ID), w.result(s.ID)
}

// When the day's tokens are spent the rules step in, and say when there are
// more; what was answered stays for another extraction.
func TestBudgetIsSpent(t *testing.T) {
	w := newWorld(t)
	paid := int64(0)
	m := answering(func(r llm.Request) (llm.Answer, error) {
		if r.Payer != w.caller.Workspace {
			t.Errorf("paid by %q", r.Payer)
		}
		paid += 30_000
		return llm.Answer{JSON: json.RawMessage(findsReport), Usage: llm.Usage{Input: 20_000, Output: 10_000}}, nil
	})
	limit := budget.Limit{Table: w.table, Now: w.clock, TokensPerDay: 100_000}
	w.ask(limit.Guard(m))
	s, res := w.extracted(manyLines(2000)) // 160 KB
	if warnings(res) != "model_budget_spent" || res.Extractor.Name != "speakers" || !strings.Contains(res.Warnings[0].Message, "2026-03-03T00:00:00Z") {
		t.Errorf("result = %+v, %+v", res.Extractor, res.Warnings)
	}
	if paid == 0 || paid > 100_000 || res.Usage == nil || res.Usage.InputTokens+res.Usage.OutputTokens != paid || s.Status != session.Completed {
		t.Errorf("%d tokens are paid, usage is %+v", paid, res.Usage)
	}
	if len(w.notes(s)) != int(paid/30_000) {
		t.Errorf("%d answers are kept of %d tokens", len(w.notes(s)), paid)
	}
	limit.TokensPerDay = 20_000
	w.ask(limit.Guard(m))
	before := paid
	_, res = w.extracted(fewLines)
	if warnings(res) != "model_budget_spent" || paid != before || res.Usage != nil || !strings.Contains(res.Warnings[0].Message, "a higher limit") {
		t.Errorf("paid %d, result = %+v", paid-before, res.Warnings)
	}
}

// What was paid for nothing counts: for what is lost on the way the most that it
// can have cost, in this job and in those before.
func TestUsageIsWhatWasPaid(t *testing.T) {
	w := newWorld(t)
	lost, asked := 3, 0
	m := answering(func(r llm.Request) (llm.Answer, error) {
		asked++
		switch {
		case strings.Contains(r.Text, "part 1 of"):
			return llm.Answer{}, &llm.Error{Kind: llm.Refused, Usage: llm.Usage{Input: 7}, Cause: errors.New("no")}
		case strings.Contains(r.Text, "part 2 of") && lost > 0:
			lost--
			return llm.Answer{}, &llm.Error{Kind: llm.Unavailable, Lost: true, Usage: llm.Usage{Input: 100, Output: 1000}, Cause: errors.New("broke off")}
		}
		return llm.Answer{JSON: json.RawMessage(findsReport), Usage: llm.Usage{Input: 1, Output: 1}}, nil
	})
	w.ask(m)
	s, res := w.extracted(manyLines(500)) // two parts
	if res.Usage == nil || *res.Usage != (extraction.Usage{InputTokens: 308, OutputTokens: 3001}) || warnings(res) != "part_incomplete" {
		t.Errorf("usage %+v, %s", res.Usage, warnings(res))
	}
	if asked != 5 { // what was refused is not asked again
		t.Errorf("asked %d times", asked)
	}
	if left := w.notes(s); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A session is read by one job at a time, however many there are, and the
// sweeper sends none while one is at work.
func TestOneJobPays(t *testing.T) {
	w := newWorld(t)
	asked := 0
	var s session.Session
	m := answering(func(llm.Request) (llm.Answer, error) {
		if asked++; asked == 1 {
			w.advance(10 * time.Minute)
			sweep(w)
			ok(t, w.queues[queue.Extract].Send(t.Context(), queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()}))
			for w.step(queue.Extract, w.workers[queue.Extract]) {
			}
			if got := w.get(s.ID); got.Attempts != 0 || got.Status != session.Processing {
				t.Errorf("meanwhile the session is %v after %d attempts", got.Status, got.Attempts)
			}
		}
		return llm.Answer{JSON: json.RawMessage(findsReport)}, nil
	})
	w.ask(m)
	s = createUpload(w, w.upload(fewLines))
	w.drain()
	if w.get(s.ID).Status != session.Completed || asked != 1 {
		t.Errorf("asked %d times: %v", asked, w.get(s.ID).Status)
	}
}

// A session whose job has died is looked after when its lease has run out.
func TestLeasesEnd(t *testing.T) {
	w := newWorld(t)
	w.ask(answering(func(llm.Request) (llm.Answer, error) {
		return llm.Answer{JSON: json.RawMessage(findsReport)}, nil
	}))
	s := createUpload(w, w.upload(fewLines))
	for w.step(queue.Ingest, w.workers[queue.Ingest]) {
	}
	died, err := w.sessions.Results.Lease(t.Context(), w.get(s.ID), 15*time.Minute)
	ok(t, err)
	twin, err := w.sessions.Results.Lease(t.Context(), w.get(s.ID), time.Minute)
	ok(t, err)
	if died == nil || twin != nil {
		t.Fatalf("leases: %v, %v", died, twin)
	}
	for range 14 {
		w.drain()
		w.advance(time.Minute)
		sweep(w)
	}
	if got := w.get(s.ID).Status; got != session.Processing {
		t.Errorf("during the lease the session is %v", got)
	}
	for range 3 {
		w.advance(time.Minute)
		sweep(w)
		w.drain()
	}
	if got := w.get(s.ID).Status; got != session.Completed {
		t.Errorf("after the lease the session is %v", got)
	}
	ok(t, died.End(t.Context())) // late, and nothing of anybody else's
}
