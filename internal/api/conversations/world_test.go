package conversations_test

import (
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
	"griot/internal/conversation"
	"griot/internal/search"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/table/tabletest"
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
	ports, _ := systemtest.Embed(t, "http://unused", time.Now)
	store := tabletest.NewContended(ports.Table, 0)
	on := ports.Ports()
	on.Table = store
	s := system.New(on, system.Config{Cache: search.NewCache(1 << 20)})
	w := &world{dir: s.Access, svc: s.Conversations}
	t.Cleanup(w.dir.Settle)
	process := api.Process{Version: "test", Started: time.Now(), Now: time.Now}
	endpoints := stack.Endpoints(w.svc, w.dir, process, store, s.Sessions)
	srv := httptest.NewServer(api.Handler(api.Config{
		Verify: w.dir.Admit, Table: store, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}, endpoints...))
	w.base = srv.URL
	systemtest.Work(t, ports.Queues, s.Workers)
	t.Cleanup(srv.Close)
	w.tenants(t)
	return w
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
