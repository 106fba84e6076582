package quota

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/clock"
	"griot/internal/record"
	"griot/internal/table"
)

// The bytes of memories count in rows that the transactions of memories write
// anyway, which are too many to be read for each file or memory. So whoever is
// far from the quota goes by what they were when somebody weighed them last, and
// who is near reads them. A memory is made without reading any quota as long as
// the workspace's clock, which that writes anyway, does not call it scarce.

// scarceBelow is the room for bytes that is little: more than comes between
// two weighings, the largest file included.
const scarceBelow = 4 << 30

// scarceAttr of the row of Weigh says what the clock's row says.
const scarceAttr = "scarce"

// memoryShards spread the count of a workspace's memories: so many that those
// who write at the same time seldom meet in one, and so small that all of them
// are 4 read units at most.
const memoryShards = 256

// Memories is the row of a shard that counts a workspace's memories ("memories")
// and their bytes ([MemoryBytes]).
func Memories(workspace string, shard uint32) table.Key {
	key := memoryRows(workspace)
	key.SK = fmt.Sprint(shard % memoryShards)
	return key
}

// MemoryBytes is the attribute of the rows of [Memories] that counts bytes.
const MemoryBytes = "bytes"

func memoryRows(workspace string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#count"}
}

// MemoryRows returns all rows of [Memories].
func (b Book) MemoryRows(ctx context.Context, workspace string) ([]table.Item, error) {
	rows, err := table.ReadAll(ctx, b.Table, table.Query{
		Table: table.Conversations, PK: memoryRows(workspace).PK, Consistency: table.Consistent,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the count of memories: %w", err)
	}
	return rows, nil
}

// scarce reports whether there is little room for bytes.
func (s State) scarce() bool { return s.Limit(StoredBytes)-s.Used(StoredBytes) < scarceBelow }

// calledScarce reports whether the workspace's clock says so.
func (s State) calledScarce() bool { return s.weight.Int(scarceAttr) != 0 }

// ReadBytes is Read for who is to store bytes. Where there is little room left it
// reads what memories weigh now.
func (b Book) ReadBytes(ctx context.Context, workspace string) (State, error) {
	s, err := b.Read(ctx, workspace)
	if err != nil || !s.scarce() && !s.calledScarce() {
		return s, err
	}
	s, err = b.weigh(ctx, s)
	if errors.Is(err, table.ErrCondition) {
		err = nil // another one notes what it has read just now
	}
	return s, err
}

// Usage is Read for who is to be told what is stored.
func (b Book) Usage(ctx context.Context, workspace string) (State, error) {
	s, err := b.Read(ctx, workspace)
	if err != nil {
		return State{}, err
	}
	s, _, err = b.weighed(ctx, s)
	return s, err
}

// Weigh notes what memories weigh, and tells the clock of the workspace whether
// there is little room left.
func (b Book) Weigh(ctx context.Context, workspace string) error {
	return record.Change(ctx, weighTries, func() error {
		s, err := b.Read(ctx, workspace)
		if err == nil {
			_, err = b.weigh(ctx, s)
		}
		if errors.Is(err, table.ErrCondition) {
			return record.ErrStale // another one noted, who may not know what holds now
		}
		return err
	})
}

// weighed returns a state with what memories weigh now.
func (b Book) weighed(ctx context.Context, s State) (now State, bytes int64, err error) {
	rows, err := b.MemoryRows(ctx, s.workspace)
	for _, row := range rows {
		bytes += row.Int(MemoryBytes)
	}
	s.used[StoredBytes] += bytes - s.weight.Int(Remembered.attr)
	return s, bytes, err
}

// weighTries is how often it is tried to note what memories weigh.
const weighTries = 8

// weigh is weighed that notes it if what is noted leads others elsewhere. Of
// several who note at the same time one wins: others get table.ErrCondition.
func (b Book) weigh(ctx context.Context, s State) (State, error) {
	s, bytes, err := b.weighed(ctx, s)
	if err != nil {
		return State{}, err
	}
	noted, scarce := s.weight.Int(Remembered.attr), s.scarce()
	if scarce == s.calledScarce() && (scarce || bytes == noted) {
		return s, nil
	}
	note := table.Put(Noted(s.workspace, Remembered), table.Attrs{Remembered.attr: bytes})
	if scarce {
		note.Attrs[scarceAttr] = int64(1)
	}
	switch {
	case !s.weight.Found():
		note.If = []table.Cond{table.Absent()}
	case s.calledScarce():
		note.If = []table.Cond{table.Equal(Remembered.attr, noted), table.Equal(scarceAttr, int64(1))}
	default:
		note.If = []table.Cond{table.Equal(Remembered.attr, noted), table.Missing(scarceAttr)}
	}
	ops := []table.Op{note}
	if scarce != s.calledScarce() {
		ops = append(ops, clock.Tell(s.workspace, scarce))
	}
	err = table.Retry(ctx, weighTries, func() error { return b.Table.Transact(ctx, ops) })
	if err != nil {
		return s, fmt.Errorf("noting what memories weigh: %w", err)
	}
	return s, nil
}
