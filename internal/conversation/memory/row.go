package memory

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"griot/internal/conversation"
	"griot/internal/record"
	"griot/internal/search"
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
func IDKey(of record.Ref) table.Key {
	return table.Key{Table: table.Conversations, PK: of.Workspace + "#mem#" + of.ID[:2], SK: of.ID}
}

func listKey(workspace string, m Memory) table.Key {
	return conversation.ListedKey(workspace, m.CreatedAt, m.ID)
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
	if m.taken {
		a["taken"] = int64(1)
	}
	if m.CodeContext != nil {
		data, err := json.Marshal(m.CodeContext)
		if err != nil {
			return nil, fmt.Errorf("encoding the code context: %w", err)
		}
		a["code"] = data
	}
	if len(m.Links) > 0 {
		data, err := json.Marshal(m.Links)
		if err != nil {
			return nil, fmt.Errorf("encoding relationships: %w", err)
		}
		a[linksAttr] = data
	}
	for name, n := range map[string]int64{countedAttr: m.Bytes(), keptAttr: m.kept, keptBytesAttr: m.keptBytes, linkedAttr: m.linked} {
		if n != 0 {
			a[name] = n
		}
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
		passage: item.Int("passage") != 0, taken: item.Int("taken") != 0, counted: item.Int(countedAttr),
		kept: item.Int(keptAttr), keptBytes: item.Int(keptBytesAttr), linked: item.Int(linkedAttr),
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
	if data := item.Bytes(linksAttr); data != nil {
		if err := json.Unmarshal(data, &m.Links); err != nil {
			return Memory{}, fmt.Errorf("decoding relationships: %w", err)
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

// doc is what the search index has of a memory.
func (m Memory) doc() search.Doc {
	return search.Doc{Conversation: m.Conversation, Memory: m.ID, Text: m.Content, Topics: m.Topics, At: m.At()}
}

// Reindex returns the writes that index a memory anew, refused when it has been
// changed or deleted since it was read.
func (m Memory) Reindex(workspace string, index *search.Index) []table.Op {
	return []table.Op{table.Check(rowKey(workspace, m), table.Equal("version", m.Version)), index.Put(workspace, m.doc())}
}

// nameOps returns the write that gives a memory its name, if it has one; holder
// is who has it and is gone, or nil.
func (m Memory) nameOps(workspace string, holder *table.Item) []table.Op {
	switch {
	case m.Name == "":
		return nil
	case holder != nil:
		return []table.Op{m.SeizeName(workspace, *holder)}
	default:
		return []table.Op{m.TakeName(workspace)}
	}
}

// Kept is how long the id of a deleted memory is remembered (contract D 31).
const Kept = record.TombstoneKept

// Claimed returns the memory with the row that points to the stored answer of
// the request that made it, so that its deletion finds that.
func (m Memory) Claimed(pointer table.Key) Memory {
	m.claim = pointer.SK
	return m
}

// Claim returns the pointer that Claimed noted, if there is one.
func (m Memory) Claim(workspace string) (pointer table.Key, ok bool) {
	key := rowKey(workspace, m)
	key.SK = m.claim
	return key, m.claim != ""
}

// Create returns the writes of a new memory's rows; the first two are refused
// when there is one with its id, or was. A name is not among them.
func (m Memory) Create(workspace string) ([]table.Op, error) {
	attrs, err := m.attrs()
	if err != nil {
		return nil, err
	}
	row := rowKey(workspace, m)
	return []table.Op{
		table.Put(IDKey(record.In(workspace, m.ID)), table.Attrs{"conv": m.Conversation, "row": row.SK}, table.Absent()),
		table.Put(row, attrs, table.Absent()),
		table.Put(listKey(workspace, m), m.listAttrs(workspace)),
	}, nil
}

// Update returns the writes of a changed memory's rows; the first is refused
// when it is not the version before any more.
func (m Memory) Update(workspace string) ([]table.Op, error) {
	attrs, err := m.attrs()
	if err != nil {
		return nil, err
	}
	return []table.Op{
		table.Put(rowKey(workspace, m), attrs, m.unchanged(m.Version-1)...),
		table.Put(listKey(workspace, m), m.listAttrs(workspace)),
	}, nil
}

// Attributes of a memory's row with its links, and how often these have changed.
const (
	linksAttr  = "links"
	linkedAttr = "linked"
)

// unchanged are the conditions under which a memory's row is of a version, and has
// the links that were read.
func (m Memory) unchanged(version int64) []table.Cond {
	linked := table.Missing(linkedAttr)
	if m.linked > 0 {
		linked = table.Equal(linkedAttr, m.linked)
	}
	return []table.Cond{table.Equal("version", version), linked}
}

// Rows are the keys of all rows of a memory but its name's.
func (m Memory) Rows(workspace string) []table.Key {
	return []table.Key{rowKey(workspace, m), IDKey(record.In(workspace, m.ID)), listKey(workspace, m)}
}

// Delete returns the writes that remove a memory's rows and leave its id; the
// first is refused when it is not this version any more. next is when its
// words are looked after in the search index, until then it is noted.
func (m Memory) Delete(workspace string, now, next time.Time) []table.Op {
	rows := m.Rows(workspace)
	gone := table.Attrs{"gone": m.Conversation, "due": next.UnixMilli(), table.ExpiresAttr: now.Add(Kept).Unix()}
	if m.kept > 0 {
		gone[keptAttr] = m.kept
	}
	return []table.Op{
		table.Delete(rows[0], m.unchanged(m.Version)...),
		table.Put(rows[1], gone),
		table.Delete(rows[2]),
	}
}

// Gone is what is left of a deleted memory.
type Gone struct {
	Conversation string
	Due          time.Time // zero: nothing is left to do
	Versions     bool      // whether it had versions, whose rows are still there
}

// ReadGone decodes the id row of a deleted memory, if it is one.
func ReadGone(item table.Item) (g Gone, ok bool) {
	g = Gone{Conversation: item.Str("gone"), Due: item.Time("due"), Versions: item.Int(keptAttr) > 0}
	return g, g.Conversation != ""
}

// Settle returns the write that moves the due time of what is left of a
// deleted memory; the zero time ends it.
func (g Gone) Settle(of record.Ref, next time.Time) table.Op {
	op := table.Update(IDKey(of), nil, table.Equal("due", g.Due.UnixMilli()))
	if next.IsZero() {
		op.Remove = []string{"due"}
	} else {
		op.Attrs["due"] = next.UnixMilli()
	}
	return op
}

// TakeName returns the write that gives a memory its name, unless somebody has it.
func (m Memory) TakeName(workspace string) table.Op {
	return table.Put(NameKey(workspace, m.Name), table.Attrs{"id": m.ID, "conv": m.Conversation}, table.Absent())
}

// SeizeName takes the name from a holder that is gone.
func (m Memory) SeizeName(workspace string, holder table.Item) table.Op {
	return table.Put(NameKey(workspace, m.Name), table.Attrs{"id": m.ID, "conv": m.Conversation}, table.Equal("id", holder.Str("id")))
}

// DropName returns the write that gives a memory's name up.
func (m Memory) DropName(workspace string) table.Op {
	return table.Delete(NameKey(workspace, m.Name), table.Equal("id", m.ID))
}
