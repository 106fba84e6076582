package platform

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// environment is one process, and the Runtime API that it alone speaks to.
type environment struct {
	platform *Platform
	function Function
	cmd      *exec.Cmd
	out      *prefixed
	server   *http.Server

	polled  chan struct{}    // the process asks for an invocation
	next    chan *invocation // and gets it
	current atomic.Pointer[invocation]
	broken  atomic.Pointer[FunctionError] // what the process said when it could not start

	exited chan struct{} // closed at the end of the process
	exit   error         // how it ended

	busy   bool        // guarded by the platform's mutex, as the next one
	reaper *time.Timer // ends it when it has been idle
	fresh  bool        // no invocation yet; used by one goroutine at a time
}

func startEnvironment(f Function, p *Platform) (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	env := &environment{
		platform: p, function: f, out: p.log.prefix(f.Name),
		polled: make(chan struct{}, 1), next: make(chan *invocation),
		exited: make(chan struct{}), fresh: true,
	}
	env.server = &http.Server{Handler: env.api()}
	go func() { _ = env.server.Serve(listener) }() // until it is closed
	env.cmd = exec.Command(f.Binary)
	env.cmd.Dir = filepath.Dir(f.Binary)
	env.cmd.Env = env.variables(listener.Addr().String())
	env.cmd.Stdout, env.cmd.Stderr = env.out, env.out
	env.cmd.WaitDelay = time.Second
	apart(env.cmd)
	if err := env.cmd.Start(); err != nil {
		return nil, errors.Join(err, env.server.Close())
	}
	return env, nil
}

// variables is the whole environment of the process: the function's own, and
// what Lambda sets.
func (e *environment) variables(api string) []string {
	f, region := e.function, e.platform.options.Region
	all := map[string]string{
		"AWS_REGION": region, "AWS_DEFAULT_REGION": region, "PATH": "/usr/local/bin:/usr/bin:/bin",
		"LANG": "en_US.UTF-8", "TZ": ":UTC",
	}
	maps.Copy(all, f.Env)
	maps.Copy(all, map[string]string{
		"AWS_LAMBDA_RUNTIME_API": api, "AWS_LAMBDA_FUNCTION_NAME": f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/" + f.Name, "AWS_LAMBDA_LOG_STREAM_NAME": NewID(),
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_FORMAT": "JSON",
		"LAMBDA_TASK_ROOT": e.cmd.Dir, "LAMBDA_RUNTIME_DIR": e.cmd.Dir, "_HANDLER": "bootstrap",
	})
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+"="+all[name])
	}
	return list
}

func (e *environment) pid() int { return e.cmd.Process.Pid }

func (e *environment) kill() { _ = e.cmd.Process.Kill() } // it may have ended

// wait returns at the process's end.
func (e *environment) wait() {
	e.exit = e.cmd.Wait()
	close(e.exited)
	_ = e.server.Close() // its only client is gone
	e.out.end()
}

// ready waits until a new process has asked for its first invocation. An
// idle one has.
func (e *environment) ready() error {
	if !e.fresh {
		return nil
	}
	e.fresh = false
	timer := time.NewTimer(initTime)
	defer timer.Stop()
	select {
	case <-e.polled:
		return nil
	case <-e.exited:
		return e.died()
	case <-timer.C:
		return &FunctionError{"Sandbox.Timedout", fmt.Sprintf("Error: Init timed out after %v", initTime)}
	}
}

// died says how the process ended, by its own words if it had any.
func (e *environment) died() error {
	if said := e.broken.Load(); said != nil {
		return said
	}
	how := "exit status 0"
	if e.exit != nil {
		how = e.exit.Error()
	}
	return &FunctionError{"Runtime.ExitError", "Error: Runtime exited with error: " + how}
}

// perform gives the process an invocation and returns when it asks for
// another one. On an error the process is of no more use.
func (e *environment) perform(inv *invocation, timeout time.Duration) error {
	inv.deadline = time.Now().Add(timeout)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	e.current.Store(inv)
	select {
	case e.next <- inv:
	case <-e.exited:
		return e.died()
	case <-timer.C:
		return e.late(inv, timeout)
	}
	select {
	case <-e.polled:
		e.current.Store(nil)
		inv.fail(&FunctionError{"Runtime.NoResponse", "Error: the function asked for the next event without an answer"})
		return nil
	case <-e.exited:
		return e.died()
	case <-timer.C:
		return e.late(inv, timeout)
	}
}

// late kills the process. What it sent so far is not the answer.
func (e *environment) late(inv *invocation, timeout time.Duration) error {
	err := &FunctionError{"Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.id, timeout.Seconds())}
	inv.fail(err)
	e.kill()
	<-e.exited
	return err
}
