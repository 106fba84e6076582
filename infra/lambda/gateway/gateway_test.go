package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"griot/infra/lambda/build"
	"griot/infra/lambda/platform"
	"griot/infra/lambda/template"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "griot-gateway-")
	if err != nil {
		panic(err)
	}
	root, err := build.Root(".")
	if err == nil {
		err = build.Functions(context.Background(), root, dir, "infra/lambda/testdata/function")
	}
	binary = build.Binary(dir, "function")
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

var api = template.API{
	Stage: "live", BinaryTypes: []string{"application/octet-stream"},
	Responses: map[string]template.Response{
		"MISSING_AUTHENTICATION_TOKEN": {
			Status: 404, Headers: map[string]string{"Cache-Control": "no-store"},
			Body: `{"error":$context.error.messageString,"instance":"$context.requestId","path":"$context.path","x":"$context.nothing"}`,
		},
		"DEFAULT_5XX": {Body: `{"code":"$context.error.responseType"}`},
	},
}

func routes(timeout time.Duration) []Route {
	return []Route{
		{Method: "POST", Path: "/do", Timeout: timeout, Function: "f"},
		{Method: "POST", Path: "/stream", Timeout: timeout, Stream: true, Function: "f"},
		{Method: "GET", Path: "/v1/sessions", Timeout: timeout, Function: "f"},
		{Method: "GET", Path: "/v1/sessions/{id}", Timeout: timeout, Function: "f"},
		{Method: "GET", Path: "/v1/sessions/mine", Timeout: timeout, Function: "f"},
		{Method: "GET", Path: "/v1/sessions/{id}/segments", Timeout: timeout, Function: "f"},
		{Method: "ANY", Path: "/rest/{all+}", Timeout: timeout, Function: "f"},
	}
}

// serve starts a gateway with the test's function behind it.
func serve(t *testing.T, timeout time.Duration) (string, *platform.Platform) {
	t.Helper()
	p := platform.New(platform.Options{Log: io.Discard}, platform.Function{Name: "f", Binary: binary, Timeout: 20 * time.Second})
	server := httptest.NewServer(New(api, routes(timeout), p.Invoke))
	t.Cleanup(p.Close)
	t.Cleanup(server.Close)
	return server.URL, p
}

func send(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(data)
}

func TestEvent(t *testing.T) {
	base, _ := serve(t, 20*time.Second)
	resp, body := send(t, "GET", base+"/v1/sessions/a%2Fb%20c%3F/segments?x=1&x=2&y=%2B+z", "", "X-Own", "1", "X-Own", "2")
	if resp.StatusCode != 201 || resp.Header.Get("X-Amzn-Requestid") == "" || len(resp.Header["X-Twice"]) != 2 {
		t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	var got events.APIGatewayProxyRequest
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	want := events.APIGatewayProxyRequest{
		Resource: "/v1/sessions/{id}/segments", Path: "/v1/sessions/a/b c?/segments", HTTPMethod: "GET",
		QueryStringParameters:           map[string]string{"x": "2", "y": "+ z"},
		MultiValueQueryStringParameters: map[string][]string{"x": {"1", "2"}, "y": {"+ z"}},
		PathParameters:                  map[string]string{"id": "a/b c?"},
	}
	ignore := cmpopts.IgnoreFields(events.APIGatewayProxyRequest{}, "Headers", "MultiValueHeaders", "RequestContext")
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Error(diff)
	}
	if got.Headers["X-Own"] != "2" || got.Headers["X-Forwarded-For"] != "127.0.0.1" || got.Headers["Host"] == "" {
		t.Errorf("the headers are %v", got.Headers)
	}
	if c := got.RequestContext; c.Stage != "live" || c.ResourcePath != want.Resource || c.Identity.SourceIP != "127.0.0.1" || c.RequestID == "" {
		t.Errorf("the context is %+v", c)
	}
}

