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

// tailThing is what the cache calls the tail: one entry, of all rows that the
// last query read, so that those which a merge took away leave it with the
// next.
const tailThing = "tail"

// readTail returns all rows in key order, and the bytes they take. With a
// limit it ends after the page in which there are as many bytes. Rows that
// the last query read, too, are not decoded again.
func (x *Index) readTail(ctx context.Context, workspace, prefix string, limit int) (rows []row, size int, err error) {
	q := table.Query{Table: table.Conversations, PK: tailPK(workspace), Prefix: prefix, Consistency: table.Consistent}
	var known []row
	if value, found := x.Cache.get(piece{workspace, tailThing, ""}); found {
		known = value.([]row)
	}
	for {
		page, err := x.Table.Query(ctx, q)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the search tail: %w", err)
		}
		for _, item := range page.Items {
			for len(known) > 0 && known[0].key.SK < item.SK {
				known = known[1:]
			}
			var r row
			if len(known) > 0 && known[0].key == item.Key && known[0].stamp == item.Str(stampAttr) {
				r = known[0]
			} else if r, err = parseRow(item); err != nil {
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

// keepTail leaves in the cache what the next query need not decode again. A
// row that is decoded takes about twelve times its bytes.
func (x *Index) keepTail(workspace string, rows []row, size int) {
	x.Cache.put(piece{workspace, tailThing, ""}, rows, 12*int64(size))
}

func parseRow(item table.Item) (row, error) {
	r := row{key: item.Key, stamp: item.Str(stampAttr)}
	r.conversation, r.memory, _ = strings.Cut(item.SK, "#")
	unit, err := posting.Decode(item.Bytes(rowAttr))
	if err != nil {
		return row{}, fmt.Errorf("reading a row of the search tail: %w", err)
	}
	r.unit = unit
	return r, nil
}
