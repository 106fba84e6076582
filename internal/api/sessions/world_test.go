package sessions_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
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
	"griot/internal/conversation"
	"griot/internal/conversation/upkeep"
	"griot/internal/disk"
	"griot/internal/extraction/rules"
	"griot/internal/limit"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/session"
	tablebolt "griot/internal/table/bolt"
	"griot/internal/table/tabletest"
	"griot/internal/task"
	"griot/internal/worker"
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
	data := t.TempDir()
	srv := httptest.NewUnstartedServer(nil)
	w := &world{base: "http://" + srv.Listener.Addr().String(), client: &http.Client{Transport: &http.Transport{}}, drain: make(chan struct{})}
	db, err := disk.Open(filepath.Join(data, "griot.db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	bare, err := tablebolt.New(db, time.Now)
	ok(t, err)
	store := tabletest.NewContended(bare, 0)
	queues := map[queue.Name]queue.Queue{}
	for _, name := range queue.Names {
		queues[name], err = queuebolt.New(db, name, queuebolt.Options{})
		ok(t, err)
	}
	blobs, err := dir.Open(filepath.Join(data, "objects"), dir.Options{Base: w.base, NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, blobs.Close()) })
	blobs.OnCreated = func(ctx context.Context, key string, _ blob.Info) error {
		body, err := json.Marshal(task.Message{Object: key})
		if err != nil {
			return err
		}
		return queues[queue.Ingest].Send(ctx, queue.Outgoing{Body: body})
	}
	w.dir = &access.Directory{Table: store, Now: time.Now}
	w.limits = &limit.Limiter{Table: store, Now: time.Now, Default: limit.Embedded()}
	t.Cleanup(w.dir.Settle)
	svc := &session.Service{Table: store, Blobs: blobs, Jobs: queues, Projects: w.dir, Now: time.Now}
	streams.Drain = w.drain
	process := api.Process{Version: "test", Started: time.Now(), Now: time.Now}
	handler := api.Handler(api.Config{
		Verify: w.dir.Admit, Limits: w.limits, Table: store, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}, stack.Endpoints(svc, w.dir, streams, process, store)...)
	uploads := blobs.Handler()
	srv.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, dir.UploadPath) {
			uploads.ServeHTTP(rw, r)
			return
		}
		handler.ServeHTTP(rw, r)
	})
	srv.Start()
	w.work(t, svc, blobs, queues)
	t.Cleanup(srv.Close)
	t.Cleanup(w.client.CloseIdleConnections)
	w.tenants(t)
	return w
}

// work runs the workers until the test ends.
func (w *world) work(t testing.TB, svc *session.Service, blobs blob.Store, queues map[queue.Name]queue.Queue) {
	files := worker.Files{Sessions: svc, Blobs: blobs}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for name, handle := range map[queue.Name]worker.Worker{
		queue.Ingest: files.Ingest(), queue.Fetch: files.FetchURL(),
		queue.Extract: worker.Extract(svc, rules.Extractor(), nil), queue.Purge: worker.Purge(svc, &upkeep.Service{Conversations: &conversation.Service{Table: svc.Table, Now: svc.Now}}, nil),
	} {
		running.Go(func() {
			for ctx.Err() == nil {
				messages, err := queues[name].Receive(ctx, 1, time.Second)
				for _, m := range messages {
					if err = handle(context.WithoutCancel(ctx), m.Body); err == nil {
						err = queues[name].Ack(context.WithoutCancel(ctx), m)
					}
				}
				if _, dropped := worker.Dropped(err); err != nil && !dropped && ctx.Err() == nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	t.Cleanup(func() { stop(); running.Wait() })
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
