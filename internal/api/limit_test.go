package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/disk"
	"griot/internal/limit"
	"griot/internal/table"
	"griot/internal/table/bolt"
)

// limited serves endpoints to a workspace that may take little, and has a clock.
type limited struct {
	http.Handler
	limits *limit.Limiter
	now    time.Time
	log    bytes.Buffer
}

func newLimited(t *testing.T, rate limit.Amount, endpoints ...api.Endpoint) *limited {
	t.Helper()
	h := &limited{now: now}
	clock := func() time.Time { return h.now }
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store, err := bolt.New(db, clock)
	if err != nil {
		t.Fatal(err)
	}
	h.limits = &limit.Limiter{Table: store, Now: clock, Default: limit.Rates{limit.Standard: rate, limit.Heavy: rate, limit.Search: rate}}
	h.Handler = api.Handler(api.Config{
		Verify: func(_ context.Context, bearer string) (access.Principal, error) {
			return access.Principal{Workspace: "ws_" + bearer, KeyID: bearer}, nil
		},
		Limits: h.limits, Table: store, Now: clock, Log: slog.New(slog.NewJSONHandler(&h.log, nil)),
	}, endpoints...)
	return h
}

func (h *limited) do(key, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// costing is an endpoint that uses so many units, or as many as ?reads= says.
func costing(path string, used table.Totals) api.Endpoint {
	return serving("GET", path, func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
		if n, err := strconv.ParseFloat(r.URL.Query().Get("reads"), 64); err == nil {
			used.ReadUnits = n
		}
		table.UsageFrom(r.Context()).Add(used)
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// A burst is served, then it is 429 in the dialect of the path; who waits as
// long as he was told is served again. Others notice nothing.
func TestLimitsInEachDialect(t *testing.T) {
	for _, test := range []struct {
		path, contentType string
		reset             string // of a bucket in which one request of 60 is taken, after a second
		body              map[string]any
	}{
		{"/v1/x", "application/problem+json", "2026-05-18T14:00:01Z", map[string]any{
			"type": "https://errors.mnemos.ai/rate_limited", "title": "Rate limited", "status": 429.0,
		}},
		{"/api/x", "application/json; charset=utf-8", "1779112801", map[string]any{"code": "RATE_LIMITED", "retryAfter": 1.0}},
	} {
		t.Run(test.path, func(t *testing.T) {
			h := newLimited(t, limit.Amount{1, 1000, 1000}, costing(test.path, table.Totals{ReadUnits: 2}))
			w := h.do("a", "GET", test.path, "")
			for name, want := range map[string]string{
				"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59", "X-RateLimit-Reset": test.reset, "X-RateLimit-Bucket": "workspace:ws_a:standard",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %s, want %s", name, got, want)
				}
			}
			for w.Code != http.StatusTooManyRequests {
				w = h.do("a", "GET", test.path, "")
			}
			if h.do("b", "GET", test.path, "").Code != http.StatusNoContent {
				t.Error("another workspace is refused")
			}
			var body map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			for member, want := range test.body {
				if body[member] != want {
					t.Errorf("%s: %v, want %v", member, body[member], want)
				}
			}
			if w.Header().Get("Retry-After") != "1" || w.Header().Get("X-RateLimit-Remaining") != "0" || w.Header().Get("Content-Type") != test.contentType {
				t.Errorf("%v", w.Header())
			}
			if h.do("a", "GET", test.path, "").Code != http.StatusTooManyRequests {
				t.Error("served before its time")
			}
			h.now = h.now.Add(time.Second)
			if w := h.do("a", "GET", test.path, ""); w.Code != http.StatusNoContent {
				t.Errorf("after Retry-After: %d", w.Code)
			}
		})
	}
}

// What a request has cost is charged, whatever it looked like, and the log says
// whom and what.
func TestRequestsAreChargedWhatTheyCost(t *testing.T) {
	h := newLimited(t, limit.Amount{100, 10, 10}, costing("/v1/x", table.Totals{WriteUnits: 3}))
	if w := h.do("a", "GET", "/v1/x?reads=650", ""); w.Code != http.StatusNoContent {
		t.Fatal(w.Code)
	}
	var event map[string]any
	if err := json.Unmarshal(h.log.Bytes(), &event); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"workspace": "ws_a", "key": "a", "class": "standard", "read_units": 650.5, "write_units": 3.0, // half a unit is the plan's
	} {
		if event[name] != want {
			t.Errorf("%s: %v, want %v", name, event[name], want)
		}
	}
	h.log.Reset()
	if w := h.do("a", "GET", "/v1/x", ""); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "6" { // 50.5 owed, 4 wanted
		t.Errorf("%d, again after %s", w.Code, w.Header().Get("Retry-After"))
	}
	if err := json.Unmarshal(h.log.Bytes(), &event); err != nil || event["limited"] != 1.0 {
		t.Errorf("%v, %v", event, err)
	}
}

// A body counts as large as it is, not as small as it was sent.
func TestBodiesCountUnzipped(t *testing.T) {
	post := api.Endpoint{
		Name: "test-post", Method: "POST", Path: "/v1/x", Class: limit.Heavy,
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			if _, err := api.ReadBody(w, r); err != nil {
				return err
			}
			w.WriteHeader(http.StatusNoContent)
			return nil
		},
	}
	h := newLimited(t, limit.Amount{100, 100, 10}, post) // 600 write units: 300 KB of a transaction
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(zw, strings.Repeat("a", 500<<10))
	_ = zw.Close()
	if w := h.do("a", "POST", "/v1/x", strings.Repeat("a", 100<<10)); w.Code != http.StatusNoContent {
		t.Errorf("100 KB: %d", w.Code)
	}
	w := h.do("b", "POST", "/v1/x", strings.Repeat("a", 200<<10))
	if w.Code != http.StatusNoContent || w.Header().Get("X-RateLimit-Remaining") != "190" {
		t.Errorf("200 KB: %d, %v", w.Code, w.Header())
	}
	h.do("c", "POST", "/v1/x", strings.Repeat("a", 200<<10)) // costs nothing in the end
	small := newLimited(t, limit.Amount{100, 100, 10}, post, costing("/v1/y", table.Totals{WriteUnits: 400}))
	small.do("a", "GET", "/v1/y", "")
	if w := small.do("a", "POST", "/v1/x", zipped.String(), "Content-Encoding", "gzip"); w.Code != http.StatusNoContent {
		t.Errorf("zipped, of another class: %d", w.Code)
	}
	post.Class = limit.Standard
	small = newLimited(t, limit.Amount{100, 100, 10}, post, costing("/v1/y", table.Totals{WriteUnits: 400}))
	small.do("a", "GET", "/v1/y", "")
	if w := small.do("a", "POST", "/v1/x", zipped.String(), "Content-Encoding", "gzip"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("zipped: %d", w.Code)
	}
}

