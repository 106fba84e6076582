package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/table"
)

// stubStore answers Get only.
type stubStore struct {
	table.Store
	err   error
	calls int
}

func (s *stubStore) Get(context.Context, table.Key, table.Consistency) (table.Item, error) {
	s.calls++
	return table.Item{}, s.err
}

func TestHealth(t *testing.T) {
	clock := now
	p := api.Process{Version: "1.2.3", Started: now.Add(-90 * time.Second), Now: func() time.Time { return clock }}
	store := &stubStore{err: table.ErrNotFound}
	h := newHost(api.Livez(p), api.Health(p, store))
	check := func(path string, status int, word string) {
		t.Helper()
		w := h.do("GET", path, "", "Authorization", "")
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if w.Code != status || got["status"] != word || got["version"] != "1.2.3" || got["uptime"].(float64) < 90 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	check("/livez", 200, "alive")
	check("/health", 200, "healthy")
	store.err = errors.New("gone")
	check("/health", 200, "healthy") // remembered
	if store.calls != 1 {
		t.Errorf("%d calls", store.calls)
	}
	clock = clock.Add(time.Second)
	check("/health", 503, "unhealthy")
	check("/livez", 200, "alive")
}

func TestDegradedHealth(t *testing.T) {
	p := api.Process{Version: "1.2.3", Started: now, Now: func() time.Time { return now }}
	store := &stubStore{err: table.ErrNotFound}
	full := errs.Wrap(errs.InsufficientStorage, errors.New("write /secret/path"), "the server's disk is full")
	part := api.Part{Name: "disk", Check: func() error { return full }}
	h := newHost(api.Health(p, store, part), api.SystemHealth(p, store, part))
	for _, path := range []string{"/health", "/api/system/health"} {
		w := h.do("GET", path, "")
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"status":"degraded"`) || strings.Contains(w.Body.String(), "/secret") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if body := h.do("GET", "/health", "").Body.String(); !strings.Contains(body, `"message":"the server's disk is full"`) {
		t.Errorf("nothing says why: %s", body)
	}
}
