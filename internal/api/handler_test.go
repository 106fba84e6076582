package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/table"
)

var now = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// host serves endpoints to the key "good" and keeps the log.
type host struct {
	http.Handler
	log bytes.Buffer
}

func newHost(endpoints ...api.Endpoint) *host {
	h := &host{}
	h.Handler = api.Handler(api.Config{
		Verify: func(_ context.Context, bearer string) (access.Principal, error) {
			switch bearer {
			case "good":
				return access.Principal{Workspace: "ws_1", KeyID: "mk_live_1", Scopes: []access.Scope{access.All}}, nil
			case "":
				return access.Principal{}, &errs.Error{Kind: errs.Unauthenticated, Code: "missing_credentials", Message: "no key"}
			}
			return access.Principal{}, errs.New(errs.Unauthenticated, "unknown key")
		},
		Now: func() time.Time { return now },
		Log: slog.New(slog.NewJSONHandler(&h.log, nil)),
	}, endpoints...)
	return h
}

func (h *host) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer good")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (h *host) event(t *testing.T) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(h.log.String()), "\n")
	var event map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &event); err != nil {
		t.Fatalf("the log's last line: %v", err)
	}
	return event
}

// serving is an endpoint that runs fn.
func serving(method, path string, fn func(w http.ResponseWriter, r *http.Request, p access.Principal) error) api.Endpoint {
	return api.Endpoint{Name: "test-" + strings.ToLower(method), Method: method, Path: path, Serve: fn}
}

func echoID(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
	return api.WriteJSON(w, r, http.StatusOK, map[string]string{"id": r.PathValue("id")})
}

func failing(err error) func(http.ResponseWriter, *http.Request, access.Principal) error {
	return func(http.ResponseWriter, *http.Request, access.Principal) error { return err }
}

func TestUnknownPathsAndMethodsAre404InThePathsDialect(t *testing.T) {
	h := newHost(serving("GET", "/v1/things/{id}", echoID), serving("GET", "/api/things/{id}", echoID), serving("POST", "/v1/things", echoID))
	const problem, plain = "application/problem+json", "application/json; charset=utf-8"
	for _, c := range []struct{ method, target, contentType string }{
		{"GET", "/", plain}, {"GET", "/nope", plain}, {"GET", "/api/nope", plain}, {"GET", "/v10/things/1", plain},
		{"GET", "/v1", problem}, {"GET", "/v1/", problem}, {"GET", "/v1/nope", problem}, {"GET", "/v1/things", problem},
		{"PUT", "/v1/things/1", problem}, {"DELETE", "/api/things/1", plain}, {"OPTIONS", "/v1/things", problem},
		{"HEAD", "/v1/things", problem}, {"CONNECT", "/v1/things/1", problem},
		{"GET", "/v1/things/", problem}, {"GET", "/v1/things/1/", problem}, {"GET", "/v1//things/1", problem},
		{"GET", "///v1/things/1", plain}, {"GET", "/v1/./things/1", problem}, {"GET", "/v1/x/../things/1", problem},
		{"GET", "/v1%2Fthings/1", problem}, {"GET", "/v1/things%2F1", problem}, {"GET", "/x/../v1/things/1", plain},
		{"GET", "/v1/things/%2e%2E", problem}, {"GET", "/v1/things/.%2e", problem}, {"GET", "/api/%2e/things/1", plain},
	} {
		w := h.do(c.method, c.target, "")
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusNotFound || got != c.contentType {
			t.Errorf("%s %s: %d %q, want 404 %q", c.method, c.target, w.Code, got, c.contentType)
		}
	}
}

func TestPathsReachTheirRoute(t *testing.T) {
	h := newHost(serving("GET", "/v1/things/{id}", echoID), serving("GET", "/api/things/{id}", echoID))
	for target, want := range map[string]string{
		"/v1/things/1":             "1",
		"//v1/things/1":            "1",
		"//api/things/a%2Fb%20%3F": "a/b ?",
		"/v1/things/a%2Eb":         "a.b",
		"/v1/things/a%2F..%2Fb":    "a/../b",
		"/v1/things/%00":           "\x00",
	} {
		w := h.do("GET", target, "")
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
			continue
		}
		if got["id"] != want {
			t.Errorf("%s: id %q, want %q", target, got["id"], want)
		}
	}
}

