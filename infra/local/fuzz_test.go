package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// fuzzed is the whole host, without a server, and what requests may name:
// LIVE and OVER, sessions; MID and CONV, a memory and its conversation;
// UPLOAD, the path of a signed upload.
type fuzzed struct {
	*host
	key   string
	names *strings.Replacer
}

func newFuzzed(f testing.TB) *fuzzed {
	log := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	f.Cleanup(func() { slog.SetDefault(log) })
	h, err := open(options{addr: "127.0.0.1:0", data: nowhere}, f.TempDir())
	ok(f, err)
	f.Cleanup(func() { _ = h.close() }) // the directory goes anyway
	e, err := h.ready(f.Context())
	ok(f, err)
	z := &fuzzed{host: h, key: e.First.Key, names: strings.NewReplacer()}
	handler := h.handler()
	made := func(path, body, pattern string) string {
		f.Helper()
		r, _ := z.request("POST", path, body, "")
		got := ask(handler, r)
		if match := regexp.MustCompile(pattern).FindStringSubmatch(got.body); match != nil {
			return match[1]
		}
		f.Fatalf("POST %s: %+v", path, got)
		return ""
	}
	session := func() string {
		f.Helper()
		id := made("/v1/sessions", `{"template":"open_exploration","title":"x","interviewee_email":"a@b.co"}`, `"(ses_\w+)"`)
		made("/v1/sessions/"+id+"/segments", `{"segments":[{"client_seq":1,"text":"hello"},{"client_seq":2,"text":"world"}]}`, `(2)`)
		return id
	}
	live, over := session(), session()
	made("/v1/sessions/"+over+"/cancel", "", `(cancelled)`)
	memory := made("/api/memories", `{"content":"x","name":"ab","topics":["t/u v%"]}`, `"id":"([0-9a-f-]{36})"`)
	conversation := made("/api/memories", `{"content":"y","conversationId":"NEW"}`, `"(conv_\w+)"`)
	upload := made("/v1/uploads", `{"size_bytes":1}`, `"upload_url":"http://[^/]+([^"]+)"`)
	z.names = strings.NewReplacer("LIVE", live, "OVER", over, "MID", memory, "CONV", conversation, "UPLOAD", strings.ReplaceAll(upload, `\u0026`, "&"))
	return z
}

// request is what a server would make of it, if it takes it at all: net/http
// refuses headers with control characters.
func (z *fuzzed) request(method, path, body, header string) (*http.Request, bool) {
	if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return nil, false
	}
	if header == "" {
		header = "X-No: header"
	}
	body = z.names.Replace(body)
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: %d\r\n%s\r\n\r\n%s",
		method, z.names.Replace(path), len(body), z.names.Replace(header), body)
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil || r.Host != "localhost:3000" || r.ContentLength != int64(len(body)) {
		return nil, false
	}
	r.RemoteAddr = "127.0.0.1:50000"
	if r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer "+z.key)
	}
	return r, true
}

// answer is what came back, with its body as it is read.
type answer struct {
	status int
	header http.Header
	body   string
	broken bool // off, in the middle
}

// reader leaves a stream of events soon after it began: that of a live session
// has no end.
type reader struct {
	*httptest.ResponseRecorder
	leave func()
}

func (r reader) Flush() {
	if r.Header().Get("Content-Type") == eventStream {
		time.AfterFunc(20*time.Millisecond, r.leave)
	}
}

const eventStream = "text/event-stream"

// left reports whether an answer is such a stream, which may end anywhere.
func (a answer) left() bool {
	return a.header.Get("Content-Type") == eventStream && !strings.Contains(a.body, "event: done")
}

func ask(handler http.Handler, r *http.Request) (a answer) {
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	w := reader{httptest.NewRecorder(), leave}
	r = r.WithContext(ctx)
	func() {
		defer func() {
			p := recover()
			if a.broken = p == http.ErrAbortHandler; p != nil && !a.broken {
				panic(p)
			}
		}()
		handler.ServeHTTP(w, r)
	}()
	a.status, a.header, a.body = w.Code, w.Header(), w.Body.String()
	if a.header.Get("Content-Encoding") != "gzip" || r.Method == http.MethodHead {
		return a
	}
	zr, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		panic(err)
	}
	plain, err := io.ReadAll(zr)
	if err != nil && !(a.broken && errors.Is(err, io.ErrUnexpectedEOF)) {
		panic(err)
	}
	a.body = string(plain)
	return a
}

