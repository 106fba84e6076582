package dir_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
	"griot/internal/blob/dir"
)

func (s *server) sign(t testing.TB, key string, p blob.SignPut) blob.PutRequest {
	t.Helper()
	if p.Valid == 0 {
		p.Valid = 15 * time.Minute
	}
	req, err := s.PresignPut(t.Context(), key, p)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// send makes a request as signed, but for what change does.
func send(t testing.TB, p blob.PutRequest, body string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), p.Method, p.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range p.Headers {
		req.Header.Set(name, value)
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(answer)
}

func TestRefusals(t *testing.T) {
	s := serve(t, t.TempDir(), true)
	put(t, s.Store, "taken", "x")
	query := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			q := r.URL.Query()
			q.Set(name, value)
			r.URL.RawQuery = q.Encode()
		}
	}
	path := func(path string) func(*http.Request) {
		return func(r *http.Request) { r.URL.Path = path }
	}
	tests := map[string]struct {
		key, body string
		change    func(*http.Request)
		status    int
		code      string
	}{
		"too long":        {"a", "12345", nil, 403, "SignatureDoesNotMatch"},
		"too short":       {"a", "123", nil, 403, "SignatureDoesNotMatch"},
		"no length":       {"a", "1234", func(r *http.Request) { r.ContentLength = -1 }, 411, "MissingContentLength"},
		"condition":       {"a", "1234", func(r *http.Request) { r.Header.Del("If-None-Match") }, 403, "SignatureDoesNotMatch"},
		"other condition": {"a", "1234", func(r *http.Request) { r.Header.Set("If-None-Match", `"x"`) }, 403, "SignatureDoesNotMatch"},
		"type":            {"a", "1234", func(r *http.Request) { r.Header.Set("Content-Type", "b/c") }, 403, "SignatureDoesNotMatch"},
		"signed size":     {"a", "12345", query("size", "5"), 403, "SignatureDoesNotMatch"},
		"signed time":     {"a", "1234", query("expires", "99999999999"), 403, "SignatureDoesNotMatch"},
		"signed type":     {"a", "1234", query("type", ""), 403, "SignatureDoesNotMatch"},
		"no signature":    {"a", "1234", query("sig", ""), 403, "SignatureDoesNotMatch"},
		"other key":       {"a", "1234", path("/uploads/b"), 403, "SignatureDoesNotMatch"},
		"no key":          {"a", "1234", path("/uploads/"), 404, "NoSuchKey"},
		"bad key":         {"a", "1234", path("/uploads/x/../a"), 404, "NoSuchKey"},
		"other path":      {"a", "1234", path("/a"), 404, "NoSuchKey"},
		"taken":           {"taken", "1234", nil, 412, "PreconditionFailed"},
		"GET":             {"a", "", func(r *http.Request) { r.Method = "GET" }, 403, "SignatureDoesNotMatch"},
		"DELETE":          {"a", "", func(r *http.Request) { r.Method = "DELETE" }, 403, "SignatureDoesNotMatch"},
		"POST":            {"a", "1234", func(r *http.Request) { r.Method = "POST" }, 405, "MethodNotAllowed"},
	}
	for name, test := range tests {
		p := s.sign(t, test.key, blob.SignPut{Size: 4, ContentType: "text/plain"})
		resp, answer := send(t, p, test.body, test.change)
		var e struct{ Code, Message string }
		if err := xml.Unmarshal([]byte(answer), &e); err != nil {
			t.Errorf("%s: %v in %q", name, err, answer)
		}
		if resp.StatusCode != test.status || e.Code != test.code || e.Message == "" {
			t.Errorf("%s: %d %+v, want %d %s", name, resp.StatusCode, e, test.status, test.code)
		}
		checkHeader(t, resp.Header)
	}
	if _, err := s.Stat(t.Context(), "a"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a refused upload was stored: %v", err)
	}
}

// HEAD is what GET is, without the document.
func TestHead(t *testing.T) {
	s := serve(t, t.TempDir(), true)
	put(t, s.Store, "taken", "x")
	for _, key := range []string{"a", "taken"} {
		p := s.sign(t, key, blob.SignPut{Size: 4})
		got, _ := send(t, p, "", func(r *http.Request) { r.Method = "GET" })
		head, body := send(t, p, "", func(r *http.Request) { r.Method = "HEAD" })
		if head.StatusCode != 403 || head.StatusCode != got.StatusCode || body != "" || head.ContentLength != got.ContentLength {
			t.Errorf("%s: %s, %d bytes of %d; GET: %s, %d bytes", key, head.Status, len(body), head.ContentLength, got.Status, got.ContentLength)
		}
		checkHeader(t, head.Header)
	}
}

