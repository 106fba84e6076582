package task

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"griot/internal/queue"
	"griot/internal/record"
)

// Message is the body of every message: what the work is about. Which members
// are set tells the kinds of a queue apart; see [KindOf].
type Message struct {
	Workspace string `json:"workspace,omitempty"`
	Session   string `json:"session,omitempty"`
	Object    string `json:"object,omitempty"` // that was created
	Wish      string `json:"wish,omitempty"`   // the request to extract a session again
	// Attempt is the work of an engine on a recording that may be over for a
	// session; it is as a transcriber.Job has it.
	Attempt      int64    `json:"attempt,omitempty"`
	Conversation string   `json:"conversation,omitempty"`
	Memories     []string `json:"memories,omitempty"` // of the conversation
	// Renewal is the due time, in milliseconds, of the row that has the
	// conversation renewed in the index.
	Renewal int64 `json:"renewal,omitempty"`
	// Weigh has tidying up note what the workspace's memories weigh, too.
	Weigh bool `json:"weigh,omitempty"`
	// Board has tidying up make a board of the workspace's conversations, where there
	// is none.
	Board bool `json:"board,omitempty"`
	// Owner is the workspace whose share of the queue the message takes, where its
	// body names none.
	Owner string `json:"-"`
}

// Of returns the message of work for a session.
func Of(session record.Ref) Message {
	return Message{Workspace: session.Workspace, Session: session.ID}
}

// Ref is the session that the work is for.
func (m Message) Ref() record.Ref { return record.Ref{Workspace: m.Workspace, ID: m.Session} }

// Encode returns the message's body.
func (m Message) Encode() []byte {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return data
}

// Decode reads a message's body.
func Decode(body []byte) (Message, error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return Message{}, fmt.Errorf("decoding a job: %w", err)
	}
	return m, nil
}

// KindOf is the kind of a message by the queue that brought it; "" is a message
// that is about nothing.
func KindOf(from queue.Name, m Message) Kind {
	switch from {
	case queue.Ingest:
		switch {
		case m.Object != "":
			return Arrived
		case m.Session != "":
			return ReadFile // or LookAtEngine: the session knows
		}
		return ""
	case queue.Fetch:
		return FetchURL
	case queue.Extract:
		return Extract // or ExtractAgain: by its wish
	case queue.Bridge:
		return Bridge
	case queue.Purge:
		switch {
		case m.Conversation == "" && m.Session == "":
			return EndWorkspace
		case m.Conversation == "":
			return PurgeSession // or StopEngine: the session knows
		case m.Renewal != 0:
			return RenewIndex
		case len(m.Memories) > 0:
			return PurgeMemories
		}
		return PurgeConversation
	case queue.Tidy:
		return Tidy
	case queue.Merge:
		if m.Workspace != "" {
			return MergeIndex
		}
	}
	return ""
}

// Handler does what a message asks for. A message may come twice, late, or after
// its thing is gone: every handler looks first.
type Handler func(ctx context.Context, m Message) error

// Handlers has who does the work of each kind that one worker meets.
type Handlers map[Kind]Handler

// Queues are where work is sent to. Those that a host's endpoints do not use may
// be missing.
type Queues map[queue.Name]queue.Queue

// Send sends a message. That it gets there is not needed, and what went wrong is
// only logged: the due row that was written with the state, or whoever comes
// next, has it sent again.
func (q Queues) Send(ctx context.Context, k Kind, m Message) {
	if err := q.Delay(ctx, k, m, 0); err != nil {
		slog.WarnContext(ctx, "a job was not sent; it will be", "kind", string(k), "workspace", m.Workspace,
			"session", m.Session, "conversation", m.Conversation, "error", err)
	}
}

// Delay sends a message that comes after a while, where no due row sends it
// again: that it did not get there is an error.
func (q Queues) Delay(ctx context.Context, k Kind, m Message, after time.Duration) error {
	return q[kinds[k].queue].Send(ctx, queue.Outgoing{Body: m.Encode(), Group: cmp.Or(m.Workspace, m.Owner), Delay: after})
}
