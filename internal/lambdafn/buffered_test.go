package lambdafn_test

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/lambdafn"
)

func get(path string) events.APIGatewayProxyRequest {
	return events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: path}
}

func buffered(t *testing.T, h http.HandlerFunc, event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	t.Helper()
	out, err := lambdafn.Buffered(h)(t.Context(), event)
	if err != nil {
		t.Fatalf("the function failed: %v", err)
	}
	return out
}

func TestSilentHandlerIsA200(t *testing.T) {
	if out := buffered(t, func(http.ResponseWriter, *http.Request) {}, get("/v1/x")); out.StatusCode != 200 || out.Body != "" {
		t.Errorf("%+v", out)
	}
	out := buffered(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, get("/v1/x"))
	if out.StatusCode != 204 {
		t.Errorf("%+v", out)
	}
}

// Paths arrive decoded; what a client escaped must not become something else.
func TestPathsAreEscapedAgain(t *testing.T) {
	tests := []struct {
		path, resource string
		parameters     map[string]string
		want, value    string
	}{
		{path: "/v1/sessions/a b", want: "/v1/sessions/a%20b", value: "a b"},
		{path: "/v1/sessions/a?b=c", want: "/v1/sessions/a%3Fb=c", value: "a?b=c"},
		{path: "/v1/sessions/a#b", want: "/v1/sessions/a%23b", value: "a#b"},
		{path: "/v1/sessions/%2", want: "/v1/sessions/%252", value: "%2"},
		{path: "/v1/sessions/ä", want: "/v1/sessions/%C3%A4", value: "ä"},
		{
			path: "/v1/sessions/a/b", resource: "/v1/sessions/{id}", parameters: map[string]string{"id": "a/b"},
			want: "/v1/sessions/a%2Fb", value: "a/b",
		},
		{
			path: "/v1/sessions/a/", resource: "/v1/sessions/{id}", parameters: map[string]string{"id": "a/"},
			want: "/v1/sessions/a%2F", value: "a/",
		},
	}
	for _, tt := range tests {
		var got, value string
		mux := http.NewServeMux()
		mux.HandleFunc("/v1/sessions/{id}", func(_ http.ResponseWriter, r *http.Request) {
			got, value = r.URL.EscapedPath(), r.PathValue("id")
		})
		event := get(tt.path)
		event.Resource, event.PathParameters = tt.resource, tt.parameters
		out := buffered(t, mux.ServeHTTP, event)
		if out.StatusCode != 200 || got != tt.want || value != tt.value {
			t.Errorf("%q: %d %q %q, want %q %q", tt.path, out.StatusCode, got, value, tt.want, tt.value)
		}
	}
}

func TestSlashAtTheEndIsKept(t *testing.T) {
	event := get("/v1/sessions/a/")
	event.Resource, event.PathParameters = "/v1/sessions/{id}", map[string]string{"id": "a"}
	var got string
	buffered(t, func(_ http.ResponseWriter, r *http.Request) { got = r.URL.EscapedPath() }, event)
	if got != event.Path {
		t.Errorf("%s arrived as %s", event.Path, got)
	}
}

