package worker_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"griot/internal/blob"
	"griot/internal/fetch"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/worker"
)

// meanwhile is a store in which something happens before or after the next Put,
// at which the process dies.
type meanwhile struct {
	blob.Store
	before, after func()
}

var errDied = errors.New("the process has died")

func (m *meanwhile) Put(ctx context.Context, key string, r io.Reader, size int64, p blob.Put) (blob.Info, error) {
	if m.before == nil && m.after == nil {
		return m.Store.Put(ctx, key, r, size, p)
	}
	before, after := m.before, m.after
	m.before, m.after = nil, nil
	if before != nil {
		before()
		return blob.Info{}, errDied
	}
	if _, err := m.Store.Put(ctx, key, r, size, p); err != nil {
		return blob.Info{}, err
	}
	after()
	return blob.Info{}, errDied
}

// A process that dies while it fetches for a session that is deleted meanwhile
// leaves nothing, wherever the deletion was by then.
func TestFetchedForADeletedSession(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, interview) }))
	defer server.Close()
	for name, arm := range map[string]func(w *world, m *meanwhile, remove func()){
		"deleted before the bytes come":   func(_ *world, m *meanwhile, remove func()) { m.before = remove },
		"deleted when they are there":     func(_ *world, m *meanwhile, remove func()) { m.after = remove },
		"purged when they are there":      func(w *world, m *meanwhile, remove func()) { m.after = func() { remove(); w.settle() } },
		"purged, and then the bytes come": func(w *world, m *meanwhile, remove func()) { m.after = remove },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sessions.LoopbackURLs = true
			s := createUpload(w, server.URL+"/call.vtt")
			store := &meanwhile{Store: w.blobs}
			files := worker.Files{Sessions: w.sessions, Blobs: store, Fetch: fetch.Client{AllowLoopback: true}}
			key := "sessions/" + w.caller.Workspace + "/" + s.ID + "/fetched"
			arm(w, store, func() { ok(t, w.remove(s.ID)) })
			w.workers[queue.Fetch] = files.FetchURL()
			w.step(queue.Fetch, w.workers[queue.Fetch])
			late := name == "purged, and then the bytes come"
			if late {
				w.settle()
				put(w, key, interview)
			}
			w.settle()
			job := session.Job{Workspace: w.caller.Workspace, Session: s.ID}.Encode()
			for range 2 { // it is delivered again, and twice
				ok(t, files.FetchURL()(t.Context(), job))
			}
			if objects := left(w, s.ID, ""); len(objects) > 0 {
				t.Errorf("left: %v", objects)
			}
			if r := w.receipts(); len(r) != 1 || r[0].Str("status") != "done" {
				t.Errorf("receipts = %v", r)
			}
		})
	}
}
