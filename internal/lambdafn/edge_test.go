package lambdafn_test

import (
	"context"
	"net/http"
	"path/filepath"
	"runtime"
	"testing"
	"time"

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