// What takes all paths takes those that are nothing else's: not a known one
// with another method, nor the beginning of one.
func TestEverythingElse(t *testing.T) {
	_, p := serve(t, 20*time.Second)
	all := append(routes(20*time.Second),
		Route{Method: "ANY", Path: "/{proxy+}", Timeout: 20 * time.Second, Function: "f"}, Route{Method: "ANY", Path: "/", Timeout: 20 * time.Second, Function: "f"})
	server := httptest.NewServer(New(api, all, p.Invoke))
	t.Cleanup(server.Close)
	for request, want := range map[string]string{
		"GET /plums/1": "/{proxy+}", "DELETE /v1/plums": "/{proxy+}", "PUT /": "/", "GET /v1/sessions/mine": "/v1/sessions/mine",
		"GET /v1/sessions/x": "/v1/sessions/{id}", "GET /v1/sessions/x/plums": "/{proxy+}",
		"PUT /v1/sessions": "", "GET /v1": "", "POST /v1/sessions/x": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		resp, body := send(t, method, server.URL+path, "")
		var got events.APIGatewayProxyRequest
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.Resource != want || (resp.StatusCode == 404) != (want == "") {
			t.Errorf("%s: %s %q, want %q (%v)", request, resp.Status, got.Resource, want, err)
		}
	}
}

// Without a domain the API is below its stage. Its functions see the path
// without it, and beside that as it was asked.
func TestStaged(t *testing.T) {
	_, p := serve(t, 20*time.Second)
	server := httptest.NewServer(New(api, routes(20*time.Second), p.Invoke).Staged())
	t.Cleanup(server.Close)
	resp, body := send(t, "GET", server.URL+"/live/v1/sessions/a%2Fb", "")
	var got events.APIGatewayProxyRequest
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(resp.Status, err)
	}
	if got.Path != "/v1/sessions/a/b" || got.PathParameters["id"] != "a/b" || got.RequestContext.Path != "/live/v1/sessions/a/b" || got.RequestContext.Stage != "live" {
		t.Errorf("%s, %v, %+v", got.Path, got.PathParameters, got.RequestContext)
	}
	for path, want := range map[string]int{"/v1/sessions": 403, "/lively/v1/sessions": 403, "/live": 404, "/live/": 404, "/live/v1": 404, "/live/v1/sessions": 201} {
		if resp, body := send(t, "GET", server.URL+path, ""); resp.StatusCode != want {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
}

func TestRoutes(t *testing.T) {
	base, _ := serve(t, 20*time.Second)
	for path, want := range map[string]string{
		"/v1/sessions": "/v1/sessions", "/v1/sessions/": "/v1/sessions", "//v1/sessions": "/v1/sessions", "/v1/sessions/mine": "/v1/sessions/mine",
		"/v1/sessions/x": "/v1/sessions/{id}", "/v1/sessions/mine/segments": "/v1/sessions/{id}/segments",
		"/rest/a/b%2Fc": "/rest/{all+}",
		"/":             "", "/v1": "", "/v1//sessions": "", "/v1/sessions//segments": "", "/V1/sessions": "", "/rest": "",
	} {
		resp, body := send(t, "GET", base+path, "")
		var got struct{ Resource, Error, Path, X, Instance string }
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %v: %s", path, err, body)
		}
		if got.Resource != want {
			t.Errorf("%s went to %q, want %q", path, got.Resource, want)
		}
		if want != "" {
			continue
		}
		if resp.StatusCode != 404 || got.Error != "Missing Authentication Token" || got.X != "-" ||
			got.Instance != resp.Header.Get("X-Amzn-Requestid") || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
	if resp, _ := send(t, "DELETE", base+"/v1/sessions", ""); resp.StatusCode != 404 {
		t.Errorf("DELETE: %s", resp.Status)
	}
	if resp, _ := send(t, "DELETE", base+"/rest/x", ""); resp.StatusCode != 201 {
		t.Errorf("DELETE where ANY is: %s", resp.Status)
	}
}

// answering is a gateway whose function gives an answer and keeps the event.
func answering(answer string, event *events.APIGatewayProxyRequest) *Gateway {
	return New(api, routes(time.Second), func(_ context.Context, _ string, raw []byte) (*platform.Answer, error) {
		return &platform.Answer{Body: io.NopCloser(strings.NewReader(answer))}, json.Unmarshal(raw, event)
	})
}

// HEAD is a method as others are; the length is what the function says.
func TestHead(t *testing.T) {
	var event events.APIGatewayProxyRequest
	g := answering(`{"statusCode":200,"headers":{"Content-Length":"12"}}`, &event)
	for target, want := range map[string]int{"/rest/x": 200, "/v1/sessions": 404} {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest("HEAD", target, nil))
		if w.Code != want || want == 200 && (w.Header().Get("Content-Length") != "12" || event.HTTPMethod != "HEAD") {
			t.Errorf("%s: %d %v, %s", target, w.Code, w.Header(), event.HTTPMethod)
		}
	}
}

