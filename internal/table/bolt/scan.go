package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/table"
)

// Scan reads every row of a data file, expired ones too, as of one moment. It
// calls each for those that are whole and bad for those that are not, or that
// the list of expiring rows disagrees with.
func Scan(f *disk.File, each func(table.Item), bad func(row string, err error)) error {
	return f.View(func(tx *bbolt.Tx) error {
		for _, name := range table.Names {
			rows, list := tx.Bucket(rowsBucket(name)), tx.Bucket(expiryBucket(name))
			if rows == nil || list == nil {
				return fmt.Errorf("%w: it has no table %s", disk.ErrDamaged, name)
			}
			err := rows.ForEach(func(k, v []byte) error {
				item, err := scanRow(name, k, v, list)
				if err != nil {
					bad(fmt.Sprintf("%s %q", name, k), err)
					return nil
				}
				each(item)
				return nil
			})
			if err == nil {
				err = scanList(name, rows, list, bad)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func scanRow(name table.Name, k, v []byte, list *bbolt.Bucket) (table.Item, error) {
	item := table.Item{Key: table.Key{Table: name}}
	if len(k) < 2 || len(k) < 2+int(binary.BigEndian.Uint16(k)) {
		return item, errDamaged
	}
	part := 2 + int(binary.BigEndian.Uint16(k))
	item.PK, item.SK = string(k[2:part]), string(k[part:])
	row, err := parseRow(v)
	if err != nil {
		return item, err
	}
	if item.Attrs, err = row.attrs(); err != nil {
		return item, err
	}
	switch {
	case row.expires != expiry(item.Attrs):
		return item, fmt.Errorf("the row expires at %d and its attributes say %d", row.expires, expiry(item.Attrs))
	case row.size != item.Size():
		return item, fmt.Errorf("the row has a size of %d and its attributes have %d", row.size, item.Size())
	case row.expires != never && list.Get(expiryKey(row.expires, k)) == nil:
		return item, fmt.Errorf("the row expires at %d, and the list of expiring rows does not have it", row.expires)
	}
	return item, nil
}

// scanList finds entries of the list whose rows are gone or expire at another
// time: a sweep would remove what lives on.
func scanList(name table.Name, rows, list *bbolt.Bucket, bad func(string, error)) error {
	return list.ForEach(func(k, _ []byte) error {
		if len(k) < 8 {
			bad(fmt.Sprintf("%s %q", name, k), errDamaged)
			return nil
		}
		row, err := parseRow(rows.Get(k[8:]))
		if err == nil && !bytes.Equal(expiryKey(row.expiry(), k[8:]), k) {
			err = fmt.Errorf("the list of expiring rows has it at another time than the row")
		}
		if err != nil {
			bad(fmt.Sprintf("%s %q", name, k[8:]), err)
		}
		return nil
	})
}
