package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/table"
)

// encodeKey puts the length of the partition key in front of both parts, so
// that a partition is one range of keys in the order of its sort keys,
// whatever bytes they hold. The order of the partitions means nothing.
func encodeKey(key table.Key) []byte {
	b := make([]byte, 0, 2+len(key.PK)+len(key.SK))
	b = binary.BigEndian.AppendUint16(b, uint16(len(key.PK)))
	b = append(b, key.PK...)
	return append(b, key.SK...)
}

// A row's value: one byte of format, the item's size by DynamoDB's rules
// (4 bytes), the second from which it is gone (8 bytes), and the attributes
// as a CBOR map. The front is all that paging, filtering and billing need.
const (
	rowFormat = 1
	rowFront  = 1 + 4 + 8
)

// never is the expiry of a row without one.
const never = math.MaxInt64

// row is a stored row. It points into bbolt's page: it ends with the
// transaction. The zero row is an item that is not there.
type row struct {
	size    int
	expires int64
	body    []byte
}

func (r row) stored() bool { return r.body != nil }

func (r row) expiry() int64 {
	if r.stored() {
		return r.expires
	}
	return never
}

func (r row) live(now int64) bool { return r.stored() && r.expires > now }

var errDamaged = errors.New("a row is damaged or of a later version")

func parseRow(value []byte) (row, error) {
	if value == nil {
		return row{}, nil
	}
	if len(value) <= rowFront || value[0] != rowFormat {
		return row{}, errDamaged
	}
	return row{
		size:    int(binary.BigEndian.Uint32(value[1:])),
		expires: int64(binary.BigEndian.Uint64(value[5:])),
		body:    value[rowFront:],
	}, nil
}

func encodeRow(item table.Item) ([]byte, error) {
	b := []byte{rowFormat}
	b = binary.BigEndian.AppendUint32(b, uint32(item.Size()))
	b = binary.BigEndian.AppendUint64(b, uint64(expiry(item.Attrs)))
	body, err := encoding.Marshal(map[string]any(item.Attrs))
	if err != nil {
		return nil, fmt.Errorf("encoding a row: %w", err)
	}
	return append(b, body...), nil
}

func expiry(attrs table.Attrs) int64 {
	if exp, ok := attrs[table.ExpiresAttr].(int64); ok {
		return exp
	}
	return never
}

// attrs returns a copy of the attributes; it outlives the transaction.
func (r row) attrs() (table.Attrs, error) {
	attrs := map[string]any{}
	if err := decoding.Unmarshal(r.body, &attrs); err != nil {
		return nil, fmt.Errorf("decoding a row: %w", err)
	}
	if attrs == nil { // a CBOR null
		return nil, errDamaged
	}
	return attrs, nil
}

var (
	encoding = must(cbor.EncOptions{}.EncMode())
	decoding = must(cbor.DecOptions{
		IntDec:      cbor.IntDecConvertSignedOrFail,
		MaxMapPairs: table.MaxItem,
	}.DecMode())
)

// must is for modes that are constant.
func must[T any](mode T, err error) T {
	if err != nil {
		panic(err)
	}
	return mode
}

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