func checkHeader(t testing.TB, h http.Header) {
	t.Helper()
	want := map[string]string{
		"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	}
	for name, value := range want {
		if got := h.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func TestExpiryIsExact(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 1, time.UTC)
	s := open(t, t.TempDir(), dir.Options{Base: "http://host", NoSync: true, Now: func() time.Time { return now }})
	p, err := s.PresignPut(t.Context(), "a", blob.SignPut{Size: 1, Valid: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 1, 2, 3, 5, 6, 0, time.UTC); !p.Expires.Equal(want) {
		t.Errorf("expires %v, want %v", p.Expires, want)
	}
	for _, test := range []struct {
		at     time.Time
		status int
	}{{p.Expires, 403}, {p.Expires.Add(-1), 200}} {
		now = test.at
		r := httptest.NewRequest(p.Method, p.URL, strings.NewReader("x"))
		r.Header.Set("If-None-Match", "*")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("at %v: %d, want %d", test.at, w.Code, test.status)
		}
	}
}

// TestOnCreated checks that the object is there when OnCreated is told, that
// its failure is the client's, and that a client that tries again is heard.
func TestOnCreated(t *testing.T) {
	s := serve(t, t.TempDir(), true)
	var told []string
	fail := errors.New("queue is down")
	s.OnCreated = func(ctx context.Context, key string, info blob.Info) error {
		stat, err := s.Stat(ctx, key)
		if diff := cmp.Diff(info, stat); diff != "" || err != nil {
			t.Errorf("told of %s (%v)", diff, err)
		}
		told = append(told, key)
		return fail
	}
	p := s.sign(t, "a", blob.SignPut{Size: 1})
	for _, want := range []int{500, 500, 412} {
		if resp, answer := send(t, p, "x", nil); resp.StatusCode != want || strings.Contains(answer, "queue") {
			t.Errorf("PUT: %d %s, want %d", resp.StatusCode, answer, want)
		}
		if len(told) == 2 {
			fail = nil
		}
	}
	if diff := cmp.Diff([]string{"a", "a", "a"}, told); diff != "" {
		t.Error(diff)
	}
	if resp, _ := send(t, s.sign(t, "b", blob.SignPut{Size: 1}), "x", nil); resp.StatusCode != 200 || len(told) != 4 {
		t.Errorf("PUT: %d after telling %q", resp.StatusCode, told)
	}
}

// TestServerTimeouts sets timeouts that have passed before a body can come:
// they are for other requests.
func TestServerTimeouts(t *testing.T) {
	srv := httptest.NewUnstartedServer(nil)
	s := &server{url: "http://" + srv.Listener.Addr().String()}
	s.Store = open(t, t.TempDir(), dir.Options{Base: s.url, NoSync: true})
	srv.Config.Handler = s.Handler()
	srv.Config.ReadHeaderTimeout = 30 * time.Second
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = time.Nanosecond, time.Nanosecond
	srv.Start()
	defer srv.Close()
	content := strings.Repeat("x", 1<<20)
	resp, answer := send(t, s.sign(t, "a", blob.SignPut{Size: 1 << 20}), content, nil)
	if resp.StatusCode != 200 {
		t.Errorf("PUT: %d %s", resp.StatusCode, answer)
	}
}

// TestBelowAPath serves the store where a proxy might put it.
func TestBelowAPath(t *testing.T) {
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	defer srv.Close()
	s := open(t, t.TempDir(), dir.Options{Base: srv.URL + "/griot/", NoSync: true})
	mux.Handle("/griot/uploads/", s.Handler())
	p, err := s.PresignPut(t.Context(), "a/b", blob.SignPut{Size: 1, Valid: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(p.URL); err != nil || u.Path != "/griot/uploads/a/b" {
		t.Errorf("URL %s", p.URL)
	}
	if resp, answer := send(t, p, "x", nil); resp.StatusCode != 200 {
		t.Errorf("PUT: %d %s", resp.StatusCode, answer)
	}
}

func TestManyUploads(t *testing.T) {
	s := serve(t, t.TempDir(), true)
	var mu sync.Mutex
	told := map[string]int64{}
	s.OnCreated = func(_ context.Context, key string, info blob.Info) error {
		mu.Lock()
		defer mu.Unlock()
		told[key] = info.Size
		return nil
	}
	content := strings.Repeat("x", 300<<10)
	var all sync.WaitGroup
	for i := range 50 {
		p := s.sign(t, "uploads/ws_1/"+strings.Repeat("i", i+1), blob.SignPut{Size: int64(len(content))})
		all.Go(func() {
			if resp, answer := send(t, p, content, nil); resp.StatusCode != 200 {
				t.Errorf("PUT: %d %s", resp.StatusCode, answer)
			}
		})
	}
	all.Wait()
	if len(told) != 50 {
		t.Errorf("told of %d uploads", len(told))
	}
}

func FuzzKeyOf(f *testing.F) {
	s, err := dir.Open(f.TempDir(), dir.Options{Base: "http://host", NoSync: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	f.Add("http://host/uploads/a%20b?x#y")
	f.Add("http://host:80/uploads/a/../b")
	f.Fuzz(func(t *testing.T, raw string) {
		key, ok := s.KeyOf(raw)
		if !ok {
			return
		}
		if err := blob.CheckKey(key); err != nil {
			t.Errorf("KeyOf(%q): %v", raw, err)
		}
		p, err := s.PresignPut(t.Context(), key, blob.SignPut{Size: 1, Valid: time.Minute})
		if again, ok := s.KeyOf(p.URL); again != key || !ok || err != nil {
			t.Errorf("%q came back as %q (%v)", key, again, err)
		}
	})
}