func TestEveryAnswerHasItsHeadersAndEvent(t *testing.T) {
	h := newHost(serving("GET", "/v1/things/{id}", echoID))
	for target, status := range map[string]int{"/v1/things/secret-id?q=secret": 200, "/nope": 404} {
		w := h.do("GET", target, "")
		if !id.Valid(id.Request, w.Header().Get("X-Request-Id")) {
			t.Errorf("%s: X-Request-Id %q", target, w.Header().Get("X-Request-Id"))
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", target, w.Header())
		}
		event := h.event(t)
		if event["status"] != float64(status) || event["request_id"] != w.Header().Get("X-Request-Id") {
			t.Errorf("%s: event %v", target, event)
		}
		if strings.Contains(h.log.String(), "secret") || strings.Contains(h.log.String(), "good") {
			t.Errorf("%s: the log tells too much: %s", target, h.log.String())
		}
	}
}

// What a gateway before the service logs of a request can be found by its
// event; without one there is no such id.
func TestEventHasTheGatewaysID(t *testing.T) {
	h := newHost(serving("GET", "/v1/things/{id}", echoID))
	h.do("GET", "/v1/things/a", "")
	if event := h.event(t); event["gateway_id"] != nil {
		t.Errorf("event %v", event)
	}
	r := httptest.NewRequest("GET", "/v1/things/a", nil)
	r.Header.Set("Authorization", "Bearer good")
	h.ServeHTTP(httptest.NewRecorder(), r.WithContext(api.WithGateway(r.Context(), "g-1")))
	if event := h.event(t); event["gateway_id"] != "g-1" || event["request_id"] == "g-1" {
		t.Errorf("event %v", event)
	}
}

func TestTheKeyComesFirst(t *testing.T) {
	h := newHost(serving("POST", "/v1/things", func(http.ResponseWriter, *http.Request, access.Principal) error {
		t.Error("served without a key")
		return nil
	}))
	for header, code := range map[string]string{
		"": "missing_credentials", "Basic good": "missing_credentials", "Bearer": "missing_credentials",
		"Bearer bad": "invalid_credentials", "bearer bad": "invalid_credentials", "good": "missing_credentials",
	} {
		w := h.do("POST", "/v1/things", strings.Repeat("x", api.MaxBody+1), "Authorization", header)
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "errors.mnemos.ai/"+code) {
			t.Errorf("%q: %d %s", header, w.Code, w.Body)
		}
		if w.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%q: no WWW-Authenticate", header)
		}
	}
}

func TestBearerSchemeIgnoresCase(t *testing.T) {
	h := newHost(serving("GET", "/v1/things/{id}", echoID))
	for _, header := range []string{"bearer good", "BEARER good", "Bearer  good "} {
		if w := h.do("GET", "/v1/things/1", "", "Authorization", header); w.Code != http.StatusOK {
			t.Errorf("%q: %d", header, w.Code)
		}
	}
}

