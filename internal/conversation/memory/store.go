package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
)

// Store reads the memories of all workspaces. It does not know whether their
// conversations are hidden.
type Store struct {
	Table table.Store
}

// Locate returns the row of each memory, in order; the zero Key for an id that
// names none.
func (s Store) Locate(ctx context.Context, workspace string, ids []string) ([]table.Key, error) {
	rows := make([]table.Key, 0, len(ids))
	for chunk := range slices.Chunk(ids, table.MaxBatchGet) {
		items, err := s.idRows(ctx, workspace, chunk)
		if err != nil {
			return nil, err
		}
		for _, memoryID := range chunk {
			rows = append(rows, located(workspace, items[memoryID]))
		}
	}
	return rows, nil
}

// idRows reads the id rows of at most a BatchGet of ids, some of them
// perhaps twice or no ids at all.
func (s Store) idRows(ctx context.Context, workspace string, ids []string) (map[string]table.Item, error) {
	var keys []table.Key
	seen := map[string]bool{}
	for _, memoryID := range ids {
		if id.ValidUUID(memoryID) && !seen[memoryID] {
			seen[memoryID] = true
			keys = append(keys, IDKey(record.In(workspace, memoryID)))
		}
	}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("looking memories up: %w", err)
	}
	found := map[string]table.Item{}
	for i, item := range items {
		found[keys[i].SK] = item
	}
	return found, nil
}

// LocateBeside is Locate of one memory which reads another row, too, that may
// be a moment old. It costs no more: the id row of a memory never changes while
// that is there, so only one that is not found is read again, consistently.
func (s Store) LocateBeside(ctx context.Context, of record.Ref, other table.Key) (row table.Key, beside table.Item, err error) {
	if !id.ValidUUID(of.ID) {
		return table.Key{}, table.Item{}, nil
	}
	items, err := s.Table.BatchGet(ctx, []table.Key{IDKey(of), other}, table.Eventual)
	if err != nil {
		return table.Key{}, table.Item{}, fmt.Errorf("looking a memory up: %w", err)
	}
	if items[0].Found() {
		return located(of.Workspace, items[0]), items[1], nil
	}
	rows, err := s.Locate(ctx, of.Workspace, []string{of.ID})
	if err != nil {
		return table.Key{}, table.Item{}, err
	}
	return rows[0], items[1], nil
}

func located(workspace string, item table.Item) table.Key {
	if item.Str("conv") == "" {
		return table.Key{}
	}
	return table.Key{Table: table.Conversations, PK: workspace + "#" + item.Str("conv"), SK: item.Str("row")}
}

// Prefix returns the ids that begin with a prefix.
func (s Store) Prefix(ctx context.Context, workspace, prefix string) ([]string, error) {
	key := IDKey(record.In(workspace, prefix))
	q := table.Query{Table: key.Table, PK: key.PK, Prefix: prefix, Consistency: table.Consistent}
	var ids []string
	for item, err := range table.All(ctx, s.Table, q) {
		if err != nil {
			return nil, fmt.Errorf("looking memories up by the beginning of their ids: %w", err)
		}
		if item.Str("conv") != "" {
			ids = append(ids, item.SK)
		}
	}
	return ids, nil
}

// Timeline walks the memories of a conversation in its order.
func (s Store) Timeline(ctx context.Context, of record.Ref) iter.Seq2[Memory, error] {
	q := table.Query{
		Table: table.Conversations, PK: of.Partition(), Prefix: rowPrefix, Consistency: table.Consistent,
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
// not the one with an id; "" is none's.
func (s Store) FirstBut(ctx context.Context, of record.Ref, but string) (m Memory, ok bool, err error) {
	return s.endBut(ctx, of, but, false)
}

// LastBut is FirstBut of the other end.
func (s Store) LastBut(ctx context.Context, of record.Ref, but string) (m Memory, ok bool, err error) {
	return s.endBut(ctx, of, but, true)
}

func (s Store) endBut(ctx context.Context, of record.Ref, but string, last bool) (m Memory, ok bool, err error) {
	page, err := s.Table.Query(ctx, table.Query{
		Table: table.Conversations, PK: of.Partition(), Prefix: rowPrefix, Reverse: last, Limit: 2, Consistency: table.Consistent,
	})
	if err != nil {
		return Memory{}, false, fmt.Errorf("reading the first or last memories of a conversation: %w", err)
	}
	for _, item := range page.Items {
		if m, err = Read(item); err != nil || m.ID != but {
			return m, err == nil, err
		}
	}
	return Memory{}, false, nil
}
