package memory

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"griot/internal/table"
)

// rowPrefix begins the sort keys of memories in their conversation's
// partition: m#<what time it is about>#<creation>#<id>, so that their order
// is the timeline's.
const rowPrefix = "m#"

// Keys of a memory's rows.
func rowKey(workspace string, m Memory) table.Key {
	sk := rowPrefix + sortable(m.At()) + "#" + createdSK(m)
	return table.Key{Table: table.Conversations, PK: workspace + "#" + m.Conversation, SK: sk}
}

// IDKey is the row by which a memory is found by its id.
func IDKey(workspace, memoryID string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#mem#" + memoryID[:2], SK: memoryID}
}

func listKey(workspace string, m Memory) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#mems", SK: createdSK(m)}
}

// NameKey is the row that makes a memory's name its own.
func NameKey(workspace, name string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#names", SK: name}
}

func createdSK(m Memory) string { return fmt.Sprintf("%013d#%s", m.CreatedAt.UnixMilli(), m.ID) }

// yearZero makes times before 1970 sortable as digits.
var yearZero = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// sortable writes a time so that texts order as times do, from the year 0 to
// the year 9999.
func sortable(t time.Time) string { return fmt.Sprintf("%015d", t.UnixMilli()-yearZero) }

// attrs are the whole memory.
func (m Memory) attrs() (table.Attrs, error) {
	a := table.Attrs{
		"id": m.ID, "content": m.Content, "type": m.Type, "session": m.Session,
		"version": m.Version, "created": m.CreatedAt.UnixMilli(), "updated": m.UpdatedAt.UnixMilli(),
	}
	for name, s := range map[string]string{
		"role": m.Role, "name": m.Name, "context": m.Context, "outcome": m.Outcome, "task": m.TaskID, "claim": m.claim,
	} {
		if s != "" {
			a[name] = s
		}
	}
	for name, t := range map[string]time.Time{"event": m.EventTime, "from": m.ValidFrom, "to": m.ValidTo} {
		if !t.IsZero() {
			a[name] = t.UnixMilli()
		}
	}
	if len(m.Topics) > 0 {
		data, err := json.Marshal(m.Topics)
		if err != nil {
			return nil, fmt.Errorf("encoding topics: %w", err)
		}
		a["topics"] = data
		if !m.earlier {
			a["fold"] = int64(1)
		}
	}
	if m.passage {
		a["passage"] = int64(1)
	}
	if m.CodeContext != nil {
		data, err := json.Marshal(m.CodeContext)
		if err != nil {
			return nil, fmt.Errorf("encoding the code context: %w", err)
		}
		a["code"] = data
	}
	if n := m.Bytes(); n != 0 {
		a[countedAttr] = n
	}
	return a, nil
}

// Is reports whether an item is a memory's row.
func Is(item table.Item) bool { return strings.HasPrefix(item.SK, rowPrefix) }

// Read decodes a memory's row.
func Read(item table.Item) (Memory, error) {
	_, conversation, _ := strings.Cut(item.PK, "#")
	m := Memory{
		ID: item.Str("id"), Conversation: conversation, Session: item.Str("session"),
		Content: item.Str("content"), Type: item.Str("type"), Role: item.Str("role"), Name: item.Str("name"),
		Context: item.Str("context"), Outcome: item.Str("outcome"), TaskID: item.Str("task"), claim: item.Str("claim"),
		Version: item.Int("version"), CreatedAt: item.Time("created"), UpdatedAt: item.Time("updated"),
		EventTime: item.Time("event"), ValidFrom: item.Time("from"), ValidTo: item.Time("to"),
		passage: item.Int("passage") != 0, counted: item.Int(countedAttr),
	}
	if data := item.Bytes("topics"); data != nil {
		if err := json.Unmarshal(data, &m.Topics); err != nil {
			return Memory{}, fmt.Errorf("decoding topics: %w", err)
		}
		m.earlier = item.Int("fold") == 0
	}
	if data := item.Bytes("code"); data != nil {
		if err := json.Unmarshal(data, &m.CodeContext); err != nil {
			return Memory{}, fmt.Errorf("decoding the code context: %w", err)
		}
	}
	return m, nil
}

// listAttrs are what a list selects and sorts by without reading memories.
func (m Memory) listAttrs(workspace string) table.Attrs {
	a := table.Attrs{"conv": m.Conversation, "updated": m.UpdatedAt.UnixMilli()}
	if !m.EventTime.IsZero() {
		a["event"] = m.EventTime.UnixMilli()
	}
	if len(m.Topics) > 0 {
		var ids strings.Builder
		for _, t := range m.Named(workspace) {
			ids.WriteString(t.ID)
		}
		a["topics"] = ids.String()
	}
	for name, value := range m.scope() {
		a[name] = value
	}
	return a
}

// Scopes are the fields of CodeContext that lists are filtered by.
var Scopes = []string{"product", "service", "team", "role"}

func (m Memory) scope() map[string]string {
	fields := map[string]string{}
	if c := m.CodeContext; c != nil {
		for i, value := range []string{c.Product, c.Service, c.Team, c.Role} {
			if value != "" {
				fields[Scopes[i]] = value
			}
		}
	}
	return fields
}
