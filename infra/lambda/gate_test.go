package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"griot/internal/api/hosttest"
)

// gate stands between functions and the engines, and kills a process at a
// request of its.
type gate struct {
	mu    sync.Mutex
	plan  plan
	seen  map[int]int // requests of a process since the plan was made
	fired string      // the request at which it killed
}

// plan is to kill a process of one function at its n-th request: before it
// goes to the engine, or when the engine has done it and before the process
// knows.
type plan struct {
	processes func() []int
	n         int
	after     bool
}

// guard returns the address of a gate before what the environment says is an
// engine.
func (g *gate) guard(t *testing.T, variable string) string {
	t.Helper()
	target, err := url.Parse(os.Getenv(variable))
	ok(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}
	server := httptest.NewServer(hosttest.Whole(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.pass(w, r, proxy) })))
	t.Cleanup(server.Close)
	return server.URL
}

func (g *gate) set(p plan) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.plan, g.seen, g.fired = p, map[int]int{}, ""
}

// killed returns at which request the plan was carried out.
func (g *gate) killed() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fired
}

func (g *gate) pass(w http.ResponseWriter, r *http.Request, proxy http.Handler) {
	victim, after := g.due(r)
	switch {
	case victim == 0:
		proxy.ServeHTTP(w, r)
		return
	case after:
		proxy.ServeHTTP(httptest.NewRecorder(), r)
	}
	_ = syscall.Kill(victim, syscall.SIGKILL)
	panic(http.ErrAbortHandler)
}

// due returns the process that this request is the last one of, or 0.
func (g *gate) due(r *http.Request) (pid int, after bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.plan.n == 0 || g.fired != "" {
		return 0, false
	}
	if pid = owner(r.RemoteAddr, g.plan.processes()); pid == 0 {
		return 0, false
	}
	if g.seen[pid]++; g.seen[pid] < g.plan.n {
		return 0, false
	}
	g.fired = r.Method + " " + strings.Split(r.URL.Path, "/")[1]
	if operation := r.Header.Get("X-Amz-Target"); operation != "" {
		g.fired = operation
	}
	return pid, g.plan.after
}

// owner returns which of the processes has the connection that comes from an
// address of this machine (proc(5): /proc/net/tcp, /proc/<pid>/fd).
func owner(address string, processes []int) int {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(port)
	table, _ := os.ReadFile("/proc/net/tcp")
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 10 || !strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", n)) {
			continue
		}
		for _, pid := range processes {
			if has(pid, "socket:["+fields[9]+"]") {
				return pid
			}
		}
	}
	return 0
}

func has(pid int, file string) bool {
	open, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, name := range open {
		if to, err := os.Readlink(name); err == nil && to == file {
			return true
		}
	}
	return false
}
