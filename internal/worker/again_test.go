package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/conversation"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/llm"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/session/result"
	"griot/internal/task"
	"griot/internal/worker"
)

// verbs are rules that find something else than speakers do: what is posted.
var verbs = extraction.Extractor{
	Name: "verbs", Version: "2",
	Extract: func(_ context.Context, in extraction.Input) (extraction.Findings, error) {
		var f extraction.Findings
		for _, seg := range in.Segments {
			if at := strings.Index(seg.Text, "post it"); at >= 0 {
				f.Entities = append(f.Entities, extraction.Entity{
					Type: "Workflow", Name: "Posting", Confidence: 0.9, Evidence: []extraction.Evidence{{Seq: seg.Seq, At: at, Quote: "post it"}},
				})
				f.Summary = extraction.Summary{Text: "It is posted.", Evidence: f.Entities[0].Evidence}
			}
		}
		return f, nil
	},
}

func (w *world) again(id, by string) extraction.Result {
	w.t.Helper()
	res, err := w.sessions.Results.ExtractAgain(w.t.Context(), w.caller, id, result.ExtractInput{Extractor: by}, nil)
	ok(w.t, err)
	return res
}

// bridgedAs is what the conversation of a session says of its result.
func (w *world) bridgedAs(s session.Session) string {
	w.t.Helper()
	c, err := w.talks.Get(w.t.Context(), w.caller, s.Conversation)
	ok(w.t, err)
	tl, err := w.memories.Timeline(w.t.Context(), w.caller, s.Conversation, 0, 0)
	ok(w.t, err)
	var topics []string
	for m, err := range tl.Memories {
		ok(w.t, err)
		topics = append(topics, m.Topics...)
	}
	return fmt.Sprintf("%d memories about %q: %s", c.Memories, topics, c.Summary)
}

func (w *world) objects(s session.Session) (names []string) {
	w.t.Helper()
	objects, _, err := w.blobs.List(w.t.Context(), "sessions/"+w.caller.Workspace+"/"+s.ID+"/", "")
	ok(w.t, err)
	for _, o := range objects {
		names = append(names, o.Key)
	}
	return names
}

// results are the objects of a session but for its jobs' notes.
func (w *world) results(s session.Session) []string {
	return slices.DeleteFunc(w.objects(s), func(key string) bool { return strings.Contains(key, "/notes/") })
}

const (
	ofSpeakers = `1 memories about []: Found in this session: 0 procedures, 2 entities and 0 risk signals. About: Ana; Ben.`
	ofVerbs    = `1 memories about ["Posting"]: It is posted.`
	ofModel    = `1 memories about []: Found in this session: 1 procedure, 0 entities and 0 risk signals. Procedures: Reporting.`
)

const twoSpeak = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ana>First I pull the report.\n\n00:02.000 --> 00:04.000\n<v Ben>Then I post it.\n"

// A result stands, marked as pending, until another one takes its place: that
// of whom was asked for, or of the rules where a model cannot be had.
func TestExtractAgain(t *testing.T) {
	answers := &fakeModel{answer: func(int, llm.Request) (string, error) { return findsReport, nil }}
	denies := &fakeModel{answer: func(int, llm.Request) (string, error) { return "", llm.Fail(llm.Denied, "no access") }}
	for name, test := range map[string]struct {
		model    llm.Model
		by       string
		is       string // extractor
		warnings string
		bridged  string
	}{
		"nothing said, no model":    {nil, "", "verbs", "model_not_configured", ofVerbs},
		"a model that is not there": {nil, "model", "verbs", "model_not_configured", ofVerbs},
		"rules, no model":           {nil, "rules", "verbs", "", ofVerbs},
		"nothing said":              {answers, "", "model", "", ofModel},
		"the model":                 {answers, "model", "model", "", ofModel},
		"a model that denies":       {denies, "model", "verbs", "model_unavailable", ofVerbs},
		"rules beside a model":      {answers, "rules", "verbs", "", ofVerbs},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := createUpload(w, w.upload(twoSpeak))
			w.drain()
			s = w.get(s.ID)
			was, before := w.result(s.ID), w.results(s)
			if got := w.bridgedAs(s); got != ofSpeakers {
				t.Fatalf("at first: %s", got)
			}
			w.workers[queue.Extract] = worker.Extract(w.sessions.Results, verbs, test.model)
			standing := w.again(s.ID, test.by)
			for _, res := range []extraction.Result{standing, w.result(s.ID)} {
				if res.Status != "pending" || res.Extractor.Name != "speakers" || !slices.EqualFunc(res.Entities, was.Entities, func(a, b extraction.EntityCandidate) bool { return a.ID == b.ID }) {
					t.Errorf("meanwhile: %+v", res)
				}
			}
			if got := w.get(s.ID); got.Status != session.Completed || got.Counts.Entities != 2 {
				t.Errorf("meanwhile: %+v", got)
			}
			w.drain()
			is, got := w.result(s.ID), w.get(s.ID)
			if is.Status != "ready" || is.Extractor.Name != test.is || warnings(is) != test.warnings {
				t.Errorf("result = %+v", is)
			}
			if *got.Counts != (session.Counts{SOPs: int64(len(is.SOPs)), Entities: int64(len(is.Entities))}) || got.Status != session.Completed || !got.CompletedAt.Equal(s.CompletedAt) {
				t.Errorf("session = %+v", got)
			}
			if got := w.bridgedAs(s); got != test.bridged {
				t.Errorf("bridged as %s\nwant       %s", got, test.bridged)
			}
			after := w.results(s)
			if len(after) != 2 || !slices.ContainsFunc(after, func(key string) bool { return slices.Contains(before, key) }) {
				t.Errorf("objects %q after %q", after, before)
			}
			if n := dueRows(w); n != 1 {
				t.Errorf("%d due rows", n)
			}
		})
	}
}

