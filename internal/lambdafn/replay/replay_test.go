// Package replay_test sends the events of events/ through the real adapters
// to the real handlers and workers, on a seeded store of the embedded
// drivers, and compares what comes back with what is recorded beside them:
// <case>.want.json. To record anew: go test ./internal/lambdafn/replay -update
package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"griot/infra/lambda/template"
	"griot/internal/api"
	"griot/internal/api/sessions"
	"griot/internal/due"
	"griot/internal/extraction/rules"
	"griot/internal/fetch"
	"griot/internal/lambdafn"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/worker"
)

var (
	update = flag.Bool("update", false, "record what comes back")
	root   = filepath.Join("..", "..", "..")
)

// Cases that every function has; it may have more.
var required = []string{"invalid", "malformed", "ok", "tenant"}

func TestEvents(t *testing.T) {
	file := filepath.Join(root, "template.yaml")
	o := template.Options{Stack: "griot", Region: "eu-west-1"}
	tmpl, err := template.Load(file, o)
	ok(t, err)
	policies, err := template.Statements(file, o)
	ok(t, err)
	var functions []string
	for _, f := range tmpl.Functions {
		name := filepath.Base(f.CodeURI)
		functions = append(functions, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replayAll(t, name, policies[f.ID])
		})
	}
	entries, err := os.ReadDir(filepath.Join(root, "events"))
	ok(t, err)
	for _, e := range entries {
		if !slices.Contains(functions, e.Name()) {
			t.Errorf("events/%s is about no function", e.Name())
		}
	}
}

func replayAll(t *testing.T, function string, allowed []template.Statement) {
	files, err := filepath.Glob(filepath.Join(root, "events", function, "*.json"))
	ok(t, err)
	cases := map[string]string{}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !strings.HasSuffix(name, ".want") {
			cases[name] = file
		}
	}
	for _, name := range required {
		if cases[name] == "" {
			t.Errorf("events/%s/%s.json is missing", function, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.replay(guard{t, function, allowed}, cases[name])
			if name == "repeated" { // a client that did not get the answer
				got = w.replay(guard{t, function, allowed}, cases[name])
			}
			compare(t, strings.TrimSuffix(cases[name], ".json")+".want.json", w.anonymous(got))
		})
	}
}

// replay gives the function an event in which names stand for what was
// seeded, as ${LIVE}.
func (w *world) replay(g guard, file string) any {
	raw, err := os.ReadFile(file)
	ok(w.t, err)
	event := os.Expand(string(raw), func(name string) string {
		value, known := w.names[name]
		if !known {
			w.t.Errorf("%s: there is no %s", file, name)
		}
		return value
	})
	if strings.HasPrefix(g.function, "worker-") {
		return w.work(g, []byte(event))
	}
	return w.request(g, []byte(event))
}

// answer is what a route's function returned.
type answer struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    any                 `json:"body"`
}

func (w *world) request(g guard, raw []byte) answer {
	var event events.APIGatewayProxyRequest
	ok(w.t, json.Unmarshal(raw, &event))
	ep := w.endpoint(g)
	svc := g.around(w.service())
	handler := api.Handler(api.Config{Verify: svc.Projects.Verify, Table: svc.Table, Now: w.clock}, ep)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	if !ep.Stream {
		out, err := lambdafn.Buffered(handler)(ctx, event)
		ok(w.t, err)
		return w.document(ep, answer{out.StatusCode, out.MultiValueHeaders, body(out.Body)})
	}
	out, err := lambdafn.Streamed(handler)(ctx, event)
	ok(w.t, err)
	text, err := io.ReadAll(out.Body)
	ok(w.t, err)
	return answer{out.StatusCode, out.MultiValueHeaders, body(string(text))}
}

// document leaves out the API's document, which has tests of its own.
func (w *world) document(ep api.Endpoint, a answer) answer {
	if ep.Name == "openapi-get" && a.Status == http.StatusOK {
		a.Body = "the document"
		delete(a.Headers, "Content-Length")
	}
	return a
}

// body is JSON as such, so that it can be read in the record.
func body(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		return v
	}
	return text
}

func (w *world) endpoint(g guard) api.Endpoint {
	svc := g.around(w.service())
	process := api.Process{Version: "test", Started: w.now, Now: w.clock}
	streams := sessions.Streams{Poll: time.Millisecond, Most: 300 * time.Millisecond}
	all := append(sessions.All(svc, svc.Projects, streams), api.Livez(process), api.Health(process, svc.Table))
	for _, ep := range all {
		if ep.Name == g.function {
			return ep
		}
	}
	w.t.Fatalf("%s is no endpoint", g.function)
	return api.Endpoint{}
}

// effect is what a worker's function returned and did.
type effect struct {
	Answer any               `json:"answer"`
	Error  string            `json:"error,omitempty"`
	States map[string]string `json:"states"`
	Sent   map[string]int    `json:"sent"`
}

func (w *world) work(g guard, raw []byte) effect {
	svc := g.around(w.service())
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	var out effect
	if g.function == "worker-sweep" {
		w.now = w.now.Add(3 * time.Minute) // so that something is due
		sweeper := due.Sweeper{Table: svc.Table, Now: w.clock, Looks: svc.Looks()}
		if err := jobs.Scheduled(sweeper.Sweep)(ctx); err != nil {
			out.Error = err.Error()
		}
	} else {
		out.Answer = w.batch(ctx, g, svc, raw)
	}
	out.States, out.Sent = w.states(), w.jobs.sent
	return out
}

func (w *world) batch(ctx context.Context, g guard, svc *session.Service, raw []byte) events.SQSEventResponse {
	files := w.files(svc)
	files.Fetch = fetch.Client{AllowLoopback: true}
	workers := map[queue.Name]worker.Worker{
		queue.Ingest: files.Ingest(), queue.Fetch: files.FetchURL(),
		queue.Extract: worker.Extract(svc, rules.Extractor()), queue.Purge: worker.Purge(svc),
	}
	var event events.SQSEvent
	ok(w.t, json.Unmarshal(raw, &event))
	name := queue.Name(strings.TrimPrefix(g.function, "worker-"))
	out, err := jobs.Batch(name, svc.Jobs[name], workers[name])(ctx, event)
	ok(w.t, err)
	return out
}

var (
	randomID  = regexp.MustCompile(`\b(ses|upl|del|art|prj|ws|req|cand)_[0-9A-HJKMNP-TV-Z]{26}`)
	signedURL = regexp.MustCompile(`https://objects\.example/[^"]*`)
)

// anonymous replaces what differs from run to run by names.
func (w *world) anonymous(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	ok(w.t, enc.Encode(v))
	text := signedURL.ReplaceAllString(out.String(), "${URL}")
	for name, value := range w.names {
		text = strings.ReplaceAll(text, value, "${"+name+"}")
		if _, ulid, ok := strings.Cut(value, "ses_"); ok {
			text = strings.ReplaceAll(text, "art_"+ulid, "art_${"+name+"}")
		}
	}
	return randomID.ReplaceAllString(text, "${1}_*")
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		ok(t, os.WriteFile(file, []byte(got), 0o600))
		ok(t, os.Chmod(file, 0o644))
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("nothing is recorded: %v (-update records)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-recorded, +got):\n%s", file, diff)
	}
}
