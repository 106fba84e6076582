package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// server is the whole program, running inside the test.
type server struct {
	env
	data string
	stop func() error // ends it as Ctrl-C does
}

// start runs the server on a free port and waits until it is ready.
func start(t testing.TB, data string, flags ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	args := append([]string{"-addr", "127.0.0.1:0", "-data", data}, flags...)
	ready := newEnv(data)
	go func() { ended <- run(ctx, args, io.Discard, io.Discard) }()
	s := &server{data: data}
	s.stop = func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	t.Cleanup(func() { ok(t, s.stop()) })
	await(t, func() bool { return ready(&s.env) })
	return s
}

// newEnv returns a function that reports, and reads, an env file written from
// now on: the server writes it when it is ready.
func newEnv(data string) func(*env) bool {
	before, _ := os.Stat(envPath(data))
	return func(e *env) bool {
		after, err := os.Stat(envPath(data))
		if err != nil || before != nil && os.SameFile(before, after) {
			return false
		}
		*e, err = readEnv(data)
		return err == nil && e.base != ""
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await waits for a condition.
func await(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited for 30 seconds in vain")
		}
	}
}

// call sends JSON, checks the status and decodes the answer.
func (s *server) call(t testing.TB, method, path string, body any, status int) map[string]any {
	t.Helper()
	data, err := json.Marshal(body)
	ok(t, err)
	req, err := http.NewRequest(method, s.base+path, bytes.NewReader(data))
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+s.first.key)
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ok(t, err)
	if resp.StatusCode != status {
		t.Fatalf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	out := map[string]any{}
	if len(answer) > 0 {
		ok(t, json.Unmarshal(answer, &out))
	}
	return out
}

// live makes a live session.
func (s *server) live(t testing.TB) string {
	t.Helper()
	return s.call(t, "POST", "/v1/sessions", map[string]string{
		"template": "open_exploration", "title": "Talk", "interviewee_email": "ann@acme.com",
	}, 201)["id"].(string)
}

// say appends n segments from client_seq from on.
func (s *server) say(t testing.TB, id string, from, n int) {
	t.Helper()
	var segments []map[string]any
	for i := from; i < from+n; i++ {
		segments = append(segments, map[string]any{
			"client_seq": i, "speaker": "Ann", "text": fmt.Sprintf("Number %d, naïve & <b>.\u2028", i),
		})
	}
	s.call(t, "POST", "/v1/sessions/"+id+"/segments", map[string]any{"segments": segments}, 200)
}

// upload sends a file and starts a session that reads it.
func (s *server) upload(t testing.TB, content string) string {
	t.Helper()
	up := s.call(t, "POST", "/v1/uploads", map[string]int{"size_bytes": len(content)}, 201)
	req, err := http.NewRequest(http.MethodPut, up["upload_url"].(string), strings.NewReader(content))
	ok(t, err)
	req.Header.Set("If-None-Match", "*")
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the upload answered %s", resp.Status)
	}
	return s.call(t, "POST", "/v1/sessions", map[string]any{
		"template": "operational_workflow", "title": "File", "upload_url": up["upload_url"],
	}, 201)["id"].(string)
}

// ended waits for a session's end and returns its status.
func (s *server) ended(t testing.TB, id string) string {
	t.Helper()
	var status string
	await(t, func() bool {
		status = s.call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"].(string)
		return status != "in_progress" && status != "processing"
	})
	return status
}

func sample(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("sample", name))
	ok(t, err)
	return string(data)
}
