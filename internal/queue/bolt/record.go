package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/queue"
)

// A queue's bucket holds six others. A message has a number (its id) that
// is never used twice.
//
//	body     id → body
//	record   id → record
//	ready    group, 0, since when, id → nothing
//	waiting  until when, id → nothing (delayed, in flight or retrying)
//	dead     id → nothing
//	held     group, 0 → how many of its messages are in flight, if any
//
// Times are nanoseconds since 1970 and all numbers big-endian, so keys sort
// by them. A group has no byte below "!", so its keys are together and those
// of the next group begin behind (group, 1).
var shelves = [][]byte{[]byte("body"), []byte("record"), []byte("ready"), []byte("waiting"), []byte("dead")}

// heldShelf is made when it is first needed, and begins anew with each process,
// as nothing is in flight then: what a version without it did to the file does not
// matter.
var heldShelf = []byte("held")

// shelf is a queue's buckets in one transaction.
type shelf struct {
	root, body, records, ready, waiting, dead *bbolt.Bucket
}

func (q *Queue) shelf(tx *bbolt.Tx) shelf {
	root := tx.Bucket(q.bucket)
	return shelf{
		root: root, body: root.Bucket(shelves[0]), records: root.Bucket(shelves[1]), ready: root.Bucket(shelves[2]),
		waiting: root.Bucket(shelves[3]), dead: root.Bucket(shelves[4]),
	}
}

// place says where a message is; the values are on disk.
type place byte

const (
	ready place = iota + 1
	delayed
	inFlight
	retrying // between Retry and its delay's end
	dead
)

// record is what changes about a message.
type record struct {
	place    place
	receives uint32 // since it was sent or redriven
	tries    uint32 // receives ever; a receipt carries it
	due      int64  // ready since, or hidden until
	group    string
}

const (
	recordSize  = 1 + 4 + 4 + 8 // without the group
	readySuffix = 1 + 8 + 8     // of a ready key, behind the group
)

func (m record) at(p place, due int64) record {
	m.place, m.due = p, due
	return m
}

func (m record) encode() []byte {
	b := make([]byte, 0, recordSize+len(m.group))
	b = append(b, byte(m.place))
	b = binary.BigEndian.AppendUint32(b, m.receives)
	b = binary.BigEndian.AppendUint32(b, m.tries)
	b = binary.BigEndian.AppendUint64(b, uint64(m.due))
	return append(b, m.group...)
}

func decode(b []byte) (record, error) {
	if len(b) < recordSize || place(b[0]) < ready || place(b[0]) > dead {
		return record{}, fmt.Errorf("record of %d bytes is damaged", len(b))
	}
	return record{
		place:    place(b[0]),
		receives: binary.BigEndian.Uint32(b[1:]),
		tries:    binary.BigEndian.Uint32(b[5:]),
		due:      int64(binary.BigEndian.Uint64(b[9:])),
		group:    string(b[recordSize:]),
	}, nil
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// index returns the entry that finds a message where it is.
func (s shelf) index(id uint64, m record) (*bbolt.Bucket, []byte) {
	switch m.place {
	case ready:
		k := append([]byte(m.group), 0)
		k = binary.BigEndian.AppendUint64(k, uint64(m.due))
		return s.ready, binary.BigEndian.AppendUint64(k, id)
	case dead:
		return s.dead, key(id)
	default:
		return s.waiting, binary.BigEndian.AppendUint64(key(uint64(m.due)), id)
	}
}

// find reads a record that may be gone.
func (s shelf) find(id uint64) (m record, ok bool, err error) {
	b := s.records.Get(key(id))
	if b == nil {
		return record{}, false, nil
	}
	m, err = decode(b)
	return m, err == nil, err
}

// load reads a record that an index entry names.
func (s shelf) load(id uint64) (record, error) {
	m, ok, err := s.find(id)
	if err == nil && !ok {
		err = fmt.Errorf("message %d has no record", id)
	}
	return m, err
}

// add writes a record and its index entry.
func (s shelf) add(id uint64, m record) error {
	if err := s.records.Put(key(id), m.encode()); err != nil {
		return err
	}
	if b, k := s.index(id, m); m.place != inFlight {
		return b.Put(k, nil)
	} else if err := b.Put(k, nil); err != nil {
		return err
	}
	return s.hold(m.group, 1)
}

// drop removes a record's index entry.
func (s shelf) drop(id uint64, m record) error {
	b, k := s.index(id, m)
	if err := b.Delete(k); err != nil || m.place != inFlight {
		return err
	}
	return s.hold(m.group, -1)
}

// move replaces a record.
func (s shelf) move(id uint64, from, to record) error {
	if err := s.drop(id, from); err != nil {
		return err
	}
	return s.add(id, to)
}

// remove forgets a message.
func (s shelf) remove(id uint64, m record) error {
	if err := s.drop(id, m); err != nil {
		return err
	}
	if err := s.records.Delete(key(id)); err != nil {
		return err
	}
	return s.body.Delete(key(id))
}

// inFlight is how many messages of a group are in flight.
func (s shelf) inFlight(group []byte) int {
	held := s.root.Bucket(heldShelf)
	if held == nil {
		return 0
	}
	b := held.Get(append(bytes.Clone(group), 0))
	if len(b) != 8 {
		return 0
	}
	return int(binary.BigEndian.Uint64(b))
}

// hold counts messages of a group that come into flight, or are no more.
func (s shelf) hold(group string, more int) error {
	held, err := s.root.CreateBucketIfNotExists(heldShelf)
	if err != nil {
		return err
	}
	k, n := append([]byte(group), 0), s.inFlight([]byte(group))+more
	if n <= 0 {
		return held.Delete(k)
	}
	return held.Put(k, key(uint64(n)))
}

func first(b *bbolt.Bucket) (*bbolt.Cursor, []byte) {
	c := b.Cursor()
	k, _ := c.First()
	return c, k
}

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