func TestErrorsInBothDialects(t *testing.T) {
	fields := errs.Invalid("title", "required", "is required")
	for _, c := range []struct {
		err          error
		v1, other    int
		code         string
		retry        string
		logsTheCause bool
	}{
		{errs.New(errs.Malformed, "m"), 400, 400, "invalid_request", "", false},
		{fields, 400, 422, "invalid_request", "", false},
		{errs.New(errs.FailedPrecondition, "m"), 422, 422, "unprocessable_entity", "", false},
		{errs.New(errs.PermissionDenied, "m"), 403, 403, "permission_denied", "", false},
		{errs.New(errs.NotFound, "m"), 404, 404, "not_found", "", false},
		{errs.New(errs.Conflict, "m"), 409, 409, "conflict", "", false},
		{errs.New(errs.TooLarge, "m"), 413, 413, "payload_too_large", "", false},
		{&errs.Error{Kind: errs.ResourceExhausted, Message: "m", RetryAfter: 1500 * time.Millisecond}, 429, 429, "rate_limited", "2", false},
		{errs.New(errs.Unavailable, "m"), 503, 503, "service_unavailable", "1", true},
		{errs.New(errs.InsufficientStorage, "m"), 507, 507, "insufficient_storage", "", true},
		{table.ErrThrottled, 503, 503, "service_unavailable", "1", true},
		{table.ErrConflict, 503, 503, "service_unavailable", "1", true},
		{table.Unanswered(context.DeadlineExceeded), 503, 503, "service_unavailable", "1", true},
		{context.DeadlineExceeded, 504, 504, "timeout", "", true},
		{errors.New("secret detail"), 500, 500, "internal_error", "", true},
		{errs.Wrap(errs.Internal, errors.New("secret detail"), "secret detail"), 500, 500, "internal_error", "", true},
		{table.ErrLimit, 500, 500, "internal_error", "", true},
	} {
		h := newHost(serving("GET", "/v1/x", failing(c.err)), serving("GET", "/api/x", failing(c.err)))
		w := h.do("GET", "/v1/x", "")
		var p struct {
			Type, Title, Detail, Instance string
			Status                        int
			Errors                        []errs.Field
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.v1 || p.Status != c.v1 || p.Type != "https://errors.mnemos.ai/"+c.code || p.Detail == "" || p.Instance != w.Header().Get("X-Request-Id") {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
		if got := w.Header().Get("Retry-After"); got != c.retry {
			t.Errorf("%v: Retry-After %q, want %q", c.err, got, c.retry)
		}
		if c.err == error(fields) && !cmp.Equal(p.Errors, fields.Fields) {
			t.Errorf("errors[]: %v", p.Errors)
		}
		_, logged := h.event(t)["error"]
		if logged != c.logsTheCause || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: logged %v, body %s", c.err, logged, w.Body)
		}
		w = h.do("GET", "/api/x", "")
		var plain map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &plain); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.other || plain["code"] != strings.ToUpper(c.code) || plain["error"] == "" || plain["requestId"] != w.Header().Get("X-Request-Id") {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
		if _, has := plain["retryAfter"]; has != (c.retry != "") {
			t.Errorf("%v: %s", c.err, w.Body)
		}
	}
}

// How often the table refused a request is in its event, whatever came of it.
func TestRefusalsOfTheTableAreCounted(t *testing.T) {
	h := newHost(serving("GET", "/v1/x", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
		table.UsageFrom(r.Context()).Add(table.Totals{Conflicts: 2})
		table.UsageFrom(r.Context()).Add(table.Totals{Conflicts: 1, Throttled: 4})
		w.WriteHeader(http.StatusNoContent)
		return nil
	}), serving("GET", "/v1/y", func(http.ResponseWriter, *http.Request, access.Principal) error { return nil }))
	h.do("GET", "/v1/x", "")
	if e := h.event(t); e["table_conflicts"] != 3.0 || e["table_throttled"] != 4.0 {
		t.Errorf("%v", e)
	}
	h.do("GET", "/v1/y", "")
	if _, there := h.event(t)["table_conflicts"]; there {
		t.Error("a request that was never refused counts")
	}
}

func TestTitlesAreTheCataloguesWords(t *testing.T) {
	h := newHost(serving("GET", "/v1/x", failing(errs.New(errs.FailedPrecondition, "m"))))
	if w := h.do("GET", "/v1/x", ""); !strings.Contains(w.Body.String(), `"title":"Unprocessable entity"`) {
		t.Error(w.Body)
	}
}

func TestPanicIsA500(t *testing.T) {
	h := newHost(serving("GET", "/v1/x", func(http.ResponseWriter, *http.Request, access.Principal) error { panic("boom") }))
	w := h.do("GET", "/v1/x", "")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if cause, _ := h.event(t)["error"].(string); !strings.Contains(cause, "boom") || !strings.Contains(cause, "handler_test.go") {
		t.Errorf("the event's cause is %q", cause)
	}
}

func TestBrokenAnswerBreaksTheConnection(t *testing.T) {
	half := func(end func() error) func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
		return func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			_, _ = io.WriteString(w, `{"half":`)
			return end()
		}
	}
	h := newHost(
		serving("GET", "/v1/error", half(func() error { return errors.New("lost the table") })),
		serving("GET", "/v1/panic", half(func() error { panic("lost my head") })),
	)
	srv := httptest.NewServer(h)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer srv.Close()
	for _, path := range []string{"/v1/error", "/v1/panic"} {
		req, _ := http.NewRequest("GET", srv.URL+path, nil)
		req.Header.Set("Authorization", "Bearer good")
		res, err := srv.Client().Do(req)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			_ = res.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: the client saw a whole answer", path)
		}
	}
}