func TestUnreadableRequestsAreA400(t *testing.T) {
	broken := map[string]events.APIGatewayProxyRequest{
		"base64": {HTTPMethod: "POST", Path: "/v1/sessions", Body: "%%%", IsBase64Encoded: true},
		"method": {HTTPMethod: "G T", Path: "/v1/sessions"},
	}
	for name, event := range broken {
		out := buffered(t, func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") }, event)
		var body map[string]any
		if err := json.Unmarshal([]byte(out.Body), &body); err != nil {
			t.Fatalf("%s: %v in %s", name, err, out.Body)
		}
		if out.StatusCode != 400 || body["type"] != "https://errors.mnemos.ai/invalid_request" ||
			out.MultiValueHeaders["Content-Type"][0] != "application/problem+json" {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

func TestAnswersInTheDialectOfThePath(t *testing.T) {
	panics := func(http.ResponseWriter, *http.Request) { panic("oh") }
	for path, want := range map[string]string{
		"/v1/x":  `{"type":"https://errors.mnemos.ai/internal_error","title":"Internal error","status":500,"detail":"something went wrong; the request id identifies it","instance":"r1"}`,
		"/api/x": `{"error":"something went wrong; the request id identifies it","code":"INTERNAL_ERROR","requestId":"r1"}`,
	} {
		event := get(path)
		event.RequestContext.RequestID = "r1"
		out := buffered(t, panics, event)
		if out.StatusCode != 500 || out.Body != want || out.MultiValueHeaders["Cache-Control"][0] != "no-store" {
			t.Errorf("%s: %+v", path, out)
		}
	}
}

// Half an answer that was broken off must not look whole.
func TestBrokenAnswerIsA500(t *testing.T) {
	out := buffered(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":[`)
		panic(http.ErrAbortHandler)
	}, get("/v1/x"))
	if out.StatusCode != 500 || strings.Contains(out.Body, "data") {
		t.Errorf("%+v", out)
	}
}

// What fits is measured as Lambda does it: in JSON, with its escapes.
func TestLargeAnswers(t *testing.T) {
	any, plain := map[string]string{"Accept": "*/*"}, map[string]string{"Accept": "*/*", "Accept-Encoding": "identity"}
	noise := make([]byte, 4<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	tests := map[string]struct {
		headers map[string]string
		body    string
		status  int
		zipped  bool
	}{
		"letters that fit":            {any, strings.Repeat("x", 6_291_000), 200, false},
		"quotes that fit":             {any, strings.Repeat(`"`, 3_145_000), 200, false},
		"letters, one too many":       {any, strings.Repeat("x", 6_291_456), 200, true},
		"quotes, which are two bytes": {any, strings.Repeat(`"`, 3_146_000), 200, true},
		"control characters, six":     {any, strings.Repeat("\x01", 1_049_000), 200, true},
		"the client wants it plain":   {plain, strings.Repeat(`"`, 3_146_000), 500, false},
		"no Accept":                   {nil, strings.Repeat(`"`, 3_146_000), 500, false},
		"shrinks just enough":         {any, hex.EncodeToString(noise), 200, true},
		"nor enough":                  {any, hex.EncodeToString(noise) + hex.EncodeToString(noise), 500, false},
	}
	for name, tt := range tests {
		event := get("/v1/x")
		event.Headers = tt.headers
		out := buffered(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tt.body) }, event)
		sent, err := json.Marshal(out)
		if err != nil || len(sent) > 6_291_456 {
			t.Errorf("%s: %v, %d bytes", name, err, len(sent))
		}
		encoding := http.Header(out.MultiValueHeaders).Get("Content-Encoding")
		if out.StatusCode != tt.status || out.IsBase64Encoded != tt.zipped || (encoding == "gzip") != tt.zipped {
			t.Errorf("%s: %d, base64 %v, encoding %q", name, out.StatusCode, out.IsBase64Encoded, encoding)
			continue
		}
		switch {
		case tt.status != 200:
			if !strings.Contains(out.Body, "too large") {
				t.Errorf("%s: %.200s", name, out.Body)
			}
		case tt.zipped:
			if got := unzipped(t, out.Body); got != tt.body {
				t.Errorf("%s: %d bytes came back of %d", name, len(got), len(tt.body))
			}
		case out.Body != tt.body:
			t.Errorf("%s: %d bytes came back of %d", name, len(out.Body), len(tt.body))
		}
	}
}

func unzipped(t *testing.T, body string) string {
	t.Helper()
	zr, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func TestBinaryBodies(t *testing.T) {
	out := buffered(t, func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := net.SplitHostPort(r.RemoteAddr); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte{0x1f, 0x8b, 0xff})
	}, get("/v1/x"))
	if !out.IsBase64Encoded || out.Body != "H4v/" {
		t.Errorf("%+v", out)
	}
}

// Gateways hand bytes through for clients that say what they accept.
func TestCompressionNeedsAnAccept(t *testing.T) {
	for accept, want := range map[string]string{"": "", "*/*": "gzip", "application/json": "gzip"} {
		event := get("/v1/x")
		event.Headers = map[string]string{"Accept-Encoding": "gzip"}
		if accept != "" {
			event.Headers["Accept"] = accept
		}
		buffered(t, func(_ http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Accept-Encoding"); got != want {
				t.Errorf("Accept %q: the handler sees Accept-Encoding %q, want %q", accept, got, want)
			}
		}, event)
	}
}

// The handler's time ends before the invocation's, so that it can say so.
func TestTimeIsBounded(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	_, err := lambdafn.Buffered(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		whole, _ := ctx.Deadline()
		ours, ok := r.Context().Deadline()
		if left := whole.Sub(ours); !ok || left < 100*time.Millisecond || left > time.Second {
			t.Errorf("%v, %v", left, ok)
		}
	}))(ctx, get("/v1/x"))
	if err != nil {
		t.Error(err)
	}
}
