package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/table"
)

// sweepRows bounds what one Sweep removes, so that writers wait little.
const sweepRows = 500

// The list of expiring rows has a key for each: its second, then its row's
// key. Flipping the sign lets negative seconds order first.
func expiryKey(second int64, rowKey []byte) []byte {
	b := make([]byte, 0, 8+len(rowKey))
	b = binary.BigEndian.AppendUint64(b, uint64(second)^1<<63)
	return append(b, rowKey...)
}

// moveExpiry keeps the list in step with a row whose expiry was old.
func moveExpiry(tx *bbolt.Tx, name table.Name, rowKey []byte, old, expires int64) error {
	if old == expires {
		return nil
	}
	list := tx.Bucket(expiryBucket(name))
	if old != never {
		if err := list.Delete(expiryKey(old, rowKey)); err != nil {
			return err
		}
	}
	if expires != never {
		return list.Put(expiryKey(expires, rowKey), []byte{})
	}
	return nil
}

// Sweep removes rows that have expired, at most a few hundred, and returns
// how many. Reads do without it; the host calls it now and then to free
// space, and again at once while it returns more than 0. It costs what it
// removes, however large the tables are.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	end := expiryKey(s.now().Unix()+1, nil)
	removed := 0
	for _, name := range table.Names {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		n, err := s.sweep(name, end, sweepRows-removed)
		if err != nil {
			return removed, fmt.Errorf("removing expired items: %w", err)
		}
		removed += n
	}
	return removed, nil
}

// sweep looks before it takes the writers' turn: mostly there is nothing.
func (s *Store) sweep(name table.Name, end []byte, most int) (int, error) {
	idle := false
	err := s.db.View(func(tx *bbolt.Tx) error {
		idle = len(expired(tx, name, end, 1)) == 0
		return nil
	})
	if err != nil || idle {
		return 0, err
	}
	n := 0
	err = s.writer.do(0, func(tx *bbolt.Tx) (bool, error) {
		keys := expired(tx, name, end, most)
		n = len(keys)
		return n > 0, removeExpired(tx, name, keys)
	})
	return n, err
}

// expired returns the first keys of the list before end.
func expired(tx *bbolt.Tx, name table.Name, end []byte, most int) [][]byte {
	var keys [][]byte
	cursor := tx.Bucket(expiryBucket(name)).Cursor()
	for k, _ := cursor.First(); k != nil && bytes.Compare(k, end) < 0 && len(keys) < most; k, _ = cursor.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	return keys
}

func removeExpired(tx *bbolt.Tx, name table.Name, keys [][]byte) error {
	for _, key := range keys {
		if err := tx.Bucket(rowsBucket(name)).Delete(key[8:]); err != nil {
			return err
		}
		if err := tx.Bucket(expiryBucket(name)).Delete(key); err != nil {
			return err
		}
	}
	return nil
}