// ANY is every method that a REST API knows.
func TestAny(t *testing.T) {
	var event events.APIGatewayProxyRequest
	g := answering(`{"statusCode":200}`, &event)
	for method, want := range map[string]int{"OPTIONS": 200, "PATCH": 200, "head": 404, "TRACE": 404, "BREW": 404} {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(method, "/rest/x", nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
	}
}

func TestQueries(t *testing.T) {
	for query, want := range map[string]map[string][]string{
		"":                {},
		"a=1;b=2&a=3":     {"a": {"1", "3"}, "b": {"2"}},
		"a=1%3Bb=2":       {"a": {"1;b=2"}},
		"a=b+c%2B&=x&d&&": {"a": {"b c+"}, "": {"x"}, "d": {""}},
		"a=%zz":           nil,
		"a=%":             nil,
	} {
		var event events.APIGatewayProxyRequest
		w := httptest.NewRecorder()
		answering(`{"statusCode":200}`, &event).ServeHTTP(w, httptest.NewRequest("GET", "/v1/sessions?"+query, nil))
		switch {
		case want == nil && w.Code != 400:
			t.Errorf("%q: %d", query, w.Code)
		case want != nil && !cmp.Equal(want, event.MultiValueQueryStringParameters, cmpopts.EquateEmpty()):
			t.Errorf("%q: %v", query, event.MultiValueQueryStringParameters)
		}
	}
}

func TestDomainName(t *testing.T) {
	for host, want := range map[string]string{"127.0.0.1:80": "127.0.0.1", "api.example": "api.example", "[::1]:80": "[::1]"} {
		var event events.APIGatewayProxyRequest
		r := httptest.NewRequest("GET", "/v1/sessions", nil)
		r.Host = host
		answering(`{"statusCode":200}`, &event).ServeHTTP(httptest.NewRecorder(), r)
		if got := event.RequestContext.DomainName; got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
}

func TestBinary(t *testing.T) {
	base, _ := serve(t, 20*time.Second)
	for kind, want := range map[string]string{"application/octet-stream": "AP8=", "text/plain": "\x00\ufffd"} {
		var got events.APIGatewayProxyRequest
		_, body := send(t, "POST", base+"/do", "\x00\xff", "Content-Type", kind)
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.Body != want || got.IsBase64Encoded != (want == "AP8=") {
			t.Errorf("%s arrived as %q, %v", kind, got.Body, err)
		}
	}
	if _, body := send(t, "POST", base+"/do", `{"do":"bytes"}`); body != "AP8=" {
		t.Errorf("without Accept: %q", body)
	}
	if _, body := send(t, "POST", base+"/do", `{"do":"bytes"}`, "Accept", "application/octet-stream, */*"); body != "\x00\xff" {
		t.Errorf("with Accept: %q", body)
	}
}

func TestRefusals(t *testing.T) {
	base, _ := serve(t, 20*time.Second)
	for _, tt := range []struct {
		path, body, kind string
		status           int
	}{
		{"/do", `{"do":"fail"}`, "DEFAULT_5XX", 502},
		{"/do", `{"do":"exit"}`, "DEFAULT_5XX", 502},
		{"/do", `{"do":"nonsense"}`, "DEFAULT_5XX", 502},
		{"/do", `{"do":"big","size":7000000}`, "DEFAULT_5XX", 502},
		{"/stream", `{"do":"bytes"}`, "DEFAULT_5XX", 502}, // no head
		{"/stream", `{"do":"exit"}`, "DEFAULT_5XX", 502},
		{"/do", strings.Repeat("x", maxPayload+1), "", 413},
		{"/do", strings.Repeat("x", 6<<20), "", 413}, // more than Lambda takes
	} {
		resp, body := send(t, "POST", base+tt.path, tt.body)
		if resp.StatusCode != tt.status || tt.kind != "" && body != `{"code":"`+tt.kind+`"}` {
			t.Errorf("%.30s: %s %s", tt.body, resp.Status, body)
		}
	}
}

// gate is a server whose answers wait until the test lets them go.
func gate(t *testing.T) (url string, asked chan string, open chan struct{}) {
	asked, open = make(chan string, 100), make(chan struct{})
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		select {
		case <-open:
		case <-over:
		}
	}))
	t.Cleanup(func() { close(over); server.Close() })
	return server.URL, asked, open
}

