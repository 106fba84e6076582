// Package replay_test sends events through the real adapters to the real
// handlers and workers, on a seeded store of the embedded drivers: the cases of
// cases/<function>.txt, in the language of infra/stack/event. What comes back is
// recorded there. To record anew: go test ./internal/lambdafn/replay -update
package replay_test

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
	"griot/infra/stack/event"
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/sessions"
	"griot/internal/lambdafn"
	"griot/internal/lambdafn/jobs"
	"griot/internal/limit"
	"griot/internal/queue"
	"griot/internal/system"
	"griot/internal/worker"
)

var (
	update = flag.Bool("update", false, "record what comes back")
)

// required are the cases that a function has; it may have more. Those of the
// sweeper's events say nothing.
func required(f stack.Function) []string {
	if f.Every > 0 {
		return []string{"ok"}
	}
	return []string{"ok", "invalid", "tenant"}
}

func TestEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	files, err := os.ReadDir("cases")
	ok(t, err)
	known := map[string]bool{}
	for _, f := range stack.Functions() {
		known[f.Name()+".txt"] = true
		t.Run(f.Name(), func(t *testing.T) {
			t.Parallel()
			replayAll(t, f)
		})
	}
	for _, file := range files {
		if !known[file.Name()] {
			t.Errorf("cases/%s is about no function", file.Name())
		}
	}
}

func replayAll(t *testing.T, f stack.Function) {
	file := filepath.Join("cases", f.Name()+".txt")
	text, err := os.ReadFile(file)
	ok(t, err)
	cases, err := event.Parse(string(text))
	ok(t, err)
	for _, name := range required(f) {
		if _, there := event.Find(cases, name); !there {
			t.Errorf("%s has no case %s", file, name)
		}
	}
	g := guard{t, f.Name(), event.Place.Statements(f)}
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			raw, err := event.Of(f, c)
			ok(t, err)
			w := newWorld(t)
			w.prepare(f.Name(), c.Name)
			got := w.replay(guard{t, g.function, g.allowed}, w.named(raw))
			if c.Name == "repeated" { // a client that did not get the answer
				got = w.replay(guard{t, g.function, g.allowed}, w.named(raw))
			}
			want := w.anonymous(got)
			if cases[i].Want = want; !*update && want != c.Want {
				t.Errorf("%s (-recorded, +got):\n%s", file, cmp.Diff(c.Want, want))
			}
		})
	}
	if *update {
		ok(t, os.WriteFile(file, []byte(event.Format(cases)), 0o600))
		ok(t, os.Chmod(file, 0o644))
	}
	t.Run("malformed", func(t *testing.T) { malformed(t, f) })
}

// prepare makes what only some cases want.
func (w *world) prepare(function, name string) {
	w.growIndex(function)
	if name == "again" {
		w.extractAgain(function)
	}
	if name == "closing" {
		w.closed(function)
	}
	if function == "sessions-retry" || function == "sessions-media" {
		w.failedRecording()
	}
	w.record(function + "/" + name)
}

// closed has the workspace of most cases be one that is to be deleted, and the
// worker one whose grace is over.
func (w *world) closed(function string) {
	sys := w.system(w.ports())
	_, err := (access.Closings{Directory: sys.Access}).Close(w.t.Context(), w.caller)
	ok(w.t, err)
	switch function {
	case "worker-sweep": // somebody looks whether all keys know
		w.now = w.now.Add(2 * time.Minute)
	case "worker-purge":
		for range 2 {
			w.now = w.now.Add(access.Grace + time.Minute)
			_, err := sys.Sweeper.Sweep(w.t.Context())
			ok(w.t, err)
		}
	}
}

// malformed is an event as no gateway and no queue sends it: a body that says
// it is base64, and no messages at all.
func malformed(t *testing.T, f stack.Function) {
	w := newWorld(t)
	g := guard{t, f.Name(), event.Place.Statements(f)}
	if !f.Serves() {
		if f.Worker == queue.Transcribe {
			w.record("worker-transcribe/ok")
		}
		if f.Worker != "" && w.replay(g, []byte(`{"Records": null}`)) != "=>\n{}\n" {
			t.Error("a batch of nothing was not done")
		}
		return
	}
	e := events.APIGatewayProxyRequest{
		Resource: f.Endpoint().Path, Path: f.Endpoint().Path, HTTPMethod: f.Endpoint().Method, Body: "%%%", IsBase64Encoded: true,
		RequestContext: events.APIGatewayProxyRequestContext{RequestID: gatewaysID},
	}
	raw, err := json.Marshal(e)
	ok(t, err)
	want := "=> 400\nContent-Type: application/problem+json\nno X-Request-Id\n\n" + legible(`{"type": "https://errors.mnemos.ai/invalid_request",
		"title": "Invalid request", "status": 400, "detail": "the request could not be read", "instance": "`+gatewaysID+`"}`) + "\n"
	if !strings.HasPrefix(f.Endpoint().Path, "/v1/") {
		want = "=> 400\nno X-Request-Id\n\n" +
			legible(`{"code": "INVALID_REQUEST", "error": "the request could not be read", "requestId": "`+gatewaysID+`"}`) + "\n"
	}
	if diff := cmp.Diff(want, w.anonymous(w.replay(g, raw))); diff != "" {
		t.Errorf("a body that is no base64: %s", diff)
	}
}

// named puts what was seeded in the places of its names, such as ${LIVE}.
func (w *world) named(event []byte) []byte {
	return []byte(os.Expand(string(event), func(name string) string {
		value, known := w.names[name]
		if !known {
			w.t.Errorf("there is no %s", name)
		}
		return value
	}))
}

