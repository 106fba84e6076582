// Package template reads of a SAM template, and of the stacks nested in it,
// what is needed to run its functions on this machine: functions with their
// routes, queues and schedules, the API's own answers, and the tables,
// buckets and queues of the data plane.
package template

import (
	"fmt"
	"time"
)

// Options say where the stack is to stand.
type Options struct {
	Stack      string // name; prefix of everything that has no name of its own
	Region     string
	QueueURL   func(name string) string // nil: as on AWS
	Parameters map[string]any           // instead of the template's defaults
}

func (o Options) queueURL(name string) string {
	if o.QueueURL != nil {
		return o.QueueURL(name)
	}
	return fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", o.Region, account, name)
}

// Template is what was read.
type Template struct {
	Functions []Function
	API       API
	Tables    []Table
	Buckets   []Bucket
	Queues    []Queue
}

// Function is one function. CodeURI is a directory below the template's.
type Function struct {
	ID, Name, ARN string
	CodeURI       string
	Timeout       time.Duration
	MemoryMB      int
	Reserved      int // most invocations at once; 0: no limit of its own
	Env           map[string]string
	Routes        []Route
	Sources       []Source
	Schedules     []Schedule
}

// Route is an endpoint of the REST API.
type Route struct {
	Method  string // upper case; ANY is every one
	Path    string
	Stream  bool
	Timeout time.Duration
}

// Source is an event source mapping: a queue and how a function gets its
// messages.
type Source struct {
	QueueARN    string
	Batch       int
	Concurrency int  // most invocations at once; 0: no limit of its own
	Partial     bool // ReportBatchItemFailures
}

// Schedule invokes a function at a fixed rate.
type Schedule struct {
	Every time.Duration
	Input string // "" is the event of EventBridge
}

// Load reads a template's file.
func Load(file string, o Options) (*Template, error) {
	root, err := open(file, o.Stack, o, o.Parameters)
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	t := &Template{}
	for _, read := range []func(*scope) error{t.readFunctions, t.readAPI, t.readPlane} {
		if err := read(root); err != nil {
			return nil, fmt.Errorf("reading the template: %w", err)
		}
	}
	return t, nil
}

// properties evaluates some of a resource's properties: others may use what
// is not known here.
func (s *scope) properties(id string, names ...string) (object, error) {
	all, _ := dig(s.resources, id, "Properties").(object)
	some, err := s.some(all, names...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return some, nil
}

func (s *scope) some(all object, names ...string) (object, error) {
	some := object{}
	for _, name := range names {
		if v, ok := all[name]; ok {
			some[name] = v
		}
	}
	v, err := s.evalObject(some)
	if err != nil {
		return nil, err
	}
	return v.(object), nil
}

func seconds(v any) time.Duration { return time.Duration(number(v)) * time.Second }
