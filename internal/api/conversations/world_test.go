package conversations_test

import (
	"context"
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
	"griot/internal/blob/dir"
	"griot/internal/conversation"
	"griot/internal/conversation/upkeep"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/session"
	tablebolt "griot/internal/table/bolt"
	"griot/internal/table/tabletest"
	"griot/internal/task"
)

// world is the conversations API, with the receipts of the other one, in a
// temporary directory behind a real server.
type world struct {
	base string
	svc  *conversation.Service
	dir  *access.Directory
	vars map[string]string
	ws   [2]string // the workspaces of KEY and KEY2
	log  lockedLog
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

func newWorld(t testing.TB) *world {
	t.Helper()
	data := t.TempDir()
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
	blobs, err := dir.Open(filepath.Join(data, "objects"), dir.Options{Base: "http://unused", NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, blobs.Close()) })

	w := &world{dir: &access.Directory{Table: store, Now: time.Now}}
	t.Cleanup(w.dir.Settle)
	index := &search.Index{Table: store, Blobs: blobs, Merges: queues[queue.Merge], Cache: search.NewCache(1 << 20)}
	w.svc = &conversation.Service{Table: store, Index: index, Jobs: queues, Now: time.Now}
	process := api.Process{Version: "test", Started: time.Now(), Now: time.Now}
	endpoints := stack.Endpoints(w.svc, w.dir, process, store, &session.Service{Table: store})
	srv := httptest.NewServer(api.Handler(api.Config{
		Verify: w.dir.Admit, Table: store, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}, endpoints...))
	w.base = srv.URL
	w.work(t, queues, index)
	t.Cleanup(srv.Close)
	w.tenants(t)
	return w
}

// work runs the workers until the test ends.
func (w *world) work(t testing.TB, queues map[queue.Name]queue.Queue, index *search.Index) {
	handlers := (&upkeep.Service{Conversations: w.svc}).Handlers()
	handlers[task.MergeIndex] = func(ctx context.Context, m task.Message) error { return index.Merge(ctx, m.Workspace) }
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, name := range []queue.Name{queue.Purge, queue.Tidy, queue.Merge} {
		running.Go(func() {
			for ctx.Err() == nil {
				messages, err := queues[name].Receive(ctx, 1, time.Second)
				for _, m := range messages {
					j, bad := task.Decode(m.Body)
					if err = bad; err == nil {
						err = handlers[task.KindOf(name, j)](context.WithoutCancel(ctx), j)
					}
					if err == nil {
						err = queues[name].Ack(context.WithoutCancel(ctx), m)
					}
				}
				if err != nil && ctx.Err() == nil {
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
	w.vars = map[string]string{"PROJECT_A": "", "PROJECT_B": ""}
	for i, name := range []string{"KEY", "KEY2"} {
		ws, _, err := w.dir.CreateWorkspace(t.Context(), "Workspace "+name)
		ok(t, err)
		w.ws[i] = ws.ID
		w.vars[name] = w.key(t, ws.ID, access.All)
	}
}

func (w *world) key(t testing.TB, workspace string, scopes ...access.Scope) string {
	t.Helper()
	key, _, err := w.dir.CreateKey(t.Context(), workspace, access.KeyInput{Scopes: scopes})
	ok(t, err)
	return key
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request with the first workspace's key.
func (w *world) do(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.base+path, strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+w.vars["KEY"])
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	ok(t, err)
	return answer{res.StatusCode, res.Header, string(data)}
}