// replay gives the function an event, and returns what came of it.
func (w *world) replay(g guard, event []byte) string {
	if strings.HasPrefix(g.function, "worker-") {
		return w.work(g, event)
	}
	return w.request(g, event)
}

func (w *world) request(g guard, raw []byte) string {
	var event events.APIGatewayProxyRequest
	ok(w.t, json.Unmarshal(raw, &event))
	s := g.around(w.ports())
	ep := w.endpoint(g.function, s)
	dir := w.system(s).Access
	defer dir.Settle()
	limits := &limit.Limiter{Table: s.Table, Now: w.clock, Default: limit.Share(limit.DefaultReadUnits, limit.DefaultWriteUnits), Shared: true}
	handler := api.Handler(api.Config{Verify: dir.Admit, Limits: limits, Table: s.Table, Now: w.clock}, ep)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	if !ep.Stream {
		out, err := lambdafn.Buffered(handler)(ctx, event)
		ok(w.t, err)
		return answered(ep, out.StatusCode, out.MultiValueHeaders, out.Body)
	}
	out, err := lambdafn.Streamed(handler)(ctx, event)
	ok(w.t, err)
	text, err := io.ReadAll(out.Body)
	ok(w.t, err)
	return answered(ep, out.StatusCode, out.MultiValueHeaders, string(text))
}

func (w *world) endpoint(name string, s system.Ports) api.Endpoint {
	process := api.Process{Version: "test", Started: w.now, Now: w.clock}
	streams := sessions.Streams{Poll: time.Millisecond, Most: 300 * time.Millisecond}
	on := w.system(s)
	all := append(stack.Endpoints(on.Sessions, on.Conversations, on.Access, streams, process, s.Table), api.Unknown())
	i := slices.IndexFunc(all, func(ep api.Endpoint) bool { return ep.Name == name })
	if i < 0 {
		w.t.Fatalf("%s is no endpoint", name)
	}
	return all[i]
}

func (w *world) work(g guard, raw []byte) string {
	s := g.around(w.ports())
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	before := w.states()
	var out effect
	if g.function == "worker-sweep" {
		w.now = w.now.Add(3 * time.Minute) // so that something is due
		if err := jobs.Scheduled(w.system(s).Sweeper.Sweep)(ctx); err != nil {
			out.Error = err.Error()
		}
	} else {
		for _, failed := range w.batch(ctx, g, s, raw).BatchItemFailures {
			out.Failed = append(out.Failed, failed.ItemIdentifier)
		}
	}
	out.Became, out.Sent = w.states(), w.jobs.sent
	maps.DeleteFunc(out.Became, func(name, state string) bool { return before[name] == state })
	delete(out.Sent, string(queue.Tidy))
	delete(out.Sent, string(queue.Merge))
	return out.String()
}

func (w *world) batch(ctx context.Context, g guard, s system.Ports, raw []byte) events.SQSEventResponse {
	var others []jobs.Event
	if w.amazon != nil {
		w.amazon.guard = g
		others = append(others, jobs.Transcribed(w.amazon.engine(s).Job))
	}
	on := w.system(s)
	workers := on.Workers
	// This function is not given the names of a workspace's topics, and may not read them.
	workers[queue.Ingest] = worker.Files{Sessions: on.Sessions, Blobs: s.Blobs, Engine: w.engine(s)}.Ingest()
	var event events.SQSEvent
	ok(w.t, json.Unmarshal(raw, &event))
	name := queue.Name(strings.TrimPrefix(g.function, "worker-"))
	out, err := jobs.Batch(name, s.Queues[name], workers[name], others...)(ctx, event)
	ok(w.t, err)
	return out
}

var (
	randomID  = regexp.MustCompile(`\b(ses|upl|del|art|prj|ws|req|cand|conv|session)_[0-9A-HJKMNP-TV-Z]{26}`)
	randomKey = regexp.MustCompile(`\bcmk_live_[0-9A-Za-z]{16}(\.[0-9A-Za-z_-]+)?`)
	address   = regexp.MustCompile(`\bws_[0-9a-z]{26}@`)
	uuid      = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	versions  = regexp.MustCompile(`("(?:sessions|conversations)":) "[0-9.]+"`)
	measured  = regexp.MustCompile(`("(?:searchTime|responseTime|score)":) [0-9.]+`)
	signedURL = regexp.MustCompile(`https://objects\.example/[^"]*`)
)

// gatewaysID is how the gateway names the requests of the events.
const gatewaysID = "3f1c0b52-8a9d-4e0f-9b63-5d1f0e8c7a21"

// anonymous replaces what differs from run to run by names.
func (w *world) anonymous(text string) string {
	text = signedURL.ReplaceAllString(text, "${URL}")
	text = versions.ReplaceAllString(text, `${1} "*"`)
	text = measured.ReplaceAllString(address.ReplaceAllString(text, "ws_*@"), "${1} 0")
	for _, name := range w.longestFirst() {
		value := w.names[name]
		text = strings.ReplaceAll(text, value, "${"+name+"}")
		if _, ulid, ok := strings.Cut(value, "ses_"); ok {
			text = strings.ReplaceAll(text, "art_"+ulid, "art_${"+name+"}")
		}
	}
	text = randomID.ReplaceAllString(randomKey.ReplaceAllString(text, "cmk_live_*"), "${1}_*")
	return uuid.ReplaceAllStringFunc(text, func(id string) string {
		if id == gatewaysID || strings.HasPrefix(id, event.MessageID(0)[:24]) {
			return id
		}
		return "*"
	})
}

// longestFirst are the names of what was seeded; a key's credential begins
// with its id.
func (w *world) longestFirst() []string {
	return slices.SortedFunc(maps.Keys(w.names), func(a, b string) int {
		return len(w.names[b]) - len(w.names[a])
	})
}
