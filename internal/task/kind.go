// Package task is durable work: what happens behind the queues, and what is done
// when it has not happened. A task is a kind, the id of what it is for, a due
// time and a number of attempts. Its message goes to a queue when there is work;
// its due row, which is written in the transaction that makes the work
// necessary, says when somebody looks whether it was done. A message that was
// not sent, or was lost, or whose worker died, is so sent again, with growing
// pauses. Messages and rows hold ids only.
//
// To add a kind of work: a constant and its row in the table below; what is new
// in its message, if anything is, as a member of [Message] and a case of
// [KindOf]; the worker's [Handler], where package worker makes those of the
// queue; and, unless it has no due row, what the [Look] of its thing does when
// its time has come. A new queue is named in package queue.
package task

import (
	"time"

	"griot/internal/queue"
)

// Kind is a kind of work.
type Kind string

const (
	Arrived           Kind = "arrived"            // an object was created: find out what it is for
	ReadFile          Kind = "read-file"          // read a session's file, or have its recording written down
	LookAtEngine      Kind = "look-at-engine"     // see how far an engine is with a recording
	FetchURL          Kind = "fetch-url"          // bring the file of a session that is a URL
	Extract           Kind = "extract"            // find the candidates of a captured session
	ExtractAgain      Kind = "extract-again"      // those of a completed one, on request
	AskModel          Kind = "ask-model"          // extract by a model that could not be had
	Bridge            Kind = "bridge"             // make the conversation of a completed session
	StopEngine        Kind = "stop-engine"        // stop an engine that works for nobody
	PurgeSession      Kind = "purge-session"      // remove what a deleted session has left
	PurgeConversation Kind = "purge-conversation" // remove what a deleted conversation has left
	PurgeMemories     Kind = "purge-memories"     // remove deleted memories from the index
	EndWorkspace      Kind = "end-workspace"      // remove what a deleted workspace has left
	RenewIndex        Kind = "renew-index"        // remove the old words of a conversation from the index
	Tidy              Kind = "tidy"               // fold topics, seal fences, finish merges of topics
	MergeIndex        Kind = "merge-index"        // make segments of the tail of the index
)

// work is what is known of a kind.
type work struct {
	queue queue.Name
	// first is how long a message that was sent is waited for, where its thing does
	// not say; again how long the second one. The pause doubles from there up to most, 0: an hour. least is
	// above what the work may take, so that it runs once.
	first, again, least, most time.Duration
	// attempts is how often it is sent again before it is given up; 0: for ever.
	attempts int64
}

var kinds = map[Kind]work{
	Arrived:           {queue: queue.Ingest}, // the store repeats it
	ReadFile:          {queue: queue.Ingest, first: time.Minute, again: 4 * time.Minute, attempts: 8},
	LookAtEngine:      {queue: queue.Ingest, first: 5 * time.Second, again: 10 * time.Second, most: 2 * time.Minute, attempts: 8},
	FetchURL:          {queue: queue.Fetch, first: 12 * time.Minute, again: 4 * time.Minute, least: 12 * time.Minute, attempts: 8},
	Extract:           {queue: queue.Extract, first: 2 * time.Minute, again: 4 * time.Minute, attempts: 8},
	ExtractAgain:      {queue: queue.Extract, first: 2 * time.Minute, again: 4 * time.Minute, attempts: 8},
	AskModel:          {queue: queue.Extract, first: time.Minute, again: 2 * time.Minute, most: 10 * time.Minute, attempts: 6}, // an hour at most; then the rules step in
	Bridge:            {queue: queue.Bridge, first: 2 * time.Minute, again: 4 * time.Minute},
	StopEngine:        {queue: queue.Purge, first: 2 * time.Minute, again: 4 * time.Minute},
	PurgeSession:      {queue: queue.Purge, first: time.Minute, again: time.Minute},
	PurgeConversation: {queue: queue.Purge, first: time.Minute, again: 2 * time.Minute},
	PurgeMemories:     {queue: queue.Purge, first: time.Minute, again: time.Hour},
	EndWorkspace:      {queue: queue.Purge, first: time.Minute, again: time.Minute},
	RenewIndex:        {queue: queue.Purge, again: time.Hour}, // first: above search.RenewAfter
	Tidy:              {queue: queue.Tidy, again: time.Hour},  // first: when a merge of topics has settled
	MergeIndex:        {queue: queue.Merge},                   // the next writer sends it again
}

// mostWait is the longest pause of a kind that says nothing else.
const mostWait = time.Hour

// Wait is how long a message is waited for that was sent so many times before.
func (k Kind) Wait(attempts int64) time.Duration {
	w := kinds[k]
	if attempts <= 0 {
		return w.first
	}
	most := w.most
	if most == 0 {
		most = mostWait
	}
	return min(max(w.again<<min(attempts-1, 16), w.least), most)
}

// Exhausted reports whether work that was sent again so many times is given up.
func (k Kind) Exhausted(attempts int64) bool {
	most := kinds[k].attempts
	return most > 0 && attempts >= most
}
