package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/infra/lambda/build"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "griot-platform-")
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

// newPlatform has one function, f, and returns what is logged.
func newPlatform(t *testing.T, o Options, f Function) (*Platform, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{} // written under the platform's lock, read after Close
	o.Log = log
	f.Name, f.Binary, f.ARN = "f", binary, "arn:aws:lambda:us-east-1:000000000000:function:f"
	if f.Timeout == 0 {
		f.Timeout = 20 * time.Second
	}
	p := New(o, f)
	t.Cleanup(p.Close)
	return p, log
}

// invoke returns the whole answer.
func invoke(t *testing.T, p *Platform, event string) (string, error) {
	t.Helper()
	answer, err := p.Invoke(t.Context(), "f", []byte(event))
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	return string(data), err
}

func failure(t *testing.T, err error) *FunctionError {
	t.Helper()
	var failed *FunctionError
	if !errors.As(err, &failed) {
		t.Fatalf("the error is %v, not the function's", err)
	}
	return failed
}

func await(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

// gate is a server whose answers wait until the test lets them go.
type gate struct {
	*httptest.Server
	asked chan string // paths, as they are asked for
	open  chan struct{}
}

func newGate(t *testing.T) *gate {
	g := &gate{asked: make(chan string, 100), open: make(chan struct{})}
	over := make(chan struct{})
	g.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.asked <- r.URL.Path
		select {
		case <-g.open:
		case <-over:
		}
	}))
	t.Cleanup(func() { close(over); g.Close() })
	return g
}

func idle(p *Platform) bool {
	for _, process := range p.Processes("f") {
		if process.Busy {
			return false
		}
	}
	return true
}

func TestEnvironmentAndReuse(t *testing.T) {
	p, _ := newPlatform(t, Options{Region: "eu-west-1"}, Function{MemoryMB: 256, Env: map[string]string{"OWN": "value"}})
	pids := map[int]bool{}
	for range 3 {
		text, err := invoke(t, p, `{"do":"self"}`)
		if err != nil {
			t.Fatal(err)
		}
		var self struct {
			PID     int
			ARN, ID string
			Env     map[string]string
			LeftMS  int `json:"left_ms"`
		}
		if err := json.Unmarshal([]byte(text), &self); err != nil {
			t.Fatal(err)
		}
		pids[self.PID] = true
		for name, want := range map[string]string{
			"OWN": "value", "AWS_REGION": "eu-west-1", "AWS_LAMBDA_FUNCTION_NAME": "f",
			"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "_HANDLER": "bootstrap", "HOME": "",
		} {
			if self.Env[name] != want {
				t.Errorf("%s is %q, want %q", name, self.Env[name], want)
			}
		}
		if self.LeftMS < 15_000 || self.LeftMS > 20_000 || len(self.ID) != 36 || !strings.HasSuffix(self.ARN, ":f") {
			t.Errorf("the invocation has %d ms, the id %q and the ARN %q", self.LeftMS, self.ID, self.ARN)
		}
		await(t, func() bool { return idle(p) })
	}
	if len(pids) != 1 {
		t.Errorf("three invocations in a row had %d processes", len(pids))
	}
}

// One process per invocation at a time; beyond the limit invocations are
// refused, and processes without work end.
func TestConcurrency(t *testing.T) {
	p, _ := newPlatform(t, Options{Idle: time.Millisecond}, Function{Reserved: 3})
	g := newGate(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	pids := map[string]bool{}
	for range 3 {
		wg.Go(func() {
			text, err := invoke(t, p, `{"do":"wait","url":"`+g.URL+`"}`)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			pids[text] = true
		})
	}
	for range 3 {
		<-g.asked
	}
	if _, err := invoke(t, p, `{}`); !errors.Is(err, ErrThrottled) {
		t.Errorf("the fourth at once: %v", err)
	}
	close(g.open)
	wg.Wait()
	if len(pids) != 3 {
		t.Errorf("three invocations at once had %d processes", len(pids))
	}
	await(t, func() bool { return len(p.Processes("f")) == 0 })
	if _, err := invoke(t, p, `{}`); err != nil {
		t.Errorf("after all processes have ended: %v", err)
	}
}

func TestFailures(t *testing.T) {
	p, log := newPlatform(t, Options{}, Function{})
	for _, tt := range []struct{ event, kind, message string }{
		{`{"do":"fail"}`, "errorString", "as ordered"},
		{`{"do":"panic"}`, "string", "as ordered"},
		{`{"do":"exit"}`, "Runtime.ExitError", "Error: Runtime exited with error: exit status 7"},
		{`{"do":"big","size":6291555}`, "Function.ResponseSizeTooLarge", "maximum allowed"}, // and two quotes
	} {
		_, err := invoke(t, p, tt.event)
		if got := failure(t, err); got.Type != tt.kind || !strings.Contains(got.Message, tt.message) {
			t.Errorf("%s: %+v", tt.event, got)
		}
	}
	if text, err := invoke(t, p, `{"do":"big","size":6291554}`); err != nil || len(text) != MaxResponse {
		t.Errorf("the largest answer: %d bytes, %v", len(text), err)
	}
	if text, err := invoke(t, p, `{"a":1}`); err != nil || text != `{"a":1}` {
		t.Errorf("after failures: %q, %v", text, err)
	}
	if _, err := invoke(t, p, `"`+strings.Repeat("x", MaxRequest)+`"`); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an event over the limit: %v", err)
	}
	if _, err := p.Invoke(t.Context(), "g", nil); err == nil {
		t.Error("a function that does not exist was invoked")
	}
	p.Close()
	if !strings.Contains(log.String(), "f  a last word\n") {
		t.Errorf("the log has no last word:\n%s", log)
	}
}

