// Package stack is what stands on AWS, as one table: a row is a Lambda
// function, with what it serves, what it uses and how, and how long it may
// take. go generate writes the mains of endpoints, the functions' part of
// template.yaml, the queues of infra/data.yaml, the alarms of
// infra/observability.yaml and an event for each function; infra/lambda runs
// the rows on this machine, and internal/archtest holds them against the code.
package stack

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/api"
	"griot/internal/queue"
	"griot/internal/session/upload"
	"griot/internal/table"
)

//go:generate go run ./generate

// Function is a row. What holds for all is not said in it: an endpoint that
// wants a key may look for it and note its use, a worker may put off the jobs
// of its own queue.
type Function struct {
	// New is an endpoint's constructor, such as sessions.Create. Name, method,
	// path, whether it streams and whether it wants a key are what the endpoint
	// says; the main hands it what its parameters are.
	New any
	// With are fields of the main's session service that only this endpoint
	// wants: Projects, LoopbackURLs, HideConversation.
	With []string

	Worker queue.Name    // whose jobs it does; its main is written by hand
	AtOnce int           // most of them at once
	Oldest time.Duration // an alarm when the oldest job waits for it; 0: 15 minutes
	Every  time.Duration // of what is invoked by the clock instead: the sweeper

	Access, Sessions, Conversations Rights // in the tables
	Objects                         Objects
	Sends                           []queue.Name
	EndsJobs                        bool // looks at the stack's jobs in the list of Amazon Transcribe, and takes them off it
	Settings                        []Setting
	Also                            string // statements of its policy that are none of these, in YAML

	Condition string // of the template, without which there is no such function

	Memory  int           // MB; 0: as Globals of the template say
	Timeout time.Duration // 0: as Globals say
	Limit   string        // parameter with the most that may run at once; 0 is no limit
	Audit   bool          // writes events of the audit: its log is kept for a year
	Dear    bool          // one of its requests costs as much as many others; the gateway takes fewer
	Canary  bool          // its traffic is shifted slowly, and back when faults rise
	Alarms  Group

	endpoint api.Endpoint
	name     string
}

// Rights are what a function may do in a table.
type Rights uint8

// The rights are named as DynamoDB's actions are.
const (
	Get Rights = 1 << iota
	BatchGet
	Query
	Put
	Update
	Delete
	Check
)

// Objects are the prefixes of the bucket's keys that a function does something
// with.
type Objects struct {
	Get    []string
	Put    []string // itself, also in parts
	Sign   []string // lets a client put there
	Delete []string
	// List is also what it takes to be told that an object is not there.
	List bool
	// Named: nothing is done with the bucket; its name tells its URLs from others.
	Named bool
}

// Used reports whether there is anything of the bucket.
func (o Objects) Used() bool {
	return o.List || o.Named || len(o.Get)+len(o.Put)+len(o.Sign)+len(o.Delete) > 0
}

// What lies in the bucket.
const (
	files   = "sessions/" // of sessions: transcripts, recordings, candidates
	uploads = "uploads/"
	inbox   = upload.InboxPrefix
	refused = upload.RefusedPrefix
	index   = "search/"
	lists   = "lists/" // boards of conversations
)

// Searches reports whether the search index is read.
func (o Objects) Searches() bool { return slices.Contains(o.Get, index) }

// Lists reports whether boards of conversations are read.
func (o Objects) Lists() bool { return slices.Contains(o.Get, lists) }

// Setting is a variable of the environment that has a parameter's value.
type Setting struct{ Variable, Parameter string }

// Group is a group of functions with alarms in common. One of over ten
// functions, which is what CloudWatch takes into a formula, becomes several.
type Group struct {
	Name string        // in alarms' names: conversation-reads
	Slow time.Duration // what one in a hundred may take; 0: no matter
}

// The groups, in the order of their alarms.
var (
	Reads              = Group{"reads", 2 * time.Second}
	Writes             = Group{"writes", 2 * time.Second}
	ConversationReads  = Group{"conversation-reads", 2 * time.Second}
	ConversationWrites = Group{"conversation-writes", 2 * time.Second}
	Bulk               = Group{"bulk", 15 * time.Second}
	Searches           = Group{"searches", 2 * time.Second}
	Keys               = Group{"keys", 2 * time.Second}
	Streams            = Group{"streams", 0}
	Service            = Group{"service", 0}
	Workers            = Group{"workers", 0}
	Groups             = []Group{Reads, Writes, ConversationReads, ConversationWrites, Bulk, Searches, Keys, Streams, Service, Workers}
)