// Whoever may only write has a session extracted again, and reads no quote of it.
func TestExtractAgainByWriters(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.drain()
	for name, test := range map[string]struct {
		scopes   []access.Scope
		entities int
	}{
		"writes":           {[]access.Scope{access.SessionsWrite}, 0},
		"reads and writes": {[]access.Scope{access.SessionsWrite, access.SessionsRead}, 2},
	} {
		p := w.caller
		p.Scopes = test.scopes
		res, err := w.sessions.Results.ExtractAgain(t.Context(), p, s.ID, result.ExtractInput{Extractor: session.ByRules}, nil)
		ok(t, err)
		again, err := w.sessions.Results.Standing(t.Context(), p, s.ID) // as a replay has it
		ok(t, err)
		for _, res := range []extraction.Result{res, again} {
			if res.Status != "pending" || len(res.Entities) != test.entities {
				t.Errorf("who %s sees %+v", name, res)
			}
		}
	}
}

// While it is pending, whoever asks for the same asks for nothing more, and the
// last one who names another extractor gets that.
func TestExtractAgainMeanwhile(t *testing.T) {
	for name, test := range map[string]struct {
		asked []string
		is    string
		jobs  int
	}{
		"twice":             {[]string{"model", "model"}, "model", 1},
		"not said":          {[]string{"rules", "", ""}, "verbs", 1},
		"not said is model": {[]string{"", "model"}, "model", 1},
		"another":           {[]string{"model", "rules"}, "verbs", 2},
		"and back":          {[]string{"rules", "model", "rules", "model"}, "model", 4},
	} {
		w := newWorld(t)
		m := &fakeModel{answer: func(int, llm.Request) (string, error) { return findsReport, nil }}
		s := createUpload(w, w.upload(twoSpeak))
		w.drain()
		w.workers[queue.Extract] = worker.Extract(w.sessions.Results, verbs, m)
		for _, by := range test.asked {
			w.again(s.ID, by)
		}
		depth, err := w.queues[queue.Extract].Depth(t.Context())
		if ok(t, err); depth.Ready != test.jobs {
			t.Errorf("%s: %+v jobs, want %d", name, depth, test.jobs)
		}
		w.drain()
		if res := w.result(s.ID); res.Extractor.Name != test.is || res.Status != "ready" || m.asked > 1 {
			t.Errorf("%s: %+v, the model was asked %d times", name, res, m.asked)
		}
		if n := len(w.results(s)); n != 2 {
			t.Errorf("%s: %d objects", name, n)
		}
	}
}

