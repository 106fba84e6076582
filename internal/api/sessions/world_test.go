package sessions_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/infra/stack"
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/sessions"
	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/fetch"
	"griot/internal/limit"
	"griot/internal/queue"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/table/tabletest"
	"griot/internal/task"
)

// world is the whole system in a temporary directory behind a real server.
type world struct {
	base   string
	client *http.Client
	dir    *access.Directory
	limits *limit.Limiter
	vars   map[string]string
	drain  chan struct{}
	log    lockedLog
}

// lockedLog is where all requests are logged.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t testing.TB, streams sessions.Streams) *world {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	w := &world{base: "http://" + srv.Listener.Addr().String(), client: &http.Client{Transport: &http.Transport{}}, drain: make(chan struct{})}
	ports, _ := systemtest.Embed(t, w.base, time.Now)
	store := tabletest.NewContended(ports.Table, 0)
	on := ports.Ports()
	on.Table = store
	s := system.New(on, system.Config{Fetch: &fetch.Client{}})
	ports.Blobs.OnCreated = func(ctx context.Context, key string, _ blob.Info) error {
		body, err := json.Marshal(task.Message{Object: key})
		if err != nil {
			return err
		}
		return ports.Queues[queue.Ingest].Send(ctx, queue.Outgoing{Body: body})
	}
	w.dir = s.Access
	w.limits = &limit.Limiter{Table: store, Now: time.Now, Default: limit.Embedded()}
	t.Cleanup(w.dir.Settle)
	streams.Drain = w.drain
	process := api.Process{Version: "test", Started: time.Now(), Now: time.Now}
	handler := api.Handler(api.Config{
		Verify: w.dir.Admit, Limits: w.limits, Table: store, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}, stack.Endpoints(s.Sessions, w.dir, streams, process, store)...)
	uploads := ports.Blobs.Handler()
	srv.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, dir.UploadPath) {
			uploads.ServeHTTP(rw, r)
			return
		}
		handler.ServeHTTP(rw, r)
	})
	srv.Start()
	systemtest.Work(t, ports.Queues, s.Workers)
	t.Cleanup(srv.Close)
	t.Cleanup(w.client.CloseIdleConnections)
	w.tenants(t)
	return w
}

// tenants makes the two workspaces that the scripts expect.
func (w *world) tenants(t testing.TB) {
	t.Helper()
	one, _, err := w.dir.CreateWorkspace(t.Context(), "One")
	ok(t, err)
	two, a, err := w.dir.CreateWorkspace(t.Context(), "Two")
	ok(t, err)
	all := access.Principal{Workspace: two.ID, KeyID: "operator", Scopes: []access.Scope{access.All}}
	b, err := w.dir.CreateProject(t.Context(), all, access.ProjectInput{Name: "Second"}, nil)
	ok(t, err)
	w.vars = map[string]string{
		"KEY": w.key(t, one.ID, access.All), "KEY2": w.key(t, two.ID, access.All),
		"PROJECT_A": a.ID, "PROJECT_B": b.ID,
	}
}

func (w *world) key(t testing.TB, workspace string, scopes ...access.Scope) string {
	t.Helper()
	key, _, err := w.dir.CreateKey(t.Context(), workspace, access.KeyInput{Scopes: scopes})
	ok(t, err)
	return key
}

// do sends a request with the first workspace's key.
func (w *world) do(t testing.TB, method, path, body string, headers ...string) (status int, answer string) {
	t.Helper()
	res := w.send(t, t.Context(), method, path, body, headers...)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	ok(t, err)
	return res.StatusCode, string(data)
}

func (w *world) send(t testing.TB, ctx context.Context, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, w.base+path, strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+w.vars["KEY"])
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.client.Do(req)
	ok(t, err)
	return res
}