// Functions returns the whole table.
func Functions() []Function {
	var all []Function
	for _, f := range slices.Concat(sessionRows, conversationRows, serviceRows, workerRows) {
		all = append(all, f.complete())
	}
	return all
}

// complete fills in what the endpoint says.
func (f Function) complete() Function {
	switch {
	case f.New != nil:
		f.endpoint = endpoint(f.New, nil) // what it says of itself depends on nothing that it is handed
		f.name = f.endpoint.Name
		if !f.endpoint.Public {
			f.Access |= Get
		}
	case f.Worker != "":
		f.name = "worker-" + string(f.Worker)
	default:
		f.name = "worker-sweep"
	}
	return f
}

// Name is that of the function's directory, of its events, and in the stack's
// name of it: sessions-create.
func (f Function) Name() string { return f.name }

// ID is the function's logical id in the template: SessionsCreate.
func (f Function) ID() string {
	var b strings.Builder
	for word := range strings.SplitSeq(f.name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// Endpoint is what a function serves, without what it takes to do it. A
// worker serves none: its has no name.
func (f Function) Endpoint() api.Endpoint { return f.endpoint }

// Serves reports whether the function is an endpoint's.
func (f Function) Serves() bool { return f.New != nil }

// Unknown reports whether the function is asked what no endpoint serves.
func (f Function) Unknown() bool { return f.endpoint.Path == api.Everywhere }

// Method is that of the endpoint's route. HEAD is one of its own to API
// Gateway; any brings it to GET without a second route, and with it what has
// no route at all, which is 404 there too.
func (f Function) Method() string {
	if f.endpoint.Method == "GET" || f.Unknown() {
		return "any"
	}
	return strings.ToLower(f.endpoint.Method)
}

// What the gateway waits for an answer: a function that goes on for longer
// works for nobody.
const (
	longestAnswer = 29 * time.Second
	longestStream = 15 * time.Minute

	// longestFollowed is what a transcript may take that ends by itself after
	// two minutes (lambdafn.LongestStream), also to a reader who reads slowly.
	longestFollowed = 3 * time.Minute
)

// Longest is how long the gateway waits for the endpoint's answer.
func (f Function) Longest() time.Duration {
	if f.endpoint.Stream {
		return longestStream
	}
	return longestAnswer
}

// What the template's Globals say.
const (
	DefaultMemory  = 512 // MB
	DefaultTimeout = 15 * time.Second
)

// processor is the memory, in MB, with which Lambda gives a function the whole
// of one.
const processor = 1769

// MemoryMB is the function's memory.
func (f Function) MemoryMB() int {
	if f.Memory > 0 {
		return f.Memory
	}
	return DefaultMemory
}

// Time is how long an invocation may take. A stream may take as long as the
// gateway waits for other answers, unless its row says more: nobody is told
// when its reader is gone.
func (f Function) Time() time.Duration {
	switch {
	case f.Timeout > 0:
		return f.Timeout
	case f.endpoint.Stream:
		return longestAnswer
	}
	return DefaultTimeout
}

// In are the rights in a table.
func (f Function) In(name table.Name) Rights {
	return map[table.Name]Rights{table.Access: f.Access, table.Sessions: f.Sessions, table.Conversations: f.Conversations}[name]
}

// Tables are those that the function uses, in the order of [table.Names].
func (f Function) Tables() (names []table.Name) {
	for _, name := range table.Names {
		if f.In(name) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Queues are those that the function knows: its own, then those that it sends to.
func (f Function) Queues() []queue.Name {
	names := slices.Clone(f.Sends)
	if f.Worker != "" && !slices.Contains(names, f.Worker) {
		names = append([]queue.Name{f.Worker}, names...)
	}
	return names
}

// Group is that of the function's alarms.
func (f Function) Group() Group {
	if f.Alarms == (Group{}) {
		return Workers
	}
	return f.Alarms
}

// Schedule is the rate of what the clock invokes, as EventBridge writes it.
func (f Function) Schedule() string {
	if f.Every == time.Minute {
		return "rate(1 minute)"
	}
	return fmt.Sprintf("rate(%d minutes)", f.Every/time.Minute)
}

// QueueARN is that of a worker's queue, with names of CloudFormation.
func (f Function) QueueARN() string { return queueARN + string(f.Worker) }

// Directory is that of the function's main, below the module's root.
func (f Function) Directory() string { return "functions/" + f.name }
