// Package queue is the port to griot's job queues: at least once, unordered,
// with a delay, per-message retry and a dead letter queue. The suite that
// every driver passes is in queuetest.
package queue

import (
	"context"
	"errors"
	"time"
)

// SQS's limits (AWS, "Amazon SQS message quotas", 2026) and griot's settings.
const (
	MaxBody    = 256 << 10         // bytes of a message body
	MaxSend    = 1 << 20           // bytes of all bodies of one Send
	MaxBatch   = 10                // messages of one Send or Receive
	MaxGroup   = 128               // bytes of a group's name
	MaxDelay   = 900 * time.Second // longer waits are due rows, see package task
	MaxRetry   = 11 * time.Hour    // SQS: 12 h, visibility before it included
	MaxReceive = 5                 // receives before a message is dead
)

// ErrLimit is a request over one of the limits above, or with a body or group
// that SQS refuses: a bug of the caller. Nothing was done.
var ErrLimit = errors.New("queue: limit exceeded")

// Name is one of griot's queues.
type Name string

const (
	Ingest  Name = "ingest"  // an object is there: read it into a session
	Fetch   Name = "fetch"   // an upload_url of somebody else's: stream it in
	Extract Name = "extract" // a captured session: find its candidates
	Purge   Name = "purge"   // a deletion to carry out
	Merge   Name = "merge"   // a search tail that has grown
	Tidy    Name = "tidy"    // topics to fold and fences to seal
	Bridge  Name = "bridge"  // a completed session that becomes a conversation
	// Transcribe has recordings that a call, which lasts as long as it takes, writes down.
	Transcribe Name = "transcribe"
)

// Names lists every queue.
var Names = []Name{Ingest, Fetch, Extract, Purge, Merge, Tidy, Bridge, Transcribe}

// Outgoing is a message to send. Body is text: non-empty UTF-8 of the
// characters that XML 1.0 allows, as SQS demands; JSON is. Group (a workspace;
// printable ASCII or "") serves fairness between tenants only; it orders
// nothing.
type Outgoing struct {
	Body  []byte
	Group string
	Delay time.Duration
}

// Message is a received message. Receipt belongs to this one receive.
type Message struct {
	ID       string
	Body     []byte
	Group    string
	Receives int // this one included; 1 at first
	Receipt  string
}

// Depth counts a queue's messages.
type Depth struct {
	Ready, InFlight, Delayed, Dead int
}

// Queue is the port to one queue. A received message is hidden for the
// queue's visibility time and comes back unless acknowledged; one received
// MaxReceive times goes to the dead letters instead of coming back again.
// Sends are durable when they return nil. Safe for concurrent use.
type Queue interface {
	// Send appends up to MaxBatch messages. On an error some may have been sent:
	// a job may arrive twice, and its worker looks first.
	Send(ctx context.Context, messages ...Outgoing) error
	// Receive waits up to wait for at least one message and returns at most
	// max of them (≤ MaxBatch); none is no error, the end of ctx is.
	Receive(ctx context.Context, max int, wait time.Duration) ([]Message, error)
	// Ack removes a message. An outdated receipt is no error and may remove
	// nothing.
	Ack(ctx context.Context, m Message) error
	// Retry makes a message visible again after a delay (0: at once, at most
	// MaxRetry). An outdated receipt is no error and may change nothing.
	Retry(ctx context.Context, m Message, after time.Duration) error
	// Depth counts messages, approximately on AWS.
	Depth(ctx context.Context) (Depth, error)
	// Redrive moves the dead letters back and returns how many (-1: the
	// service moves them in the background and does not say).
	Redrive(ctx context.Context) (int, error)
}