// An answer that goes on is charged while it does, and ends when there is
// nothing left.
func TestLongAnswersAreChargedByTheMinute(t *testing.T) {
	minutes := 0
	h := newLimited(t, limit.Amount{1, 1, 1}, serving("GET", "/v1/x", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
		for ; minutes < 10; minutes++ {
			table.UsageFrom(r.Context()).Add(table.Totals{ReadUnits: 25})
			if _, err := api.Reverify(r.Context(), r); err != nil {
				break
			}
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}))
	h.do("a", "GET", "/v1/x", "")
	if minutes != 2 { // 25, 50, and no 75 of 60
		t.Errorf("it went on for %d minutes", minutes)
	}
	states, err := h.limits.Usage(t.Context(), "ws_a")
	if err != nil || states[0].Remaining[limit.Requests] != 57 || states[0].Remaining[limit.Reads] != -15.5 {
		t.Errorf("%+v, %v", states[0], err)
	}
}

// A key that has limits of its own is told of them when they are nearer.
func TestKeysWithLimits(t *testing.T) {
	h := newLimited(t, limit.Amount{10, 100, 100}, costing("/v1/x", table.Totals{}))
	if err := h.limits.Set(t.Context(), "ws_a", "a", limit.Rates{limit.Standard: {1, 0, 0}}); err != nil {
		t.Fatal(err)
	}
	w := h.do("a", "GET", "/v1/x", "")
	if w.Header().Get("X-RateLimit-Bucket") != "key:a:standard" || w.Header().Get("X-RateLimit-Limit") != "60" {
		t.Errorf("%v", w.Header())
	}
}
