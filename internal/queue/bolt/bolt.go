// Package bolt is the embedded driver of the queue port: a durable queue in
// a bbolt file that it shares with the tables. The file is the only state;
// memory grows with neither the messages nor the receivers.
//
// Every operation that changes something is one fsync of the file, shared
// with all operations that arrive while the one before is being written
// (see commit.go).
package bolt

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/queue"
)

// Options of a queue; each zero value has a default.
type Options struct {
	Visibility time.Duration    // how long a received message is hidden; 30 s
	MaxReceive int              // receives before a message is dead; queue.MaxReceive
	Share      int              // messages of one group that may be in flight at once, the others wait; 0: any number
	Now        func() time.Time // time.Now; a waiting Receive counts real time
}

// Queue implements queue.Queue in the bucket "queue/<name>".
type Queue struct {
	db     *disk.File
	bucket []byte
	opts   Options
	lead   chan struct{} // holds a token while somebody commits
	served []byte        // ready key prefix of the group served last; only in commits
	// stale is set while the file hides messages from an earlier process.
	stale atomic.Bool

	mu      sync.Mutex
	pending []*request
	changed chan struct{} // closed when a message may have become ready sooner
}

var _ queue.Queue = (*Queue)(nil)

// New opens the queue of a name in db and creates it if need be. There must
// be one Queue per name and file. Messages in flight are ready again at once:
// whoever received them has gone, since the file has one process at a time.
// On a full disk that has to wait for the first Receive that can write.
func New(db *disk.File, name queue.Name, o Options) (*Queue, error) {
	if o.Visibility == 0 {
		o.Visibility = 30 * time.Second
	}
	if o.MaxReceive == 0 {
		o.MaxReceive = queue.MaxReceive
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	q := &Queue{
		db: db, bucket: []byte("queue/" + name), opts: o,
		lead: make(chan struct{}, 1), changed: make(chan struct{}),
	}
	if err := q.prepare(); err != nil {
		return nil, fmt.Errorf("opening queue %s: %w", name, err)
	}
	return q, nil
}

func (q *Queue) prepare() error {
	var paths [][][]byte
	for _, name := range shelves {
		paths = append(paths, [][]byte{q.bucket, name})
	}
	if err := q.db.Furnish(paths...); err != nil {
		return err
	}
	err := q.db.Update(func(tx *bbolt.Tx) error {
		freed, err := q.shelf(tx).release(q.now())
		if err == nil && !freed {
			err = disk.ErrUnchanged
		}
		return err
	})
	if errs.Is(err, errs.InsufficientStorage) {
		q.stale.Store(true)
		return nil
	}
	return err
}

// now is the present in the file's unit, nanoseconds since 1970.
func (q *Queue) now() int64 { return q.opts.Now().UnixNano() }

// release ends the hiding of all messages in flight.
func (s shelf) release(now int64) (freed bool, err error) {
	var ids []uint64
	for c, k := first(s.waiting); k != nil; k, _ = c.Next() {
		ids = append(ids, binary.BigEndian.Uint64(k[8:]))
	}
	for _, id := range ids {
		m, err := s.load(id)
		if err != nil {
			return false, err
		}
		if m.place != inFlight {
			continue
		}
		freed = true
		if err := s.move(id, m, m.at(retrying, now)); err != nil {
			return false, err
		}
	}
	if s.root.Bucket(heldShelf) == nil {
		return freed, nil
	}
	return true, s.root.DeleteBucket(heldShelf)
}

// announce wakes every waiting Receive.
func (q *Queue) announce() {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *Queue) changes() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.changed
}
