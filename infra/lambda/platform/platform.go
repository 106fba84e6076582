// Package platform runs functions as AWS Lambda does, on loopback and without
// containers: one process per invocation at a time, which speaks the Runtime
// API, is used again while it is idle, and is killed when its time is over.
package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Lambda's limits, in bytes: of what a function is given, and of what it
// gives back at once (a streamed answer has none here).
const (
	MaxRequest  = 6 << 20
	MaxResponse = 6<<20 + 100
)

// initTime is how long a process may take until it asks for its first
// invocation.
const initTime = 10 * time.Second

// Function says what to run.
type Function struct {
	Name, ARN string
	Binary    string
	Env       map[string]string // beside what Lambda itself sets
	Timeout   time.Duration     // of one invocation
	MemoryMB  int               // is told to the function only
	Reserved  int               // most invocations at once; 0: those of all functions
}

// Options of a platform. Zero values are Lambda's own.
type Options struct {
	Region      string
	Log         io.Writer     // gets what functions print, a name before each line; nil: stderr
	Verbose     bool          // also log when invocations begin and end
	Idle        time.Duration // a process without work is ended after it; 0: 5 minutes
	Concurrency int           // most invocations of all functions at once; 0: 1,000
}

// ErrThrottled is an invocation over the limit of the function or of all.
var ErrThrottled = errors.New("platform: too many invocations at once")

// ErrTooLarge is an event over MaxRequest.
var ErrTooLarge = errors.New("platform: the event is too large")

// FunctionError is what a function reported as its failure, or what the
// platform says about a process that died or took too long.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Answer is what a function gave. When Streamed, Body is read while the
// function runs; it ends with io.EOF when the answer is complete, and with a
// *FunctionError when it is not. Who stops reading closes it; the function
// runs on.
type Answer struct {
	Streamed bool
	Body     io.ReadCloser
}

// Platform runs a set of functions. Close ends it.
type Platform struct {
	options Options
	log     *logger
	pools   map[string]*pool

	mu     sync.Mutex
	busy   int           // invocations of all functions
	freed  chan struct{} // closed by the next end of one
	closed bool
	ended  sync.WaitGroup // processes
}

// New returns a platform; processes start with the first invocations.
func New(o Options, functions ...Function) *Platform {
	if o.Log == nil {
		o.Log = os.Stderr
	}
	if o.Idle == 0 {
		o.Idle = 5 * time.Minute
	}
	if o.Concurrency == 0 {
		o.Concurrency = 1000
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	p := &Platform{options: o, log: &logger{out: o.Log}, pools: map[string]*pool{}, freed: make(chan struct{})}
	for _, f := range functions {
		p.pools[f.Name] = &pool{platform: p, function: f, all: map[*environment]bool{}}
	}
	return p
}

// Invoke runs a function with an event and returns when its answer is there,
// or has begun if it is streamed. The end of ctx ends the waiting, not the
// function. Errors are ErrThrottled, ErrTooLarge, *FunctionError or ctx's.
func (p *Platform) Invoke(ctx context.Context, function string, event []byte) (*Answer, error) {
	pool, ok := p.pools[function]
	if !ok {
		return nil, fmt.Errorf("platform: there is no function %s", function)
	}
	if len(event) > MaxRequest {
		return nil, ErrTooLarge
	}
	env, err := pool.acquire()
	if err != nil {
		return nil, err
	}
	inv := newInvocation(event)
	go pool.run(env, inv)
	select {
	case out := <-inv.out:
		return out.answer, out.err
	case <-ctx.Done():
		go inv.abandon()
		return nil, ctx.Err()
	}
}

// Process is one process of a function.
type Process struct {
	PID  int
	Busy bool
}

// Processes lists the running processes of a function.
func (p *Platform) Processes(function string) (list []Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for env := range p.pools[function].all {
		if env.cmd.Process != nil {
			list = append(list, Process{PID: env.cmd.Process.Pid, Busy: env.busy})
		}
	}
	return list
}

// Close kills all processes and waits for their end.
func (p *Platform) Close() {
	p.mu.Lock()
	p.closed = true
	for _, pool := range p.pools {
		for env := range pool.all {
			env.kill()
		}
	}
	p.mu.Unlock()
	p.ended.Wait()
}