// reading are requests that change nothing; of every kind of parameter and
// escape there is one.
var reading = [][2]string{
	{"/v1/sessions", ""}, {"/v1/sessions/LIVE", ""}, {"/v1/sessions/LIVE/segments?after=0&limit=10", ""}, {"/v1/sessions/LIVE/extraction", ""},
	{"/v1/sessions/LIVE/transcript", "Last-Event-ID: 1"}, {"/v1/sessions/LIVE/transcript?format=vtt", ""}, {"/v1/sessions/OVER/transcript?format=vtt", ""}, {"/v1/sessions/OVER/transcript?after=1", "Accept: text/event-stream"},
	{"/v1/sessions/LIVE/transcript?format=json&after=1", "Accept: text/plain;q=0.5, */*"}, {"/v1/sessions?cursor=eyJpZCI6IngifQ&limit=3&status=completed", ""},
	{"/v1/sessions?limit=1&cursor=a%2Bb", ""}, {"/v1/sessions?q=a+b&since=2026-01-01", ""}, {"/v1/sessions/a%2Fb", ""}, {"/v1/sessions/%2e%2e", ""}, {"/v1/sessions/LIVE/", ""},
	{"//v1/sessions", ""}, {"/v1//sessions", ""}, {"/v1/uploads/upl_x", ""}, {"/v1/deletions/del_x", ""}, {"/v1/openapi.json", "Accept-Encoding: gzip"},
	{"/api/topics/t%2Fu%20v%25", ""}, {"/api/topics/t+u", ""}, {"/api/topics/%C3%A9", ""}, {"/api/topics/%ff", ""}, {"/api/topics/a%00b", ""}, {"/api/topics/%2525", ""},
	{"/api/memories/MID", ""}, {"/api/memories/MID/conversation-memories", ""}, {"/api/memories/named/ab", ""},
	{"/api/memories?idPrefix=abcdef&page=2&recent=24h&topics=a,b&from=2026-01-01&sortBy=eventTime&order=asc", ""}, {"/api/memories?topics=a%2Cb&topics=c&limit=2", ""},
	{"/api/memories/search?q=x&temporalMode=current&asOfTime=2026-01-01T00:00:00Z&sortBy=x", ""}, {"/api/memories/search?q=%F0%9F%98%80&q=b", ""},
	{"/api/conversations?since=2026-01-01T00:00:00%2B02:00&sortBy=memoryCount&order=asc&minMemories=1&offset=3", ""}, {"/api/conversations?a;b", ""}, {"/api/conversations?=x&&limit", ""},
	{"/api/conversations?limit=%zz", ""}, {"/api/conversations?q=%ff", ""},
	{"/api/conversations/CONV", "Authorization: Basic x"}, {"/api/conversations/CONV/timeline?limit=1&offset=1", "Accept-Encoding: gzip"},
	{"/api/users/me", "X-MX-Client: mx-cli/1.7.235"}, {"/api/apikeys", ""}, {"/", ""}, {"/x", ""}, {"/v1", ""},
}

// FuzzHandler sends any request to the whole of both APIs and to the uploads.
// No answer is a 5xx, what says that it is JSON is, and nothing may be cached.
func FuzzHandler(f *testing.F) {
	z := newFuzzed(f)
	for _, seed := range reading {
		f.Add("GET", seed[0], "", seed[1])
	}
	for _, seed := range [][4]string{
		{"POST", "/v1/sessions", `{"template":"open_exploration","title":"x","interviewee_email":"a@b.co","scheduled_for":"2027-01-01T00:00:00Z"}`, "Idempotency-Key: a"},
		{"POST", "/v1/sessions/LIVE/segments", `{"source":"a","segments":[{"client_seq":1,"speaker":"A","role":"r","start_ms":1,"end_ms":2,"text":"hello"}]}`, ""},
		{"POST", "/v1/sessions/LIVE/segments", "\x1f\x8b\x08", "Content-Encoding: gzip"},
		{"POST", "/v1/uploads", `{"size_bytes":10,"filename":"a","content_type":"text/plain"}`, ""},
		{"PUT", "UPLOAD", "x", "If-None-Match: *"}, {"HEAD", "UPLOAD", "", ""}, {"OPTIONS", "UPLOAD", "", "Origin: http://x"}, {"PUT", "/uploads/uploads/ws/upl?expires=1&size=1&sig=00", "x", ""},
		{"POST", "/api/memories", `{"content":"x","conversationId":"CONV","name":"ac","topics":["t"],"eventTime":"2026-01-01T00:00:00Z","codeContext":{"a":1},"taskId":"t","outcome":"resolved"}`, "Idempotency-Key: b"},
		{"PUT", "/api/memories/MID", `{"content":"y","topics":["u"],"name":"ad"}`, ""}, {"PUT", "/api/memories/named/ab", `{"content":"z"}`, ""},
		{"POST", "/api/memories/search", `{"query":"x","limit":3,"topics":["t"],"scope":{"product":"x"},"eventTimeFrom":"2026-01-01T00:00:00Z"}`, ""},
		{"POST", "/api/conversations/search", `{"query":"\"x y\" -z w*","limit":3}`, ""}, {"POST", "/api/conversations/by-topic", `{"topicId":"T","limit":1}`, ""},
		{"POST", "/api/topics/merge", `{"sourceTopicId":"t","targetTopicId":"u"}`, ""}, {"POST", "/api/topics/search", `{"query":"t"}`, ""},
		{"POST", "/api/memories/batch", `{"ids":["MID"],"detail":"full"}`, ""}, {"DELETE", "/api/memories/bulk", `{"ids":["x"],"confirmDeletion":true}`, ""},
		{"POST", "/api/apikeys", `{"label":"x","scopes":["read"],"expiresAt":"2027-01-01"}`, ""}, {"DELETE", "/api/apikeys/x", "", ""}, {"DELETE", "/v1/sessions/ses_x", "", ""},
		{"POST", "/v1/sessions/LIVE/complete", "", ""}, {"HEAD", "/v1/sessions/LIVE/transcript", "", ""}, {"OPTIONS", "/api/memories", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	handler := z.handler()
	f.Fuzz(func(t *testing.T, method, path, body, header string) {
		r, ok := z.request(method, path, body, header)
		if !ok {
			return
		}
		a := ask(handler, r)
		isJSON := strings.Contains(a.header.Get("Content-Type"), "json")
		switch {
		case a.status >= 500 || a.broken:
			t.Errorf("%d %s", a.status, a.body)
		case isJSON && r.Method != http.MethodHead && !json.Valid([]byte(a.body)):
			t.Errorf("%d, and no JSON: %s", a.status, a.body)
		case a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff":
			t.Errorf("%d %v", a.status, a.header)
		}
	})
}