// A job of a wish that another one has taken the place of, a twin and one that
// comes late change nothing.
func TestExtractAgainJobsThatNobodyNeeds(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.drain()
	first := queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()}
	var meanwhile func()
	slow := verbs
	slow.Extract = func(ctx context.Context, in extraction.Input) (extraction.Findings, error) {
		if do := meanwhile; do != nil {
			meanwhile = nil
			do()
		}
		return verbs.Extract(ctx, in)
	}
	model := &fakeModel{answer: func(int, llm.Request) (string, error) { return findsReport, nil }}
	w.workers[queue.Extract] = worker.Extract(w.sessions.Results, slow, model)
	ok(t, w.queues[queue.Extract].Send(t.Context(), first))
	w.drain()
	if res := w.result(s.ID); res.Extractor.Name != "speakers" {
		t.Errorf("nobody wished for %+v", res.Extractor)
	}

	w.again(s.ID, "rules")
	meanwhile = func() { // while the rules are at it
		w.again(s.ID, "model")
		w.drain()
	}
	w.drain()
	if res := w.result(s.ID); res.Extractor.Name != "model" || res.Status != "ready" {
		t.Errorf("the last wish was for the model, and the result is of %+v", res.Extractor)
	}

	w.again(s.ID, "rules")
	messages, err := w.queues[queue.Extract].Receive(t.Context(), 1, 0)
	ok(t, err)
	meanwhile = func() { ok(t, w.workers[queue.Extract](t.Context(), messages[0].Body)) }
	ok(t, w.workers[queue.Extract](t.Context(), messages[0].Body))
	ok(t, w.workers[queue.Extract](t.Context(), messages[0].Body))
	ok(t, w.queues[queue.Extract].Ack(t.Context(), messages[0]))
	w.drain()
	w.settle()
	if res := w.result(s.ID); res.Extractor.Name != "verbs" || len(w.results(s)) != 2 || w.bridgedAs(w.get(s.ID)) != ofVerbs {
		t.Errorf("result of %+v, objects %q", res.Extractor, w.objects(s))
	}

	w.again(s.ID, "model")
	late, err := w.queues[queue.Extract].Receive(t.Context(), 1, 0)
	ok(t, err)
	meanwhile = nil
	_, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	ok(t, w.workers[queue.Extract](t.Context(), late[0].Body)) // before the purge
	w.settle()
	ok(t, w.workers[queue.Extract](t.Context(), late[0].Body))
	if left := w.objects(s); len(left) > 0 {
		t.Errorf("left of a deleted session: %q", left)
	}
	if _, err := w.sessions.Results.ExtractAgain(t.Context(), w.caller, s.ID, result.ExtractInput{Extractor: ""}, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("a deleted session: %v", err)
	}
	if n := dueRows(w); n != 0 {
		t.Errorf("%d due rows are left", n)
	}
	checkNone(w)
}

// A wish that comes while a job of an earlier one still asks the model gets its
// turn right afterwards.
func TestExtractAgainWhileTheModelIsAsked(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.drain()
	m := &fakeModel{answer: func(n int, _ llm.Request) (string, error) {
		if n == 1 {
			w.again(s.ID, "rules")
			w.again(s.ID, "model")
			w.drain()
		}
		return findsReport, nil
	}}
	w.ask(m)
	w.again(s.ID, "model")
	w.drain()
	if res := w.result(s.ID); res.Status != "ready" || res.Extractor.Name != "model" || w.bridgedAs(w.get(s.ID)) != ofModel || m.asked > 2 {
		t.Errorf("asked %d times: %+v", m.asked, res)
	}
}

func TestExtractAgainSurvivesEveryFailure(t *testing.T) {
	t.Run("a conversation", func(t *testing.T) { againUnderFaults(t, true) })
	t.Run("not one yet", func(t *testing.T) { againUnderFaults(t, false) })
}

func againUnderFaults(t *testing.T, bridged bool) {
	everyFailure(t, func(w *world) {
		id := createOnce(w, live)
		w.insist(func() error { return say(w, id, 0, "one", "two") })
		w.insist(func() error {
			_, err := w.sessions.Complete(w.t.Context(), w.caller, id, nil)
			return err
		})
		for w.step(queue.Extract, w.workers[queue.Extract]) {
		}
		if bridged {
			w.settle()
		}
		for w.get(id).Status != session.Completed {
			w.settle()
		}
		w.extractor = extraction.Extractor{Name: "none", Version: "1", Extract: func(context.Context, extraction.Input) (extraction.Findings, error) {
			return extraction.Findings{}, nil
		}}
		w.assemble()
		w.insist(func() error {
			_, err := w.sessions.Results.ExtractAgain(w.t.Context(), w.caller, id, result.ExtractInput{Extractor: "rules"}, nil)
			return err
		})
		w.settle()
		checkSound(w, id, session.Completed, "one", "two")
		res, s := w.result(id), w.get(id)
		if res.Status != "ready" || res.Extractor.Name != "none" || *s.Counts != (session.Counts{}) {
			w.t.Errorf("result %+v of %+v", res, s)
		}
		if got := w.bridgedAs(s); !strings.HasSuffix(got, "0 entities and 0 risk signals.") {
			w.t.Errorf("bridged as %s", got)
		}
		_, err := w.sessions.Delete(w.t.Context(), w.caller, id)
		ok(w.t, err)
		w.settle()
		if left := w.objects(s); len(left) > 0 {
			w.t.Errorf("left of a deleted session: %q", left)
		}
	})
}

