package task

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"griot/internal/record"
	"griot/internal/table"
)

// shards spreads the rows, so that no partition takes every change.
const shards = 16

// Row is the due row of a thing at a time.
func Row(at time.Time, of record.Ref) table.Key {
	h := fnv.New32a()
	h.Write([]byte(of.ID))
	return table.Key{
		Table: table.Sessions,
		PK:    partition(h.Sum32() % shards),
		SK:    fmt.Sprintf("%013d#%s#%s", at.UnixMilli(), of.Workspace, of.ID),
	}
}

func partition(shard uint32) string { return fmt.Sprintf("due#%d", shard) }

// Due returns the write of the first due row of a thing.
func Due(at time.Time, of record.Ref) table.Op { return table.Put(Row(at, of), nil) }

// Move returns the writes that put a thing's row from one time to another; a
// zero time is no row.
func Move(of record.Ref, from, to time.Time) []table.Op {
	if from.Equal(to) {
		return nil
	}
	var ops []table.Op
	if !from.IsZero() {
		ops = append(ops, table.Delete(Row(from, of)))
	}
	if !to.IsZero() {
		ops = append(ops, Due(to, of))
	}
	return ops
}

// Drop removes a row that its thing does not know: it was left over, or a twin
// has moved on.
func Drop(ctx context.Context, store table.Store, of record.Ref, at time.Time) error {
	_, err := store.Write(ctx, table.Repeatable(table.Delete(Row(at, of))))
	return err
}
