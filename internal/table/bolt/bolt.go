// Package bolt is the embedded driver of the table port: one bbolt file, in
// which every table has a bucket of rows and a bucket that lists its expiring
// rows by their second.
package bolt

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/table"
)

// Store implements [table.Store]. It never reports ErrConflict or
// ErrThrottled, and all its reads are consistent; an eventual read is only
// counted as one.
type Store struct {
	db     *disk.File
	now    func() time.Time
	writer *writer
}

var _ table.Store = (*Store)(nil)

// New returns a Store in an open file and creates its buckets. now decides
// what has expired. The caller closes the file when no call is under way.
func New(db *disk.File, now func() time.Time) (*Store, error) {
	var buckets [][][]byte
	for _, name := range table.Names {
		buckets = append(buckets, [][]byte{rowsBucket(name)}, [][]byte{expiryBucket(name)})
	}
	if err := db.Furnish(buckets...); err != nil {
		return nil, fmt.Errorf("creating the tables: %w", err)
	}
	return &Store{db: db, now: now, writer: newWriter(db)}, nil
}

func rowsBucket(name table.Name) []byte   { return []byte("table/" + name) }
func expiryBucket(name table.Name) []byte { return []byte("table/" + name + "/expiry") }

// Get implements [table.Store].
func (s *Store) Get(ctx context.Context, key table.Key, c table.Consistency) (table.Item, error) {
	items, err := s.BatchGet(ctx, []table.Key{key}, c)
	if err != nil {
		return table.Item{}, err
	}
	if !items[0].Found() {
		return table.Item{}, table.ErrNotFound
	}
	return items[0], nil
}

// BatchGet implements [table.Store].
func (s *Store) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	if err := table.ValidateBatchGet(keys); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil || len(keys) == 0 {
		return nil, err
	}
	r := reading{now: s.now().Unix(), consistency: c, cost: table.Totals{Reads: 1}}
	items := make([]table.Item, len(keys))
	err := s.db.View(func(tx *bbolt.Tx) error {
		for i, key := range keys {
			var err error
			if items[i], err = r.get(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading items: %w", err)
	}
	table.UsageFrom(ctx).Add(r.cost)
	return items, nil
}

// reading is one read request under way and what it has cost so far.
type reading struct {
	now         int64
	consistency table.Consistency
	cost        table.Totals
}

func (r *reading) get(tx *bbolt.Tx, key table.Key) (table.Item, error) {
	row, err := load(tx, key)
	if err != nil {
		return table.Item{}, err
	}
	r.cost.ReadUnits += table.ReadUnits(row.size, r.consistency)
	r.cost.BytesRead += int64(row.size)
	if r.cost.BytesRead > table.MaxBatchGetPage {
		return table.Item{}, table.Limitf("a BatchGet of more than %d bytes", table.MaxBatchGetPage)
	}
	item := table.Item{Key: key}
	if row.live(r.now) {
		r.cost.ItemsRead++
		item.Attrs, err = row.attrs()
	}
	return item, err
}

func load(tx *bbolt.Tx, key table.Key) (row, error) {
	return parseRow(tx.Bucket(rowsBucket(key.Table)).Get(encodeKey(key)))
}
