package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// server is an https server on loopback that a Client of the tests takes for
// a public one; every other address is under the real guard.
type server struct {
	*httptest.Server
	client Client
}

func start(t *testing.T, h http.HandlerFunc) *server {
	t.Helper()
	s := &server{Server: httptest.NewTLSServer(h)}
	t.Cleanup(s.Close)
	s.Config.ErrorLog = nil
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	s.client = Client{roots: roots, control: s.letThrough}
	return s
}

func (s *server) letThrough(network, address string, c syscall.RawConn) error {
	if address == s.Listener.Addr().String() {
		return nil
	}
	return public.Safe(network, address, c)
}

// read fetches all of a URL.
func read(t *testing.T, c Client, rawURL string) (string, error) {
	t.Helper()
	body, _, err := c.Open(t.Context(), rawURL)
	if err != nil {
		return "", err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	return string(data), err
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := As(err)
	if !ok || e.Code != code {
		t.Fatalf("error %v, want one of code %s", err, code)
	}
	if e.Message == "" || strings.Contains(err.Error(), "sig=secret") {
		t.Errorf("error %q shows the query, or nothing", err)
	}
}

func TestOpen(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "identity" || r.Proto != "HTTP/1.1" {
			t.Errorf("asked with Accept-Encoding %q by %s", r.Header.Get("Accept-Encoding"), r.Proto)
		}
		fmt.Fprint(w, "WEBVTT")
	})
	body, size, err := s.client.Open(t.Context(), s.URL+"/a.vtt?sig=secret")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if string(data) != "WEBVTT" || size != 6 || err != nil {
		t.Errorf("read %q of size %d, %v", data, size, err)
	}
}

func TestRedirects(t *testing.T) {
	var s *server
	targets := map[string]string{
		"/relative":  "/file?sig=secret",
		"/absolute":  "file",
		"/loopback":  "https://127.0.0.1/?sig=secret",
		"/port":      "https://127.0.0.1:8443/?sig=secret",
		"/mapped":    "https://[::ffff:127.0.0.1]/",
		"/metadata":  "https://169.254.169.254/latest/meta-data/?sig=secret",
		"/http":      "http://example.com/?sig=secret",
		"/file-url":  "file:///etc/passwd",
		"/user":      "https://me:secret@example.com/?sig=secret",
		"/not-a-url": "https://exa mple.com/%zz?sig=secret",
		"/for-ever":  "/for-ever?sig=secret",
		"/five":      "/four", "/four": "/three", "/three": "/two", "/two": "/one", "/one": "/file",
		"/six": "/five",
	}
	s = start(t, func(w http.ResponseWriter, r *http.Request) {
		if ref := r.Header.Get("Referer"); ref != "" {
			t.Errorf("the server was told Referer %q", ref)
		}
		if to, ok := targets[r.URL.Path]; ok {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
			return
		}
		fmt.Fprint(w, "words")
	})
	tests := []struct{ path, code string }{
		{"/relative", ""}, {"/absolute", ""}, {"/five", ""},
		{"/loopback", Refused}, {"/port", Refused}, {"/mapped", Refused}, {"/metadata", Refused},
		{"/http", Refused}, {"/file-url", Refused}, {"/user", Refused},
		{"/not-a-url", Unreachable}, {"/for-ever", Unreachable}, {"/six", Unreachable},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			data, err := read(t, s.client, s.URL+tt.path)
			if tt.code != "" {
				wantCode(t, err, tt.code)
			} else if data != "words" || err != nil {
				t.Errorf("read %q, %v", data, err)
			}
		})
	}
}

func TestAnswersRefused(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			http.NotFound(w, r)
		case "/partial":
			w.WriteHeader(http.StatusPartialContent)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
		case "/headers":
			w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeader))
		case "/hangup":
			panic(http.ErrAbortHandler)
		}
	})
	for _, path := range []string{"/missing", "/partial", "/nowhere", "/gzip", "/headers", "/hangup"} {
		_, err := read(t, s.client, s.URL+path+"?sig=secret")
		wantCode(t, err, Unreachable)
	}
}

func TestSize(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/announced":
			w.Header().Set("Content-Length", "11")
			w.(http.Flusher).Flush()
		case "/short":
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "half")
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
					return
				}
			}
		case "/exact":
			w.(http.Flusher).Flush() // without a length
			io.WriteString(w, "0123456789")
		}
	})
	s.Config.ErrorLog = discard()
	c := s.client
	c.MaxBytes = 10
	data, err := read(t, c, s.URL+"/exact")
	if data != "0123456789" || err != nil {
		t.Errorf("a file of exactly MaxBytes: read %q, %v", data, err)
	}
	_, _, err = c.Open(t.Context(), s.URL+"/announced")
	wantCode(t, err, TooLarge)
	data, err = read(t, c, s.URL+"/endless")
	wantCode(t, err, TooLarge)
	if len(data) != 10 {
		t.Errorf("%d bytes came through, want 10", len(data))
	}
	_, err = read(t, c, s.URL+"/short")
	wantCode(t, err, Unreachable)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want ErrUnexpectedEOF in its chain", err)
	}
}

func TestTime(t *testing.T) {
	dribble := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			time.Sleep(time.Millisecond)
		}
	}
	stall := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := []struct {
		name          string
		handler       http.HandlerFunc
		timeout, idle time.Duration
		cause         error
	}{
		{"stops sending", stall, time.Minute, 2 * time.Second, errIdle}, // the answer begins before that
		{"sends for ever", dribble, 2 * time.Second, time.Minute, errTimeout},
		{"does not answer", silent, time.Minute, 20 * time.Millisecond, nil},
		{"does not answer in time", silent, 20 * time.Millisecond, time.Minute, errTimeout},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.handler)
			c := s.client
			c.Timeout, c.Idle = tt.timeout, tt.idle
			_, err := read(t, c, s.URL)
			wantCode(t, err, Unreachable)
			if tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("error %v, want cause %v", err, tt.cause)
			}
		})
	}
}

// A slow reader is not taken for a slow server.
func TestIdleCountsReadingOnly(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "words") })
	c := s.client
	c.Idle = 50 * time.Millisecond
	body, _, err := c.Open(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	<-time.After(2 * c.Idle)
	data, err := io.ReadAll(body)
	if string(data) != "words" || err != nil {
		t.Errorf("read %q, %v", data, err)
	}
}

func TestCallerCancels(t *testing.T) {
	s := start(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := s.client.Open(ctx, s.URL)
	_, blamed := As(err)
	if !errors.Is(err, context.Canceled) || blamed {
		t.Errorf("Open with an ended context: %v, want context.Canceled alone", err)
	}
}

func TestCloseEndsTheFetch(t *testing.T) {
	gone := make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})
	body, _, err := s.client.Open(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	body.Close()
	<-gone
}

// A certificate of nobody's we trust is no way in.
func TestUntrustedCertificate(t *testing.T) {
	s := start(t, func(http.ResponseWriter, *http.Request) {})
	s.Config.ErrorLog = discard()
	c := s.client
	c.roots = x509.NewCertPool()
	_, err := read(t, c, s.URL)
	wantCode(t, err, Unreachable)
}

func TestNoProxyFromTheEnvironment(t *testing.T) {
	var asked atomic.Bool
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Store(true) }))
	defer proxy.Close()
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	s := start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "words") })
	c := s.client
	c.Resolver = resolver(t, net.IPv4(127, 0, 0, 1))
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	data, err := read(t, c, "https://example.com:"+port+"/")
	if data != "words" || err != nil || asked.Load() {
		t.Errorf("read %q, %v; proxy asked: %v", data, err, asked.Load())
	}
}
