package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"griot/infra/deploy/smoke"
)

// smoked runs the smoke test of deployments against this host, which has no
// gateway, behind what may spoil its answers, and returns what it prints.
func smoked(t *testing.T, before func(http.Handler) http.Handler) (string, error) {
	t.Helper()
	dir := t.TempDir()
	o, _, err := parseOptions([]string{"-addr", "127.0.0.1:0", "-data", nowhere}, io.Discard)
	ok(t, err)
	h, err := open(o, dir)
	ok(t, err)
	front := httptest.NewServer(before(h.handler()))
	defer front.Close()
	ctx, cancel := context.WithCancel(t.Context())
	working := make(chan error)
	go func() { working <- h.run(ctx) }()
	var printed strings.Builder
	failed := smoke.Run(t.Context(), smoke.Target{
		Base: front.URL, Desk: h.desk(), Version: version,
		Drop: func(_ context.Context, key string, data []byte) error {
			file := filepath.Join(dir, key)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				return err
			}
			return os.WriteFile(file, data, 0o600)
		},
	}, &printed)
	cancel()
	ok(t, <-working)
	ok(t, h.close())
	return printed.String(), failed
}

func TestSmoke(t *testing.T) {
	if testing.Short() {
		t.Skip("the faults' run has most of it")
	}
	printed, err := smoked(t, func(h http.Handler) http.Handler { return h })
	t.Log("\n" + printed)
	if err != nil {
		t.Error(err)
	}
}

// TestSmokeSeesFaults spoils some answers: their steps fail, the others do
// not, and nothing is left behind.
func TestSmokeSeesFaults(t *testing.T) {
	printed, err := smoked(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/api/nowhere":
				http.Error(w, `{"message":"Missing Authentication Token"}`, http.StatusForbidden)
				return
			case r.ContentLength > 6<<20:
				http.Error(w, `{"message":"Request Too Long"}`, http.StatusRequestEntityTooLarge)
				return
			case r.URL.Path == "/api/memories":
				http.Error(w, `{"message":"Internal server error"}`, http.StatusBadGateway)
				return
			}
			r.Header.Del("Last-Event-ID")
			h.ServeHTTP(w, r)
		})
	})
	var failed []string
	for _, line := range regexp.MustCompile(`(?m)^(.+?)  +\S+  FAILED: `).FindAllStringSubmatch(printed, -1) {
		failed = append(failed, line[1])
	}
	want := []string{"unknown paths", "bodies too large", "stream resumed", "a timeline over 10 MB"}
	if err == nil || !strings.Contains(err.Error(), "4 of 14") || !slices.Equal(failed, want) || strings.Contains(printed, "left behind") {
		t.Errorf("failed: %q, want %q: %v\n%s", failed, want, err, printed)
	}
}
