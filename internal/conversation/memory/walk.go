package memory

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"griot/internal/table"
	"griot/internal/timestamp"
)

// Entry is a memory in a list: what lists select and sort by.
type Entry struct {
	ID           string
	Conversation string
	Created      time.Time
	Updated      time.Time
	Event        time.Time // zero: none
	topics       string    // ids, joined
	scope        map[string]string
}

// At is the time that a timeline orders by.
func (e Entry) At() time.Time {
	if !e.Event.IsZero() {
		return e.Event
	}
	return e.Created
}

// Row is the key of the memory itself.
func (e Entry) Row(workspace string) table.Key {
	return rowKey(workspace, Memory{
		ID: e.ID, Conversation: e.Conversation, CreatedAt: e.Created, EventTime: e.Event,
	})
}

// Has reports whether the memory has one of the topics.
func (e Entry) Has(topicIDs []string) bool {
	for _, topicID := range topicIDs {
		if strings.Contains(e.topics, topicID) {
			return true
		}
	}
	return false
}

// In reports whether the memory's code context has all of a scope's values.
func (e Entry) In(scope map[string]string) bool {
	for name, value := range scope {
		if e.scope[name] != value {
			return false
		}
	}
	return true
}

// NewEntry returns a memory's entry.
func NewEntry(workspace string, m Memory) Entry {
	e := Entry{
		ID: m.ID, Conversation: m.Conversation, Created: m.CreatedAt, Updated: m.UpdatedAt, Event: m.EventTime,
		scope: m.scope(),
	}
	for _, t := range m.Named(workspace) {
		e.topics += t.ID
	}
	return e
}

func readEntry(item table.Item) (Entry, error) {
	created, memoryID, _ := strings.Cut(item.SK, "#")
	ms, err := strconv.ParseInt(created, 10, 64)
	if err != nil {
		return Entry{}, fmt.Errorf("reading a list row: %w", err)
	}
	e := Entry{
		ID: memoryID, Conversation: item.Str("conv"), Created: time.UnixMilli(ms).UTC(),
		Updated: item.Time("updated"), Event: item.Time("event"), topics: item.Str("topics"),
	}
	for _, name := range Scopes {
		if value := item.Str(name); value != "" {
			if e.scope == nil {
				e.scope = map[string]string{}
			}
			e.scope[name] = value
		}
	}
	return e, nil
}

// Entries walks the list of a workspace by creation, so many rows at a time
// (0: as many as a page holds): a read unit per about 20 memories.
func (s Store) Entries(ctx context.Context, workspace string, in timestamp.Range, desc bool, atATime int) iter.Seq2[Entry, error] {
	q := table.Query{
		Table: table.Conversations, PK: listKey(workspace, Memory{}).PK, Reverse: desc, Limit: atATime, Consistency: table.Consistent,
	}
	if !in.From.IsZero() {
		q.From = fmt.Sprintf("%013d#", max(0, in.From.UnixMilli()))
	}
	if !in.To.IsZero() {
		q.To = fmt.Sprintf("%013d#~", max(0, in.To.UnixMilli()))
	}
	return func(yield func(Entry, error) bool) {
		if q.To != "" && q.From > q.To {
			return
		}
		for item, err := range table.All(ctx, s.Table, q) {
			if err != nil {
				yield(Entry{}, fmt.Errorf("walking memories: %w", err))
				return
			}
			if e, err := readEntry(item); !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Timeline walks the memories of a conversation in its order.
func (s Store) Timeline(ctx context.Context, workspace, conversation string) iter.Seq2[Memory, error] {
	q := table.Query{
		Table: table.Conversations, PK: workspace + "#" + conversation, Prefix: rowPrefix, Consistency: table.Consistent,
	}
	return func(yield func(Memory, error) bool) {
		for item, err := range table.All(ctx, s.Table, q) {
			if err != nil {
				yield(Memory{}, fmt.Errorf("walking memories: %w", err))
				return
			}
			if m, err := Read(item); !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// FirstBut returns the first memory of a conversation, in its order, that is
// not the one with an id.
func (s Store) FirstBut(ctx context.Context, workspace, conversation, but string) (m Memory, ok bool, err error) {
	page, err := s.Table.Query(ctx, table.Query{
		Table: table.Conversations, PK: workspace + "#" + conversation, Prefix: rowPrefix, Limit: 2, Consistency: table.Consistent,
	})
	if err != nil {
		return Memory{}, false, fmt.Errorf("reading the first memories of a conversation: %w", err)
	}
	for _, item := range page.Items {
		if m, err = Read(item); err != nil || m.ID != but {
			return m, err == nil, err
		}
	}
	return Memory{}, false, nil
}
