package memory

import (
	"time"

	"griot/internal/table"
)

// Kept is how long the id of a deleted memory is remembered (contract D 31).
const Kept = 30 * 24 * time.Hour

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
		table.Put(IDKey(workspace, m.ID), table.Attrs{"conv": m.Conversation, "row": row.SK}, table.Absent()),
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
		table.Put(rowKey(workspace, m), attrs, table.Equal("version", m.Version-1)),
		table.Put(listKey(workspace, m), m.listAttrs(workspace)),
	}, nil
}

// Rows are the keys of all rows of a memory but its name's.
func (m Memory) Rows(workspace string) []table.Key {
	return []table.Key{rowKey(workspace, m), IDKey(workspace, m.ID), listKey(workspace, m)}
}

// Delete returns the writes that remove a memory's rows and leave its id; the
// first is refused when it is not this version any more. next is when its
// words are looked after in the search index, until then it is noted.
func (m Memory) Delete(workspace string, now, next time.Time) []table.Op {
	rows := m.Rows(workspace)
	return []table.Op{
		table.Delete(rows[0], table.Equal("version", m.Version)),
		table.Put(rows[1], table.Attrs{
			"gone": m.Conversation, "due": next.UnixMilli(), table.ExpiresAttr: now.Add(Kept).Unix(),
		}),
		table.Delete(rows[2]),
	}
}

// Gone is what is left of a deleted memory.
type Gone struct {
	Conversation string
	Due          time.Time // zero: nothing is left to do
}

// ReadGone decodes the id row of a deleted memory, if it is one.
func ReadGone(item table.Item) (g Gone, ok bool) {
	g = Gone{Conversation: item.Str("gone"), Due: item.Time("due")}
	return g, g.Conversation != ""
}

// Settle returns the write that moves the due time of what is left of a
// deleted memory; the zero time ends it.
func (g Gone) Settle(workspace, memoryID string, next time.Time) table.Op {
	op := table.Update(IDKey(workspace, memoryID), nil, table.Equal("due", g.Due.UnixMilli()))
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
