package llmtest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Server is a real model server in a process of its own.
type Server struct {
	URL  string
	args []string
	cmd  *exec.Cmd
}

// Launch starts the server that GRIOT_TEST_MODEL_SERVER names, a command with
// the options of llama-server and its model, with more of these options; it
// skips the test where there is none. The server may not answer yet.
func Launch(t *testing.T, options ...string) *Server {
	t.Helper()
	command := strings.Fields(os.Getenv("GRIOT_TEST_MODEL_SERVER"))
	if len(command) == 0 {
		t.Skip("GRIOT_TEST_MODEL_SERVER names no model server (infra/engines/engines model test)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	s := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", port)}
	// Threads wait for each other by spinning: two on one core take ages.
	s.args = append(append(command, "--threads", "1", "--parallel", "1", "--port", fmt.Sprint(port)), options...)
	t.Cleanup(s.Kill)
	s.Relaunch(t)
	return s
}

// Relaunch starts a server that was killed, at the same address.
func (s *Server) Relaunch(t *testing.T) {
	t.Helper()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Stderr = t.Output()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the server wherever it is.
func (s *Server) Kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Await waits until the path gives an answer that suits, two minutes at most.
func (s *Server) Await(t *testing.T, path string, suits func(*http.Response) bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get(s.URL + path)
		if err != nil {
			continue
		}
		ok := suits(resp)
		resp.Body.Close()
		if ok {
			return
		}
	}
	t.Fatalf("%s%s does not give what is waited for", s.URL, path)
}

// Start launches a server and waits until its model is loaded.
func Start(t *testing.T, options ...string) *Server {
	t.Helper()
	s := Launch(t, options...)
	s.Await(t, "/health", func(r *http.Response) bool { return r.StatusCode == http.StatusOK })
	return s
}
