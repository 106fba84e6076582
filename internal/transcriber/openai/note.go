package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"griot/internal/blob"
	"griot/internal/id"
	"griot/internal/transcriber"
)

const (
	queued  = "queued"
	running = "running"
	failed  = "failed"
	done    = "done"
)

const (
	// heartbeat is how often a worker writes that it is still at it, and stale
	// the age of a note from which its writer is taken for dead.
	heartbeat = 15 * time.Second
	stale     = time.Minute
	// waiting is how long a message may wait before another is sent: it may
	// have been received too often and be among the dead.
	waiting = 30 * time.Minute
	maxNote = 1 << 20 // bytes
)

// note is how a job stands.
type note struct {
	State   string               `json:"state"`
	AtMS    int64                `json:"at_ms"`
	Owner   string               `json:"owner,omitempty"` // the process that is at it
	Answers []transcriber.Answer `json:"answers,omitempty"`
	Error   *noted               `json:"error,omitempty"`
}

// noted is an error of the engine.
type noted struct {
	Kind    transcriber.Kind `json:"kind"`
	Message string           `json:"message"`
	After   time.Duration    `json:"after"`
	Cause   string           `json:"cause"`
}

func newOwner() string { return id.At("", time.Now()) }

func noteKey(r transcriber.Recording) string { return r.Answer + "job.json" }

func (e *Engine) readNote(ctx context.Context, r transcriber.Recording) (n note, found bool, err error) {
	body, _, err := e.blobs.Get(ctx, noteKey(r))
	if errors.Is(err, blob.ErrNotFound) {
		return n, false, nil
	}
	if err != nil {
		return n, false, fmt.Errorf("opening the note of a job: %w", err)
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, maxNote))
	if err == nil {
		err = json.Unmarshal(data, &n)
	}
	if err != nil {
		return n, false, fmt.Errorf("reading the note of a job: %w", err)
	}
	return n, true, nil
}

func (e *Engine) putNote(ctx context.Context, r transcriber.Recording, n note, p blob.Put) error {
	n.AtMS = e.Now().UnixMilli()
	data, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encoding the note of a job: %w", err)
	}
	p.ContentType = "application/json"
	_, err = e.blobs.Put(ctx, noteKey(r), bytes.NewReader(data), int64(len(data)), p)
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("writing the note of a job: %w", err)
	}
	return nil
}

// lost is true for a job that nobody is at any more.
func (n note) lost(now time.Time) bool {
	age := now.Sub(time.UnixMilli(n.AtMS))
	return n.State == running && age > stale || n.State == queued && age > waiting
}

// begins is true for a job that Start has to send.
func (n note) begins(now time.Time) bool {
	return n.lost(now) || n.State == failed && n.Error.Kind.Passes()
}

func (n note) result(now time.Time) transcriber.Result {
	switch {
	case n.State == done:
		return transcriber.Result{State: transcriber.Done, Answers: n.Answers}
	case n.lost(now):
		return transcriber.Result{}
	case n.State == running:
		return transcriber.Result{State: transcriber.Running}
	}
	return transcriber.Result{State: transcriber.Queued}
}

// failure is why the engine gave up, or nil.
func (n note) failure() error {
	if n.State != failed {
		return nil
	}
	return &transcriber.Error{Kind: n.Error.Kind, Message: n.Error.Message, After: n.Error.After, Cause: errors.New(n.Error.Cause)}
}

func failureNote(e *transcriber.Error) note {
	cause := e.Message
	if e.Cause != nil {
		cause = e.Cause.Error()
	}
	return note{State: failed, Error: &noted{e.Kind, e.Message, e.After, cause}}
}