func TestAClientThatLeavesIsNoError(t *testing.T) {
	h := newHost(serving("GET", "/v1/x", func(_ http.ResponseWriter, r *http.Request, _ access.Principal) error {
		<-r.Context().Done()
		return r.Context().Err()
	}))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "GET", "/v1/x", nil)
	r.Header.Set("Authorization", "Bearer good")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if event := h.event(t); event["status"] != float64(499) || event["level"] != "INFO" {
		t.Errorf("event %v", event)
	}
}

func zipped(s string) string {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	_, _ = io.WriteString(zw, s)
	_ = zw.Close()
	return b.String()
}

// echoBody answers with the body, as text.
func echoBody(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
	body, err := api.ReadBody(w, r)
	if err != nil {
		return err
	}
	return api.WriteJSON(w, r, http.StatusOK, string(body))
}

func TestBodies(t *testing.T) {
	h := newHost(serving("POST", "/v1/body", echoBody))
	full := strings.Repeat("x", api.MaxBody)
	for name, c := range map[string]struct {
		body, encoding string
		want           int
	}{
		"empty":            {"", "", 200},
		"full":             {full, "", 200},
		"over":             {full + "x", "", 413},
		"identity":         {"x", "identity", 200},
		"gzip":             {zipped(full), "gzip", 200},
		"gzip upper":       {zipped("x"), "GZIP", 200},
		"gzip bomb":        {zipped(full + "x"), "gzip", 413},
		"gzip cut":         {zipped(full)[:100], "gzip", 400},
		"not gzip":         {"x", "gzip", 400},
		"unknown encoding": {"x", "br", 400},
	} {
		if w := h.do("POST", "/v1/body", c.body, "Content-Encoding", c.encoding); w.Code != c.want {
			t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, c.want)
		}
	}
}

func TestBodiesMayBeginWithAByteOrderMark(t *testing.T) {
	h := newHost(serving("POST", "/v1/body", echoBody))
	for sent, want := range map[string]string{
		"\ufeff{}":       "\"{}\"",
		"\ufeff":         "\"\"",
		"{}\ufeff":       "\"{}\ufeff\"",
		"\ufeff\ufeff{}": "\"\ufeff{}\"",
	} {
		for encoding, sent := range map[string]string{"": sent, "gzip": zipped(sent)} {
			if w := h.do("POST", "/v1/body", sent, "Content-Encoding", encoding); strings.TrimSpace(w.Body.String()) != want {
				t.Errorf("%q %s: %s, want %s", sent, encoding, w.Body, want)
			}
		}
	}
}

// unread fails the test when somebody reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestAnnouncedLengthIsRefusedBeforeReading(t *testing.T) {
	h := newHost(serving("POST", "/v1/x", echoID))
	r := httptest.NewRequest("POST", "/v1/x", unread{t})
	r.Header.Set("Authorization", "Bearer good")
	r.Header.Set("Expect", "100-continue")
	r.ContentLength = api.MaxBody + 1
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "payload_too_large") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A client that sends everything before it reads gets the answer.
func TestALargeBodyIsTakenToItsEnd(t *testing.T) {
	srv := httptest.NewServer(newHost(serving("POST", "/v1/x", echoID)))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const size = 20 << 20
	request := fmt.Sprintf("POST /v1/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Length: %d\r\n\r\n", size)
	if _, err := io.WriteString(conn, request+strings.Repeat("x", size)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(resp.Status)
	}
}

func TestAnUnannouncedBodyIsCapped(t *testing.T) {
	h := newHost(api.Post[api.NoBody, int]{Name: "x", Path: "/v1/x"}.Endpoint())
	r := httptest.NewRequest("POST", "/v1/x", strings.NewReader(strings.Repeat("x", api.MaxBody+1)))
	r.Header.Set("Authorization", "Bearer good")
	r.ContentLength = -1
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