func busy(p *platform.Platform) (n int) {
	for _, process := range p.Processes("f") {
		if process.Busy {
			n++
		}
	}
	return n
}

// The gateway's patience ends before the function does.
func TestIntegrationTimeout(t *testing.T) {
	base, p := serve(t, 50*time.Millisecond)
	url, asked, open := gate(t)
	for _, path := range []string{"/do", "/stream"} {
		resp, body := send(t, "POST", base+path, `{"do":"wait","url":"`+url+`"}`)
		if resp.StatusCode != 504 || body != `{"code":"INTEGRATION_TIMEOUT"}` {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
		<-asked
	}
	if busy(p) == 0 {
		t.Error("the function does not run on")
	}
	close(open)
}

func TestThrottled(t *testing.T) {
	g := New(api, routes(time.Second), func(context.Context, string, []byte) (*platform.Answer, error) {
		return nil, platform.ErrThrottled
	})
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/v1/sessions", nil))
	if w.Code != 500 {
		t.Errorf("a throttled function gives %d", w.Code)
	}
}

// open begins a stream and reads its first piece, which is there while the
// function waits.
func openStream(t *testing.T, base, do, url string) (*http.Response, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	body := fmt.Sprintf(`{"do":%q,"url":%q}`, do, url)
	req, err := http.NewRequestWithContext(ctx, "POST", base+"/stream", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 3)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "one" {
		t.Fatalf("begins with %q, %v", first, err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" || resp.ContentLength != -1 {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
	return resp, cancel
}

func TestStreamIsPassedOn(t *testing.T) {
	base, _ := serve(t, 20*time.Second)
	url, asked, open := gate(t)
	resp, _ := openStream(t, base, "stream", url)
	<-asked
	open <- struct{}{}
	second := make([]byte, 3)
	if _, err := io.ReadFull(resp.Body, second); err != nil || string(second) != "two" {
		t.Errorf("then %q, %v", second, err)
	}
	open <- struct{}{}
	if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
		t.Errorf("at the end %q, %v", rest, err)
	}
}

// A stream that breaks is no stream that ends.
func TestStreamBreaks(t *testing.T) {
	for _, do := range []string{"stream-panic", "stream-exit"} {
		base, _ := serve(t, 20*time.Second)
		url, _, open := gate(t)
		resp, _ := openStream(t, base, do, url)
		close(open)
		if rest, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %q, %v", do, rest, err)
		}
	}
	base, _ := serve(t, 500*time.Millisecond)
	url, _, _ := gate(t)
	resp, _ := openStream(t, base, "stream", url)
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("over its time: %v", err)
	}
}

// The client leaves; the function runs to its end.
func TestStreamWithoutClient(t *testing.T) {
	base, p := serve(t, 20*time.Second)
	url, asked, open := gate(t)
	_, leave := openStream(t, base, "stream", url)
	<-asked
	leave()
	open <- struct{}{}
	if path := <-asked; path != "/2" {
		t.Errorf("the function is at %s", path)
	}
	close(open)
	for busy(p) > 0 {
		time.Sleep(time.Millisecond)
	}
	if n := len(p.Processes("f")); n != 1 {
		t.Errorf("%d processes, want the same one", n)
	}
}

func TestHeadIsBounded(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"statusCode":200}` + string(headEnd) + "rest": true,
		`{"statusCode":200}`:                            false,
		strings.Repeat(" ", maxHead+1):                  false,
		"nonsense" + string(headEnd):                    false,
	} {
		p, err := readHead(bufio.NewReader(strings.NewReader(text)))
		if ok != (err == nil && p.valid()) {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}
