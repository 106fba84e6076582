package bolt

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/table"
)

// Query implements [table.Store].
func (s *Store) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := q.Validate(); err != nil {
		return table.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return table.Page{}, err
	}
	p := paging{query: q, now: s.now().Unix()}
	err := s.db.View(func(tx *bbolt.Tx) error {
		return p.read(tx.Bucket(rowsBucket(q.Table)).Cursor())
	})
	if err != nil {
		return table.Page{}, fmt.Errorf("reading a page: %w", err)
	}
	table.UsageFrom(ctx).Add(table.Totals{
		Reads:     1,
		ReadUnits: table.ReadUnits(p.bytes, q.Consistency),
		ItemsRead: len(p.page.Items),
		BytesRead: int64(p.bytes),
	})
	return p.page, nil
}

// paging is a page under way.
type paging struct {
	query table.Query
	now   int64
	page  table.Page
	bytes int // of all rows read
}

// read fills the page. As on DynamoDB, the row that reaches MaxPage still
// belongs to it, and a page that Limit ended does not look whether it was the
// last.
func (p *paging) read(cursor *bbolt.Cursor) error {
	part := len(encodeKey(table.Key{PK: p.query.PK}))
	last, walk := "", newWalk(cursor, p.query)
	for n := 1; walk.next(); n++ {
		if p.bytes >= table.MaxPage {
			p.page.Next = last
			return nil
		}
		last = string(walk.key[part:])
		if err := p.add(last, walk.value); err != nil {
			return err
		}
		if n == p.query.Limit {
			p.page.Next = last
			return nil
		}
	}
	return nil
}

func (p *paging) add(sk string, value []byte) error {
	row, err := parseRow(value)
	if err != nil {
		return err
	}
	p.bytes += row.size
	if !row.live(p.now) {
		return nil
	}
	attrs, err := row.attrs()
	if err != nil {
		return err
	}
	key := table.Key{Table: p.query.Table, PK: p.query.PK, SK: sk}
	p.page.Items = append(p.page.Items, table.Item{Key: key, Attrs: attrs})
	return nil
}

// walk goes through the rows of a query, up or down.
type walk struct {
	cursor     *bbolt.Cursor
	from, to   []byte // from is included, to is not
	reverse    bool
	started    bool
	key, value []byte
}

func newWalk(cursor *bbolt.Cursor, q table.Query) *walk {
	bound := func(sk string) []byte { return encodeKey(table.Key{PK: q.PK, SK: sk}) }
	w := &walk{cursor: cursor, reverse: q.Reverse, from: bound(max(q.Prefix, q.From)), to: behind(bound(q.Prefix))}
	if q.To != "" {
		w.to = bound(q.To + "\x00")
	}
	switch {
	case q.After == "":
	case q.Reverse:
		w.to = bound(q.After)
	default:
		w.from = bound(q.After + "\x00")
	}
	return w
}

// behind returns the first key after all that begin with prefix. Its last
// byte is part of valid UTF-8 and so never 0xff.
func behind(prefix []byte) []byte {
	prefix[len(prefix)-1]++
	return prefix
}

func (w *walk) next() bool {
	switch {
	case !w.started && w.reverse:
		w.key, w.value = w.before(w.to)
	case !w.started:
		w.key, w.value = w.cursor.Seek(w.from)
	case w.reverse:
		w.key, w.value = w.cursor.Prev()
	default:
		w.key, w.value = w.cursor.Next()
	}
	w.started = true
	return w.key != nil && bytes.Compare(w.key, w.from) >= 0 && bytes.Compare(w.key, w.to) < 0
}

// before moves to the last row in front of key.
func (w *walk) before(key []byte) ([]byte, []byte) {
	if k, _ := w.cursor.Seek(key); k == nil {
		return w.cursor.Last()
	}
	return w.cursor.Prev()
}