func TestInitError(t *testing.T) {
	p, log := newPlatform(t, Options{}, Function{Env: map[string]string{"BROKEN": "yes"}})
	_, err := invoke(t, p, `{}`)
	if got := failure(t, err); !strings.Contains(got.Message, "exit status 3") {
		t.Errorf("%+v", got)
	}
	p.Close()
	if !strings.Contains(log.String(), "f  cannot start\n") {
		t.Errorf("the log is %q", log)
	}
}

func TestDeadlineKills(t *testing.T) {
	p, _ := newPlatform(t, Options{}, Function{Timeout: 300 * time.Millisecond})
	g := newGate(t)
	_, err := invoke(t, p, `{"do":"wait","url":"`+g.URL+`"}`)
	if got := failure(t, err); got.Type != "Sandbox.Timedout" || !strings.HasSuffix(got.Message, "Task timed out after 0.30 seconds") {
		t.Errorf("%+v", got)
	}
	await(t, func() bool { return len(p.Processes("f")) == 0 })
}

// A process that has died while it was idle is replaced.
func TestIdleProcessDies(t *testing.T) {
	p, _ := newPlatform(t, Options{}, Function{})
	for range 3 {
		if _, err := invoke(t, p, `{}`); err != nil {
			t.Fatal(err)
		}
		await(t, func() bool { return idle(p) })
		for _, process := range p.Processes("f") {
			if found, err := os.FindProcess(process.PID); err == nil {
				_ = found.Kill() // may have ended
			}
		}
		await(t, func() bool { return len(p.Processes("f")) == 0 })
	}
}

// The caller goes; the function runs to its end.
func TestCallerLeaves(t *testing.T) {
	p, _ := newPlatform(t, Options{}, Function{})
	g := newGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := p.Invoke(ctx, "f", []byte(`{"do":"wait","url":"`+g.URL+`"}`))
		left <- err
	}()
	<-g.asked
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller got %v", err)
	}
	if idle(p) {
		t.Error("the function did not run on")
	}
	pid := p.Processes("f")[0].PID
	close(g.open)
	await(t, func() bool { return idle(p) })
	if list := p.Processes("f"); len(list) != 1 || list[0].PID != pid {
		t.Errorf("the processes are %v, want %d idle", list, pid)
	}
}

// begin invokes a streaming function and reads its first piece.
func begin(t *testing.T, p *Platform, g *gate, event string) io.ReadCloser {
	t.Helper()
	answer, err := p.Invoke(t.Context(), "f", fmt.Appendf(nil, event, g.URL))
	if err != nil {
		t.Fatal(err)
	}
	const prelude = "{\"statusCode\":200,\"headers\":{\"Content-Type\":\"text/event-stream\"}}\x00\x00\x00\x00\x00\x00\x00\x00"
	first := make([]byte, len(prelude)+3)
	if _, err := io.ReadFull(answer.Body, first); err != nil || string(first) != prelude+"one" || !answer.Streamed {
		t.Fatalf("streamed %v, begins with %q, %v", answer.Streamed, first, err)
	}
	return answer.Body
}

// The first piece is there while the function waits to send the second.
func TestStreamArrivesPieceByPiece(t *testing.T) {
	p, _ := newPlatform(t, Options{}, Function{})
	g := newGate(t)
	body := begin(t, p, g, `{"do":"stream","url":"%s"}`)
	if path := <-g.asked; path != "/1" {
		t.Errorf("the function is at %s", path)
	}
	g.open <- struct{}{}
	second := make([]byte, 3)
	if _, err := io.ReadFull(body, second); err != nil || string(second) != "two" {
		t.Errorf("then %q, %v", second, err)
	}
	g.open <- struct{}{}
	if rest, err := io.ReadAll(body); err != nil || len(rest) != 0 {
		t.Errorf("at the end %q, %v", rest, err)
	}
}

// A stream has no limit of 6 MB, and its reader's leaving does not end the
// function.
func TestStreamWithoutReader(t *testing.T) {
	p, _ := newPlatform(t, Options{}, Function{})
	g := newGate(t)
	body := begin(t, p, g, `{"do":"stream","size":8,"url":"%s"}`)
	<-g.asked
	body.Close()
	g.open <- struct{}{}
	if path := <-g.asked; path != "/2" {
		t.Errorf("the function is at %s", path)
	}
	close(g.open)
	await(t, func() bool { return idle(p) })
	if n := len(p.Processes("f")); n != 1 {
		t.Errorf("%d processes, want the same one", n)
	}
}

func TestStreamBreaks(t *testing.T) {
	for _, tt := range []struct{ do, kind string }{
		{"stream-panic", "errorString"}, {"stream-exit", "Runtime.ExitError"}, {"stream-stop", "Sandbox.Timedout"},
	} {
		p, _ := newPlatform(t, Options{}, Function{Timeout: time.Second})
		g := newGate(t)
		body := begin(t, p, g, `{"do":"`+tt.do+`","url":"%s"}`)
		close(g.open)
		_, err := io.ReadAll(body)
		if got := failure(t, err); got.Type != tt.kind {
			t.Errorf("%s: %+v", tt.do, got)
		}
	}
}

func TestCloseEndsEverything(t *testing.T) {
	p, _ := newPlatform(t, Options{}, Function{})
	g := newGate(t)
	failed := make(chan error)
	go func() {
		_, err := p.Invoke(context.Background(), "f", []byte(`{"do":"wait","url":"`+g.URL+`"}`))
		failed <- err
	}()
	<-g.asked
	p.Close()
	failure(t, <-failed)
	if list := p.Processes("f"); len(list) != 0 {
		t.Errorf("left running: %v", list)
	}
	if _, err := invoke(t, p, `{}`); !errors.Is(err, ErrThrottled) {
		t.Errorf("after Close: %v", err)
	}
}
