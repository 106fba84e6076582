package memory

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
)

const (
	// sessionGap separates memory sessions, and conversations that nobody
	// named (contract B.5, B.6).
	sessionGap = 90 * time.Minute
	// latest is how many of the newest conversations are looked at for one
	// that goes on.
	latest = 20
)

// target is the conversation that a memory goes to.
type target struct {
	id     string
	tally  tally.Tally
	fresh  bool       // it is created with the memory
	client []table.Op // rows that find it for the client's session
}

// choose finds the conversation of a new memory.
func (c *creation) choose(ctx context.Context, at time.Time) (target, error) {
	fresh := target{id: id.At(id.Conversation, at), tally: tally.Tally{Activity: at}, fresh: true}
	switch {
	case c.in.Conversation == NewConversation:
		return fresh, nil
	case c.in.Conversation != "":
		t, err := c.Conversations.Tally(ctx, record.In(c.workspace, c.in.Conversation))
		return target{id: c.in.Conversation, tally: t}, err
	case c.in.ClaudeSession != "":
		return c.ofClientSession(ctx, fresh)
	}
	t, ok, err := c.ongoing(ctx, at)
	if err == nil && !ok {
		return fresh, nil
	}
	return t, err
}

// ofClientSession finds the conversation of a client's session; the first memory
// of a session creates it.
func (c *creation) ofClientSession(ctx context.Context, fresh target) (target, error) {
	sum := sha256.Sum256([]byte(c.in.ClaudeSession))
	h := base64.RawURLEncoding.EncodeToString(sum[:])
	key := clientKey(c.workspace, h)
	item, err := c.Conversations.Table.Get(ctx, key, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return target{}, fmt.Errorf("looking a client's session up: %w", err)
	}
	held := table.Absent()
	if known := item.Str("conv"); known != "" {
		t, err := c.Conversations.Tally(ctx, record.In(c.workspace, known))
		if !errs.Is(err, errs.NotFound) {
			return target{id: known, tally: t}, err
		}
		held = table.Equal("conv", known)
	}
	pointer := conversation.PartitionKey(record.In(c.workspace, fresh.id))
	pointer.SK = clientPrefix + h
	fresh.client = []table.Op{table.Put(key, table.Attrs{"conv": fresh.id}, held), table.Put(pointer, nil)}
	return fresh, nil
}

// clientPrefix begins the row in a conversation's partition that points to
// the row by which a client's session finds the conversation.
const clientPrefix = "claude#"

func clientKey(workspace, hash string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#claude", SK: hash}
}

// ClientSession returns the row by which a client's session finds a
// conversation, if an item of the conversation's partition points to one.
func ClientSession(workspace string, item table.Item) (key table.Key, ok bool) {
	h, ok := strings.CutPrefix(item.SK, clientPrefix)
	return clientKey(workspace, h), ok
}

// ongoing finds, among the newest conversations that people began, the one
// with the latest activity if that is no longer ago than the gap.
func (c *creation) ongoing(ctx context.Context, at time.Time) (t target, ok bool, err error) {
	page, err := c.Conversations.Table.Query(ctx, table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(c.workspace, "")).PK, Reverse: true, Limit: latest,
		Consistency: table.Consistent,
	})
	if err != nil {
		return t, false, fmt.Errorf("looking for a conversation that goes on: %w", err)
	}
	for _, item := range page.Items {
		of, there, err := c.Conversations.Tallies().Whole(ctx, c.workspace, item)
		if err != nil {
			return t, false, err
		}
		if !there || of.Bridged || at.Sub(of.Activity) > sessionGap || ok && !of.Activity.After(t.tally.Activity) {
			continue
		}
		t, ok = target{id: item.SK, tally: of}, true
	}
	return t, ok, nil
}

// continueSession returns the memory session of a memory that comes at a
// time, and whether it begins one.
func (t target) continueSession(at time.Time) (session string, created bool) {
	if t.tally.Session != "" && at.Sub(t.tally.Activity) <= sessionGap {
		return t.tally.Session, false
	}
	return id.At(id.MemorySession, at), true
}
