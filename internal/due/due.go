// Package due keeps the times by which somebody has to look after a thing if
// nothing happens until then. A due row is written and moved in the
// transactions that change the thing itself; the sweeper reads the rows whose
// time has come. Rows hold ids only.
package due

import (
	"fmt"
	"hash/fnv"
	"time"

	"griot/internal/table"
)

// shards spreads the rows, so that no partition takes every change.
const shards = 16

// Key is the row of a thing at a time.
func Key(at time.Time, workspace, id string) table.Key {
	h := fnv.New32a()
	h.Write([]byte(id))
	return table.Key{
		Table: table.Sessions,
		PK:    partition(h.Sum32() % shards),
		SK:    fmt.Sprintf("%013d#%s#%s", at.UnixMilli(), workspace, id),
	}
}

func partition(shard uint32) string { return fmt.Sprintf("due#%d", shard) }

// Move returns the operations that put a thing's row from one time to
// another; a zero time is no row.
func Move(workspace, id string, from, to time.Time) []table.Op {
	if from.Equal(to) {
		return nil
	}
	var ops []table.Op
	if !from.IsZero() {
		ops = append(ops, table.Delete(Key(from, workspace, id)))
	}
	if !to.IsZero() {
		ops = append(ops, table.Put(Key(to, workspace, id), nil))
	}
	return ops
}