// A result that goes while it is about to be opened is read again.
func TestReadersOfAResultThatGoes(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.drain()
	w.workers[queue.Extract] = worker.Extract(w.sessions.Results, verbs, nil)
	opened := 0
	of := *w.sessions.Sessions
	reader := lifecycle.New(&of, w.sessions.Options)
	reader.Sessions.Blobs = beforeGet{w.blobs, func(key string) {
		if strings.HasSuffix(key, "extraction.json") {
			if opened++; opened <= 2 {
				w.again(s.ID, "rules")
				w.drain()
			}
		}
	}}
	body, err := reader.Results.OpenExtraction(t.Context(), w.caller, s.ID)
	ok(t, err)
	data, err := io.ReadAll(body)
	if ok(t, err); !bytes.Contains(data, []byte(`"name":"verbs"`)) || opened != 3 {
		t.Errorf("opened %d times: %s", opened, data)
	}
	ok(t, w.blobs.Delete(t.Context(), w.objects(s)[0]))
	ok(t, w.blobs.Delete(t.Context(), w.objects(s)[0]))
	if _, err := reader.Results.OpenExtraction(t.Context(), w.caller, s.ID); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a result that is lost: %v", err)
	}
}

// beforeGet is a store in front of which something happens.
type beforeGet struct {
	blob.Store
	do func(key string)
}

func (b beforeGet) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	b.do(key)
	return b.Store.Get(ctx, key)
}

// An extraction that always fails is given up: the result from before stands,
// and says so until there is another.
func TestExtractAgainIsGivenUp(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.drain()
	failed := 0
	broken := verbs
	broken.Extract = func(context.Context, extraction.Input) (extraction.Findings, error) {
		failed++
		return extraction.Findings{}, errors.New("broken")
	}
	w.extractor = broken
	w.assemble()
	w.again(s.ID, "rules")
	begin := w.clock()
	for w.result(s.ID).Status == "pending" && w.clock().Sub(begin) < 24*time.Hour {
		w.drain()
		w.advance(5 * time.Minute)
		sweep(w)
	}
	w.settle()
	res := w.result(s.ID)
	if res.Extractor.Name != "speakers" || res.Status != "ready" || warnings(res) != "model_not_configured not_extracted_again" || failed < 5 {
		t.Errorf("failed %d times: %+v", failed, res)
	}
	if got := w.get(s.ID); got.Status != session.Completed || got.Counts.Entities != 2 || got.Failure != nil {
		t.Errorf("session = %+v", got)
	}
	w.extractor = verbs
	w.assemble()
	if res := w.again(s.ID, ""); warnings(res) != "model_not_configured not_extracted_again" {
		t.Errorf("asked again: %+v", res)
	}
	if res := w.result(s.ID); warnings(res) != "model_not_configured" {
		t.Errorf("while it is tried again: %+v", res)
	}
	w.drain()
	if res := w.result(s.ID); res.Extractor.Name != "verbs" || warnings(res) != "model_not_configured" {
		t.Errorf("at last: %+v", res)
	}
}

// A model is waited for as it is at first, and may take several jobs.
func TestExtractAgainWaitsForTheModel(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.drain()
	m := &fakeModel{answer: func(n int, _ llm.Request) (string, error) {
		if n <= 2 {
			e := llm.Fail(llm.Unavailable, "throttled")
			e.After = 10 * time.Minute
			return "", e
		}
		return findsReport, nil
	}}
	w.ask(m)
	w.again(s.ID, "model")
	begin := w.clock()
	for w.result(s.ID).Status == "pending" && w.clock().Sub(begin) < 2*time.Hour {
		w.drain()
		w.advance(30 * time.Second)
		sweep(w)
	}
	if waited := w.clock().Sub(begin); waited < 20*time.Minute || waited > time.Hour || w.result(s.ID).Extractor.Name != "model" || m.asked != 3 {
		t.Errorf("after %v and %d questions: %+v", waited, m.asked, w.result(s.ID).Extractor)
	}
}

// A session is kept as long as it was to be, whatever is extracted again.
func TestExtractAgainKeepsNothingLonger(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(twoSpeak))
	w.settle()
	w.advance(700 * 24 * time.Hour)
	w.again(s.ID, "rules")
	w.settle()
	w.advance(31 * 24 * time.Hour)
	w.settle()
	if _, err := w.sessions.Sessions.Get(t.Context(), w.caller, s.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("after two years: %v", err)
	}
	page, err := w.talks.List(t.Context(), w.caller, conversation.ListInput{Limit: 1})
	if ok(t, err); page.Total != 0 {
		t.Errorf("its conversation is kept: %+v", page)
	}
}
