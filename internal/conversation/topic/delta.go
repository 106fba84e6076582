package topic

import (
	"encoding/binary"
	"errors"
	"time"

	"griot/internal/id"
	"griot/internal/table"
)

// epochSK is the row in the deltas' partition that every fold increments. It sorts
// before all deltas.
const epochSK = "!"

func deltaKey(workspace, sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#deltas", SK: sk}
}

// maxDelta is the most bytes of a delta row, below the limit of an item.
const maxDelta = 300_000

// Deltas returns the writes of rows from which changes are added to the totals:
// one row, unless there are thousands of changes.
func Deltas(workspace string, at time.Time, changes []Change) []table.Op {
	var ops []table.Op
	var data []byte
	put := func() {
		if len(data) > 0 {
			ops = append(ops, table.Put(deltaKey(workspace, id.At("", at)), table.Attrs{"d": data}))
			data = nil
		}
	}
	for _, c := range changes {
		if data = appendChange(data, c); len(data) > maxDelta {
			put()
		}
	}
	put()
	return ops
}

// appendChange encodes a change: the id's 16 bytes, N, and the name with its
// length before it.
func appendChange(data []byte, c Change) []byte {
	data = append(data, rawID(c.ID)...)
	data = binary.AppendVarint(data, c.N)
	data = binary.AppendUvarint(data, uint64(len(c.Name)))
	return append(data, c.Name...)
}

var errBroken = errors.New("topic: a delta row cannot be read")

func readChanges(data []byte) ([]Change, error) {
	var changes []Change
	for len(data) > 0 {
		if len(data) < 16 {
			return nil, errBroken
		}
		c := Change{ID: readID(data[:16])}
		data = data[16:]
		var n int
		if c.N, n = binary.Varint(data); n <= 0 {
			return nil, errBroken
		}
		data = data[n:]
		size, n := binary.Uvarint(data)
		if n <= 0 || size > uint64(len(data)-n) {
			return nil, errBroken
		}
		c.Name = string(data[n : n+int(size)])
		data = data[n+int(size):]
		changes = append(changes, c)
	}
	return changes, nil
}

// delta is a row of changes that are not in the totals yet.
type delta struct {
	key     table.Key
	changes []Change
	at      time.Time
}

func readDelta(item table.Item) (delta, error) {
	changes, err := readChanges(item.Bytes("d"))
	return delta{key: item.Key, changes: changes, at: id.Time("_" + item.SK)}, err
}
