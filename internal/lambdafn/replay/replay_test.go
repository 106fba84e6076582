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

	"griot/infra/stack"
	"griot/internal/api"
	"griot/internal/api/conversations"
	"griot/internal/api/sessions"
	"griot/internal/due"
	"griot/internal/extraction/rules"
	"griot/internal/fetch"
	"griot/internal/lambdafn"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/worker"
)

var (
	update = flag.Bool("update", false, "record what comes back")
	root   = filepath.Join("..", "..", "..")
)

// Cases that every function has; it may have more.
var required = []string{"invalid", "malformed", "ok", "tenant"}

func TestEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	var functions []string
	for _, f := range stack.Functions() {
		functions = append(functions, f.Name())
		t.Run(f.Name(), func(t *testing.T) {
			t.Parallel()
			replayAll(t, f.Name(), place.Statements(f))
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

func replayAll(t *testing.T, function string, allowed []stack.Statement) {
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
			w.growIndex(function)
			if name == "again" {
				w.extractAgain(function)
			}
			if function == "sessions-retry" || function == "sessions-media" {
				w.failedRecording()
			}
			w.record(recordings[function+"/"+name])
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
	s := g.around(w.stores())
	ep := w.endpoint(g.function, s)
	dir := w.directory(s)
	defer dir.Settle()
	handler := api.Handler(api.Config{Verify: dir.Admit, Table: s.table, Now: w.clock}, ep)
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

// document leaves out the APIs' documents, which have tests of their own, and
// how long an answer with scores is.
func (w *world) document(ep api.Endpoint, a answer) answer {
	if strings.Contains(ep.Name, "-search") {
		delete(a.Headers, "Content-Length")
	}
	if strings.HasSuffix(ep.Path, "/openapi.json") && a.Status == http.StatusOK {
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

func (w *world) endpoint(name string, s stores) api.Endpoint {
	process := api.Process{Version: "test", Started: w.now, Now: w.clock}
	streams := sessions.Streams{Poll: time.Millisecond, Most: 300 * time.Millisecond}
	dir := w.directory(s)
	all := slices.Concat(sessions.All(w.service(s), dir, streams), conversations.All(w.conversations(s), dir),
		[]api.Endpoint{api.Livez(process), api.Health(process, s.table), api.SystemHealth(process, s.table)})
	i := slices.IndexFunc(all, func(ep api.Endpoint) bool { return ep.Name == name })
	if i < 0 {
		w.t.Fatalf("%s is no endpoint", name)
	}
	return all[i]
}

// effect is what a worker's function returned and did.
type effect struct {
	Answer any               `json:"answer"`
	Error  string            `json:"error,omitempty"`
	States map[string]string `json:"states"`
	Sent   map[string]int    `json:"sent"` // but for what is sent by chance
}

func (w *world) work(g guard, raw []byte) effect {
	s := g.around(w.stores())
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	var out effect
	if g.function == "worker-sweep" {
		w.now = w.now.Add(3 * time.Minute) // so that something is due
		sweeper := due.Sweeper{Table: s.table, Now: w.clock, Looks: w.looks(s)}
		if err := jobs.Scheduled(sweeper.Sweep)(ctx); err != nil {
			out.Error = err.Error()
		}
	} else {
		out.Answer = w.batch(ctx, g, s, raw)
	}
	out.States, out.Sent = w.states(), w.jobs.sent
	delete(out.Sent, string(queue.Tidy))
	delete(out.Sent, string(queue.Merge))
	return out
}

func (w *world) batch(ctx context.Context, g guard, s stores, raw []byte) events.SQSEventResponse {
	svc := w.service(s)
	files := w.files(svc)
	files.Fetch = fetch.Client{AllowLoopback: true}
	var write worker.Worker
	if w.speech != "" {
		files.Engine, write = w.engine(s), w.write(s)
	}
	talks := w.conversations(s)
	workers := map[queue.Name]worker.Worker{
		queue.Ingest: files.Ingest(), queue.Fetch: files.FetchURL(), queue.Extract: worker.Extract(svc, rules.Extractor(), nil),
		queue.Bridge: worker.Bridge(svc, talks), queue.Tidy: worker.Tidy(talks), queue.Merge: worker.Merge(w.index(s)),
		queue.Purge: worker.Purge(svc, talks, nil), queue.Transcribe: write,
	}
	var event events.SQSEvent
	ok(w.t, json.Unmarshal(raw, &event))
	name := queue.Name(strings.TrimPrefix(g.function, "worker-"))
	out, err := jobs.Batch(name, s.jobs[name], workers[name])(ctx, event)
	ok(w.t, err)
	return out
}

var (
	randomID  = regexp.MustCompile(`\b(ses|upl|del|art|prj|ws|req|cand|conv|session)_[0-9A-HJKMNP-TV-Z]{26}`)
	randomKey = regexp.MustCompile(`\bcmk_live_[0-9A-Za-z]{16}(\.[0-9A-Za-z_-]+)?`)
	address   = regexp.MustCompile(`\bws_[0-9a-z]{26}@`)
	uuid      = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	measured  = regexp.MustCompile(`("(?:searchTime|responseTime|score)":) [0-9.]+`)
	signedURL = regexp.MustCompile(`https://objects\.example/[^"]*`)
)

// gatewaysID is how the gateway names the requests of the events.
const gatewaysID = "3f1c0b52-8a9d-4e0f-9b63-5d1f0e8c7a21"

// anonymous replaces what differs from run to run by names.
func (w *world) anonymous(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	ok(w.t, enc.Encode(v))
	text := signedURL.ReplaceAllString(out.String(), "${URL}")
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
		if id == gatewaysID {
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
