package lambdafn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/disk"
	"griot/internal/lambdafn"
	"griot/internal/limit"
	"griot/internal/table"
	"griot/internal/table/bolt"
)

// slow is a store whose writes begin when somebody waits for them.
type slow struct {
	table.Store
	answered chan struct{}
}

func (s slow) Write(ctx context.Context, op table.Op) (table.Item, error) {
	<-s.answered
	for range 100 {
		runtime.Gosched()
	}
	return s.Store.Write(ctx, op)
}

// A function may be frozen as soon as it has answered: by then the use of the
// key is noted, also when the answer is ready before.
func TestUsesAreNotedBeforeTheInvocationEnds(t *testing.T) {
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store, err := bolt.New(db, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	dir := &access.Directory{Table: store, Now: time.Now}
	ws, _, err := dir.CreateWorkspace(t.Context(), "Acme")
	if err != nil {
		t.Fatal(err)
	}
	credential, _, err := dir.CreateKey(t.Context(), ws.ID, access.KeyInput{Scopes: []access.Scope{access.All}})
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	handler := lambdafn.Edge(slow{store, answered}, limit.Embedded(), api.Endpoint{
		Name: "x", Method: http.MethodGet, Path: "/v1/x",
		Serve: func(w http.ResponseWriter, _ *http.Request, _ access.Principal) error {
			close(answered)
			return nil
		},
	})
	event := get("/v1/x")
	event.Headers = map[string]string{"Authorization": "Bearer " + credential}
	if out := buffered(t, handler.ServeHTTP, event); out.StatusCode != http.StatusOK {
		t.Fatalf("%+v", out)
	}
	keys, err := dir.ListKeys(t.Context(), ws.ID)
	if err != nil || len(keys) != 1 || keys[0].LastUsedAt.IsZero() {
		t.Errorf("%+v, %v", keys, err)
	}
}

// The event of a request is one of the logger that the function has when it
// serves, with its members, and has the id under which API Gateway logs it,
// whichever way the answer goes. Handlers are made before there is that logger.
func TestEventsOfAFunction(t *testing.T) {
	var log bytes.Buffer
	handler := api.Handler(api.Config{}, api.Livez(api.Process{Now: time.Now}))
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	event := events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/livez"}
	event.RequestContext.RequestID = "buffered"
	if _, err := lambdafn.Buffered(handler)(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	event.RequestContext.RequestID = "streamed"
	out, err := lambdafn.Streamed(handler)(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	lines := json.NewDecoder(&log)
	for _, want := range []string{"buffered", "streamed"} {
		var line map[string]any
		if err := lines.Decode(&line); err != nil || line["msg"] != "request" || line["status"] != 200.0 || line["gateway_id"] != want {
			t.Errorf("%v, %v, want %s", line, err, want)
		}
	}
}
