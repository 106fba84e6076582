package search

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"griot/internal/search/posting"
	"griot/internal/table"
)

// The tail has one row per unit that was written and is not merged yet, under
// "<conversation>#<memory>". A row is newer than what segments have of its
// unit, so it replaces that; nobody has to know whether a merge that crashed
// has already taken a row that is still there.
const (
	rowAttr   = "unit"
	stampAttr = "stamp" // differs from row to row, so that a merge deletes what it has read only
)

func tailPK(workspace string) string { return workspace + "#tail" }

func tailKey(workspace, conversation, memory string) table.Key {
	return table.Key{Table: table.Conversations, PK: tailPK(workspace), SK: sortKey(conversation, memory)}
}

func sortKey(conversation, memory string) string { return conversation + "#" + memory }

func putRow(workspace, conversation, memory string, unit *posting.Unit) table.Op {
	return table.Put(tailKey(workspace, conversation, memory), table.Attrs{rowAttr: unit.Encode(), stampAttr: rand.Text()})
}

// row is a unit of the tail. Its unit has no passages when it was removed.
type row struct {
	key                  table.Key
	conversation, memory string
	stamp                string
	unit                 *posting.Unit
}

// readTail returns all rows in key order, and the bytes they take. With a
// limit it ends after the page in which there are as many bytes.
func (x *Index) readTail(ctx context.Context, workspace, prefix string, limit int) (rows []row, size int, err error) {
	q := table.Query{Table: table.Conversations, PK: tailPK(workspace), Prefix: prefix, Consistency: table.Consistent}
	for {
		page, err := x.Table.Query(ctx, q)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the search tail: %w", err)
		}
		for _, item := range page.Items {
			r, err := x.parseRow(item)
			if err != nil {
				return nil, 0, err
			}
			rows = append(rows, r)
			size += item.Size()
		}
		if page.Next == "" || limit > 0 && size >= limit {
			return rows, size, nil
		}
		q.After = page.Next
	}
}

// removed returns the units that rows of the tail remove.
func (x *Index) removed(ctx context.Context, workspace string) (map[string]bool, error) {
	rows, _, err := x.readTail(ctx, workspace, "", 0)
	found := map[string]bool{}
	for _, r := range rows {
		if len(r.unit.Lengths) == 0 {
			found[r.key.SK] = true
		}
	}
	return found, err
}

func (x *Index) parseRow(item table.Item) (row, error) {
	r := row{key: item.Key, stamp: item.Str(stampAttr)}
	r.conversation, r.memory, _ = strings.Cut(item.SK, "#")
	if unit, found := x.Cache.get(r.stamp); found {
		r.unit = unit.(*posting.Unit)
		return r, nil
	}
	data := item.Bytes(rowAttr)
	unit, err := posting.Decode(data)
	if err != nil {
		return row{}, fmt.Errorf("reading a row of the search tail: %w", err)
	}
	r.unit = unit
	x.Cache.put(r.stamp, unit, int64(12*len(data)))
	return r, nil
}
