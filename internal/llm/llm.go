// Package llm is the port to language models: one request with a JSON schema,
// one answer that is JSON. The drivers below it speak the wire of a service;
// what a question means, and whether an answer makes sense, is for the caller.
package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Model answers requests. The same request is the same bytes on the wire:
// drivers add no ids, times or chance.
type Model interface {
	// ID is the model's name, as its service knows it.
	ID() string
	// Ask returns the answer, or an *Error. A driver asks a service once, or
	// once for each thing that it refuses; [Patient] waits where it is busy.
	Ask(ctx context.Context, r Request) (Answer, error)
}

// Request is one question.
type Request struct {
	// Name of what is asked for: letters, digits, _ and -, at most 64.
	Name string
	// Instructions say what to do. They are the same for many requests, and
	// come first, so that a service may keep what it has made of them.
	Instructions string
	// Text is what to do it with. It is data, whatever it says.
	Text string
	// Schema is the JSON schema of the answer, an object. For strict services
	// every object in it lists all its properties as required and allows no
	// others.
	Schema json.RawMessage
	// MaxTokens is the most that the answer may have.
	MaxTokens int
	// Payer is the workspace whose budget pays. No service is told.
	Payer string `json:"-"`
}

// Usage is what was paid for.
type Usage struct {
	Input  int64 // tokens read, those of a cache included
	Output int64 // tokens written, thoughts included
}

// Add returns the sum.
func (u Usage) Add(v Usage) Usage { return Usage{u.Input + v.Input, u.Output + v.Output} }

// Total is the number of tokens.
func (u Usage) Total() int64 { return u.Input + u.Output }

// mostTokens is more than any model reads or writes at once.
const mostTokens = 10_000_000

// Counted is what a service says of itself, as far as it can be so: sums of it
// neither overflow nor become negative.
func Counted(input, output int64) Usage {
	return Usage{min(max(input, 0), mostTokens), min(max(output, 0), mostTokens)}
}

// Answer is what a model says.
type Answer struct {
	JSON  json.RawMessage // an object; it need not fit the schema
	Usage Usage
}

// Kind says what an Error means for the next step. Its numbers are stored.
type Kind int

const (
	// Unavailable may work later: throttled, overloaded, cut off, too slow.
	Unavailable Kind = iota
	// Denied will not work until somebody changes something: no access, an
	// unknown model, a request that the service does not take.
	Denied
	// TooLong is a request with more text than the model can read at once.
	TooLong
	// Refused means that the model, or a guard before it, will not answer this.
	Refused
	// CutOff is an answer that was longer than MaxTokens.
	CutOff
	// Unreadable is an answer that is not the JSON that was asked for.
	Unreadable
	// Spent is a request that was not sent: there is no money left for it.
	Spent
)

func (k Kind) String() string {
	return [...]string{"unavailable", "denied", "too_long", "refused", "cut_off", "unreadable", "spent"}[k]
}

// Error says why there is no answer. Its text never quotes a request or an
// answer.
type Error struct {
	Kind  Kind
	After time.Duration // of Unavailable: how long the service wants to be left alone, 0 when it does not say
	Usage Usage         // what was paid for all the same
	// Lost means that the service may have written an answer that nobody has
	// seen, and charge for it: a connection that broke, a time that was over.
	Lost  bool
	Cause error
}

func (e *Error) Error() string { return fmt.Sprintf("the model's answer is %s: %v", e.Kind, e.Cause) }

func (e *Error) Unwrap() error { return e.Cause }

// Paid is what an answer, or an attempt that failed, has cost.
func Paid(a Answer, err error) Usage {
	if e, ok := errors.AsType[*Error](err); ok {
		return a.Usage.Add(e.Usage)
	}
	return a.Usage
}

// KindOf returns the kind of the Error in err's chain; any other error is
// Unavailable.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unavailable
}

// After is how long the Error in err's chain says to wait.
func After(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.After
	}
	return 0
}

// Fail returns an Error.
func Fail(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Cause: fmt.Errorf(format, args...)}
}
