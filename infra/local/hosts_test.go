package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"griot/infra/lambda/gateway"
	"griot/infra/lambda/platform"
	"griot/infra/lambda/template"
	"griot/infra/stack"
	"griot/internal/api"
	"griot/internal/lambdafn"
)

// asOnAWS serves the host's endpoints as functions behind the stack's
// gateway, by way of events; only their processes are left out.
func (z *fuzzed) asOnAWS(f testing.TB) http.Handler {
	tmpl, err := template.Load(filepath.Join("..", "..", "template.yaml"))
	ok(f, err)
	functions := map[string]function{}
	for _, ep := range append(z.endpoints(), api.Unknown()) {
		handler := api.Handler(z.edge(), ep)
		functions["griot-"+ep.Name] = buffered(handler)
		if ep.Stream {
			functions["griot-"+ep.Name] = streamed(handler)
		}
	}
	return gateway.New(tmpl.API(), gateway.Routes(stack.Place{Stack: "griot"}), func(ctx context.Context, name string, raw []byte) (*platform.Answer, error) {
		var event events.APIGatewayProxyRequest
		if err := json.Unmarshal(raw, &event); err != nil {
			return nil, err
		}
		body, err := functions[name](ctx, event)
		return &platform.Answer{Body: body}, err
	})
}

// function is a function as the platform sees it.
type function func(context.Context, events.APIGatewayProxyRequest) (io.ReadCloser, error)

func buffered(handler http.Handler) function {
	invoke := lambdafn.Buffered(handler)
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (io.ReadCloser, error) {
		out, err := invoke(ctx, event)
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(out)
		return io.NopCloser(bytes.NewReader(data)), err
	}
}

func streamed(handler http.Handler) function {
	invoke := lambdafn.Streamed(handler)
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (io.ReadCloser, error) {
		return invoke(ctx, event)
	}
}

// varying is what two answers to the same request do not share.
var varying = regexp.MustCompile(`req_[0-9A-Z]{26}|"searchTime":\d+|"timestamp":"[^"]*"|"uptime":\d+|"responseTime":\d+|"from":"[^"]*"|"remaining":\d+|"reset_?[aA]t":"[^"]*"`)

// FuzzHosts asks the same of the handler itself and by way of API Gateway's
// events. Status, headers and body are the same, but where the gateway answers
// itself: there it is the status.
func FuzzHosts(f *testing.F) {
	z := newFuzzed(f)
	for _, seed := range reading {
		for _, method := range []string{"GET", "HEAD", "PATCH"} {
			f.Add(method, seed[0], "", seed[1])
		}
	}
	for _, path := range []string{"/api/conversations/search", "/api/memories/search", "/api/topics/search", "/api/memories/batch", "/api/conversations/by-topic"} {
		f.Add("POST", path, `{"query":"x","limit":2,"topicId":"t","ids":["MID"]}`, "Content-Type: application/json")
		f.Add("POST", path, "\xff\xfe\x00", "Content-Encoding: gzip")
		f.Add("POST", path, "", "Content-Type: text/plain; charset=utf-16")
	}
	direct, events := z.handler(), z.asOnAWS(f)
	f.Fuzz(func(t *testing.T, method, path, body, header string) {
		if !changesNothing(method, path) {
			return
		}
		one, ok := z.request(method, path, body, header)
		if !ok {
			return
		}
		if _, err := url.ParseQuery(strings.ReplaceAll(one.URL.RawQuery, ";", "&")); err != nil {
			return // nobody says what API Gateway makes of it
		}
		two, _ := z.request(method, path, body, header)
		a, b := ask(direct, one), ask(events, two)
		if a.status != b.status {
			t.Fatalf("%d %s\nas an event: %d %s", a.status, a.body, b.status, b.body)
		}
		if b.header.Get("X-Request-Id") == "" { // the gateway's own
			return
		}
		if diff := cmp.Diff(own(a.header), own(b.header)); diff != "" {
			t.Errorf("direct (-), as an event (+): %s", diff)
		}
		if a.left() || b.left() {
			return
		}
		if a.broken || b.broken {
			t.Errorf("broken off: %v, as an event %v", a.broken, b.broken)
		}
		if got, want := varying.ReplaceAllString(b.body, ""), varying.ReplaceAllString(a.body, ""); got != want {
			t.Errorf("%s\nas an event: %s", want, got)
		}
	})
}

// own are the headers that the endpoint gives its answer; whether it is
// compressed, and so its length, is up to each host. What is left of the limits
// is less each time.
func own(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range []string{"X-Request-Id", "Content-Length", "Content-Encoding", "X-Amzn-Requestid", "X-Amz-Apigw-Id", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Limit"} {
		h.Del(name)
	}
	return h
}

// changesNothing leaves out what another request would have to answer
// otherwise, and the uploads, which are no endpoint.
func changesNothing(method, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	posts := []string{"search", "batch", "by-topic"}
	switch {
	case strings.HasPrefix(path, "/uploads/") || strings.HasPrefix(path, "//uploads/"):
		return false
	case method == http.MethodPost:
		return slices.ContainsFunc(posts, func(end string) bool { return strings.HasSuffix(path, "/"+end) })
	}
	return method != http.MethodPut && method != http.MethodDelete
}

// A hundred of the longest memories, all of quotes, are ten million bytes in
// an envelope: they arrive whole all the same.
func TestLargeAnswersByWayOfEvents(t *testing.T) {
	z := newFuzzed(t)
	direct, events := z.handler(), z.asOnAWS(t)
	many := 100
	if testing.Short() {
		many = 10 // what races, races with a megabyte, too
	}
	var ids []string
	for range many {
		r, _ := z.request("POST", "/api/memories", `{"conversationId":"NEW","content":"loud `+strings.Repeat(`\"`, 49_000)+`"}`, "")
		made := ask(direct, r)
		match := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(made.body)
		if match == nil {
			t.Fatalf("%d %.200s", made.status, made.body)
		}
		ids = append(ids, match[1])
	}
	batch, err := json.Marshal(map[string][]string{"ids": ids})
	ok(t, err)
	for _, asked := range [][3]string{
		{"POST", "/api/memories/batch", string(batch)},
		{"POST", "/api/memories/search", `{"query":"loud","limit":100}`},
		{"GET", "/api/memories/search?q=loud&limit=100", ""},
		{"GET", "/api/memories?limit=100", ""},
	} {
		one, _ := z.request(asked[0], asked[1], asked[2], "")
		two, _ := z.request(asked[0], asked[1], asked[2], "")
		a, b := ask(direct, one), ask(events, two)
		if a.status != 200 || len(a.body) < many*98_000 {
			t.Errorf("%s: %d, %d bytes", asked[1], a.status, len(a.body))
		}
		if b.status != 200 || varying.ReplaceAllString(a.body, "") != varying.ReplaceAllString(b.body, "") {
			t.Errorf("%s as an event: %d, %d bytes of %d", asked[1], b.status, len(b.body), len(a.body))
		}
	}
}
