package memory

import (
	"griot/internal/id"
	"griot/internal/table"
)

// countedAttr of a memory's row has the bytes of it that count. A row of before
// they were counted has none, so that nothing is given back for it.
const countedAttr = "counted"

// Bytes are those that count in stored_bytes: of all texts that a client sent
// and that are kept, those of earlier versions too. A passage has none until somebody edits it: its words are
// its session's, which count there.
func (m Memory) Bytes() int64 {
	if !m.taken && (m.passage || m.Version == 1 && id.IsDerivedUUID(m.ID)) {
		return 0
	}
	n := len(m.Content) + len(m.Name) + len(m.Context) + len(m.TaskID)
	for _, name := range m.Topics {
		n += len(name)
	}
	if c := m.CodeContext; c != nil {
		n += len(c.Product) + len(c.Repo) + len(c.Service) + len(c.Component) + len(c.Team) + len(c.Role)
		for name, value := range c.Extra {
			n += len(name) + len(value)
		}
	}
	return int64(n) + m.keptBytes
}

// AsCounted returns the memory as its row is read again.
func (m Memory) AsCounted() Memory {
	m.counted = m.Bytes()
	return m
}

// Counted are the bytes that count of the memory as it was read.
func (m Memory) Counted() int64 { return m.counted }

// Recount returns the write by which a memory's row says what counts of it,
// refused when it has been changed since it was read.
func (m Memory) Recount(workspace string) table.Op {
	return table.Update(rowKey(workspace, m), table.Attrs{countedAttr: m.Bytes()}, table.Equal("version", m.Version))
}
