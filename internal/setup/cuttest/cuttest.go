// Package cuttest is a server on loopback that breaks a connection at any byte
// of a request or of its answer, for tests of what clients make of that.
package cuttest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Cut is where the next exchange breaks.
type Cut struct {
	Answer bool // else the request
	At     int  // so many bytes get through
}

func (c Cut) String() string {
	if c.Answer {
		return fmt.Sprintf("answer cut at byte %d", c.At)
	}
	return fmt.Sprintf("request cut at byte %d", c.At)
}

// Server hands requests to a handler, one a connection. Those whose request did
// not get through whole never reach it.
type Server struct {
	URL string

	mu              sync.Mutex
	handler         http.Handler
	next            *Cut
	exchanges       int
	request, answer []byte // the last whole ones
}

// Serve starts a server that is stopped after the test.
func Serve(t testing.TB, handler http.Handler) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{URL: "http://" + l.Addr().String(), handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			serving.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return s
}

// Client is the configuration for clients of the server, which wait no time
// between their attempts.
func (s *Server) Client(config aws.Config) aws.Config {
	config.BaseEndpoint = &s.URL
	retryer := config.Retryer
	config.Retryer = func() aws.Retryer { return retry.AddWithMaxBackoffDelay(retryer(), time.Microsecond) }
	return config
}

// Each runs do with an exchange that is not cut and then with one that is cut at
// each byte of the request's body and of the answer, and at every few bytes of the
// request's head and at each of its line ends: no server does anything before
// that is whole. do makes one call of a client; its first exchange is the one that
// is cut, and what follows is whole.
func (s *Server) Each(t *testing.T, do func(cut *Cut)) {
	t.Helper()
	s.arm(nil)
	do(nil)
	request, answer := s.request, s.answer
	head := bytes.Index(request, []byte("\r\n\r\n"))
	if head < 0 || len(answer) == 0 {
		t.Fatal("nothing was asked")
	}
	for at := range request {
		if at >= head || at%few == 0 || request[at] == '\n' || request[at] == '\r' {
			s.cut(Cut{At: at}, do)
		}
	}
	for at := range answer {
		s.cut(Cut{Answer: true, At: at}, do)
	}
}

const few = 16

func (s *Server) cut(c Cut, do func(*Cut)) {
	s.arm(&c)
	do(&c)
}

func (s *Server) arm(c *Cut) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next, s.exchanges = c, 0
}

// Exchanges is how many there were since the last cut was set.
func (s *Server) Exchanges() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.exchanges
}

func (s *Server) take() (c Cut, cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges++
	if s.next == nil {
		return Cut{}, false
	}
	c, s.next = *s.next, nil
	return c, true
}

// serve is one exchange. A connection that is closed with bytes unread is reset,
// one that is closed in an answer ends: clients meet both.
func (s *Server) serve(conn net.Conn) {
	defer conn.Close()
	c, cut := s.take()
	from := &taped{r: conn, left: -1}
	if cut && !c.Answer {
		from.left = c.At
	}
	r, err := http.ReadRequest(bufio.NewReader(from))
	if err != nil {
		return
	}
	if strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		if _, err := io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := s.answerTo(r)
	if cut && c.Answer {
		answer = answer[:c.At]
	} else if !cut {
		s.mu.Lock()
		s.request, s.answer = from.got, answer
		s.mu.Unlock()
	}
	_, _ = conn.Write(answer)
}

// answerTo is the whole answer of the handler, which serves one request at a time.
func (s *Server) answerTo(r *http.Request) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	resp := w.Result()
	resp.Close, resp.ContentLength = true, int64(w.Body.Len())
	var out bytes.Buffer
	if err := resp.Write(&out); err != nil {
		panic(err) // into memory
	}
	return out.Bytes()
}

var errCut = errors.New("cuttest: cut")

// taped keeps what is read, and breaks where nothing is left.
type taped struct {
	r    io.Reader
	got  []byte
	left int // -1: any
}

func (c *taped) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, errCut
	}
	if c.left > 0 {
		p = p[:min(len(p), c.left)]
	}
	n, err := c.r.Read(p)
	c.got = append(c.got, p[:n]...)
	if c.left > 0 {
		c.left -= n
	}
	return n, err
}
