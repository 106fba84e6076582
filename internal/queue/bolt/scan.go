package bolt

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/queue"
)

// Scan looks at every message of a queue in a data file, as of one moment:
// each has a body and stands in one place. It calls bad for those that do not
// and returns how many messages there are.
func Scan(f *disk.File, name queue.Name, bad func(message string, err error)) (messages int, err error) {
	err = f.View(func(tx *bbolt.Tx) error {
		q := Queue{bucket: []byte("queue/" + name)}
		for _, shelf := range shelves {
			if root := tx.Bucket(q.bucket); root == nil || root.Bucket(shelf) == nil {
				return fmt.Errorf("%w: it has no queue %s", disk.ErrDamaged, name)
			}
		}
		s := q.shelf(tx)
		err := s.records.ForEach(func(k, v []byte) error {
			messages++
			if err := s.scan(k, v); err != nil {
				bad(fmt.Sprintf("%x", k), err)
			}
			return nil
		})
		for _, index := range []*bbolt.Bucket{s.ready, s.waiting, s.dead} {
			if err == nil {
				err = s.scanIndex(index, bad)
			}
		}
		return err
	})
	return messages, err
}

func (s shelf) scan(k, v []byte) error {
	if len(k) != 8 {
		return fmt.Errorf("its number has %d bytes", len(k))
	}
	m, err := decode(v)
	if err != nil {
		return err
	}
	if s.body.Get(k) == nil {
		return fmt.Errorf("it has no body")
	}
	if b, entry := s.index(binary.BigEndian.Uint64(k), m); b.Get(entry) == nil {
		return fmt.Errorf("nothing finds it where it is")
	}
	return nil
}

// scanIndex finds entries without a message.
func (s shelf) scanIndex(index *bbolt.Bucket, bad func(string, error)) error {
	return index.ForEach(func(k, _ []byte) error {
		if len(k) < 8 || s.records.Get(k[len(k)-8:]) == nil {
			bad(fmt.Sprintf("%x", k), fmt.Errorf("it is in a list and is not there"))
		}
		return nil
	})
}
