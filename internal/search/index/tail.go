package index

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"griot/internal/search/posting"
	"griot/internal/table"
)

const (
	rowAttr   = "unit"
	stampAttr = "stamp" // another one in every version of a row, so that a merge deletes only what it has read
)

func tailPK(workspace string) string { return workspace + "#tail" }

func tailSK(conversation, memory string) string { return conversation + "#" + memory }

// Put returns the write of a unit's row in the tail; a unit without passages
// is a tombstone. See search.Index.Put.
func Put(workspace, conversation, memory string, unit *posting.Unit) table.Op {
	key := table.Key{Table: table.Conversations, PK: tailPK(workspace), SK: tailSK(conversation, memory)}
	return table.Put(key, table.Attrs{rowAttr: unit.Encode(), stampAttr: rand.Text()})
}

// Row is a unit of the tail; without passages it is a tombstone.
type Row struct {
	Conversation, Memory string
	Unit                 *posting.Unit
	key                  table.Key
	stamp                string
}

// tail reads and removes the rows of a workspace.
type tail struct {
	table     table.Store
	cache     *Cache
	pause     time.Duration
	workspace string
}

// tailObject is what the cache calls the tail: one entry, of all rows that the
// last query read. Rows that a merge took away so leave it with the next query.
const tailObject = "tail"

func (t tail) cacheKey() cacheKey { return cacheKey{t.workspace, tailObject, ""} }

// read returns the rows whose keys begin with prefix, in key order, and
// the bytes they take. With a limit it ends after the page in which it has
// that many bytes. Rows that the last query has decoded are not decoded again.
func (t tail) read(ctx context.Context, prefix string, limit int) (rows []Row, size int, err error) {
	q := table.Query{Table: table.Conversations, PK: tailPK(t.workspace), Prefix: prefix, Consistency: table.Consistent}
	var decoded []Row
	if value, found := t.cache.get(t.cacheKey()); found {
		decoded = value.([]Row)
	}
	for items, err := range table.Pages(ctx, t.table, q) {
		if err != nil {
			return nil, 0, fmt.Errorf("reading the search tail: %w", err)
		}
		for _, item := range items {
			for len(decoded) > 0 && decoded[0].key.SK < item.SK {
				decoded = decoded[1:]
			}
			var r Row
			if len(decoded) > 0 && decoded[0].key == item.Key && decoded[0].stamp == item.Str(stampAttr) {
				r = decoded[0]
			} else if r, err = parseRow(item); err != nil {
				return nil, 0, err
			}
			rows = append(rows, r)
			size += item.Size()
		}
		if limit > 0 && size >= limit {
			break
		}
	}
	return rows, size, nil
}

func parseRow(item table.Item) (Row, error) {
	r := Row{key: item.Key, stamp: item.Str(stampAttr)}
	r.Conversation, r.Memory, _ = strings.Cut(item.SK, "#")
	unit, err := posting.Decode(item.Bytes(rowAttr))
	if err != nil {
		return Row{}, fmt.Errorf("reading a row of the search tail: %w", err)
	}
	r.Unit = unit
	return r, nil
}

// keep leaves in the cache what the next query need not decode again. A
// decoded row takes about twelve times its bytes.
func (t tail) keep(rows []Row, size int) {
	t.cache.put(t.cacheKey(), rows, 12*int64(size))
}

// deletesAtOnce is how many rows of the tail are removed between two pauses.
const deletesAtOnce = 8

// TablePause is Indet.pause where the tail is a partition of DynamoDB: with
// the 5 ms that a write takes, about 320 rows leave the tail a second. That is
// a third of the 1,000 write units that a partition takes, and the most that
// can come in beside it, at two units a row.
const TablePause = 20 * time.Millisecond

// remove deletes rows that nobody has replaced since they were read, a few
// at a time, so as not to throttle those who write to the tail meanwhile. Each
// is a write of its own, which costs half of what it would in a transaction.
func (t tail) remove(ctx context.Context, rows []Row) error {
	first := true
	for chunk := range slices.Chunk(rows, deletesAtOnce) {
		if !first && t.pause > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(t.pause):
			}
		}
		first = false
		group, deleting := errgroup.WithContext(ctx)
		for _, r := range chunk {
			group.Go(func() error {
				err := table.Retry(deleting, tries, func() error {
					_, err := t.table.Write(deleting, table.Repeatable(table.Delete(r.key, table.Equal(stampAttr, r.stamp))))
					return err
				})
				if errors.Is(err, table.ErrCondition) {
					return nil // replaced or removed since
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return fmt.Errorf("removing merged rows of the search tail: %w", err)
		}
	}
	return nil
}

// hold gives rows another stamp each, so that no merge which has read them removes
// them. It is errRaced if one was written again, or is gone.
func (t tail) hold(ctx context.Context, rows []Row) error {
	for _, r := range rows {
		restamp := table.Update(r.key, table.Attrs{stampAttr: rand.Text()}, table.Equal(stampAttr, r.stamp))
		err := table.Retry(ctx, tries, func() error {
			_, err := t.table.Write(ctx, restamp)
			return err
		})
		if errors.Is(err, table.ErrCondition) {
			return errRaced
		}
		if err != nil {
			return fmt.Errorf("holding rows of the search tail: %w", err)
		}
	}
	return nil
}
