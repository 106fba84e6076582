// Package bolt is the embedded driver of the queue port: a durable queue in
// a bbolt file that it shares with the tables. The file is the only state;
// memory grows with neither the messages nor the receivers.
//
// Every operation that changes something is one fsync of the file, shared
// with all operations that arrive while the one before is being written
// (see commit.go).
package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
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

// Send implements queue.Queue.
func (q *Queue) Send(ctx context.Context, messages ...queue.Outgoing) error {
	if err := queue.CheckSend(messages); err != nil {
		return err
	}
	err := q.commit(ctx, "sending", func(s shelf) (bool, error) {
		now := q.now()
		for _, m := range messages {
			if err := s.put(m, now); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err == nil {
		q.announce()
	}
	return err
}

func (s shelf) put(m queue.Outgoing, now int64) error {
	id, err := s.records.NextSequence()
	if err != nil {
		return err
	}
	if err := s.body.Put(key(id), m.Body); err != nil {
		return err
	}
	r := record{place: ready, due: now, group: m.Group}
	if m.Delay > 0 {
		r.place, r.due = delayed, now+int64(m.Delay)
	}
	return s.add(id, r)
}

// Receive implements queue.Queue. While it waits it costs nothing: it sleeps
// until a message becomes due or another call makes one ready.
func (q *Queue) Receive(ctx context.Context, max int, wait time.Duration) ([]queue.Message, error) {
	if err := queue.CheckReceive(max); err != nil {
		return nil, err
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		changes := q.changes()
		due, err := q.nextDue()
		if err != nil {
			return nil, fmt.Errorf("looking for messages: %w", err)
		}
		if due <= q.now() {
			if messages, err := q.receive(ctx, max); err != nil || len(messages) > 0 {
				return messages, err
			}
			continue // somebody else took it, or it was a dead one
		}
		if wait <= 0 {
			return nil, ctx.Err()
		}
		if more, err := q.sleep(ctx, timeout.C, changes, due); !more {
			return nil, err
		}
	}
}

// sleep waits for a reason to look again; more is false when there is none.
func (q *Queue) sleep(ctx context.Context, timeout <-chan time.Time, changes <-chan struct{}, due int64) (more bool, err error) {
	alarm := time.NewTimer(time.Duration(due - q.now()))
	defer alarm.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-timeout:
		return false, nil
	case <-changes:
	case <-alarm.C:
	}
	return true, nil
}

// nextDue is the time from which a receive finds something to do: the past
// when a message is ready, math.MaxInt64 when none is there.
func (q *Queue) nextDue() (due int64, err error) {
	err = q.db.View(func(tx *bbolt.Tx) error {
		s := q.shelf(tx)
		if q.stale.Load() || q.servable(s, nil) != nil {
			due = math.MinInt64
		} else if _, k := first(s.waiting); k != nil {
			due = int64(binary.BigEndian.Uint64(k))
		} else {
			due = math.MaxInt64
		}
		return nil
	})
	return due, err
}

func (q *Queue) receive(ctx context.Context, max int) ([]queue.Message, error) {
	var messages []queue.Message
	freed := false
	err := q.commit(ctx, "receiving", func(s shelf) (bool, error) {
		now := q.now()
		if freed = q.stale.CompareAndSwap(true, false); freed {
			if _, err := s.release(now); err != nil {
				return false, err
			}
		}
		moved, err := q.promote(s, now)
		if err != nil {
			return false, err
		}
		messages, err = q.hide(s, max, now)
		return freed || moved || len(messages) > 0, err
	})
	if err != nil {
		if freed {
			q.stale.Store(true)
		}
		return nil, err
	}
	return messages, nil
}

// promoteMax bounds a transaction when many messages become due at once; the
// next receive goes on.
const promoteMax = 1000

// promote moves messages whose time has come to the ready ones, or to the
// dead ones when they had their receives.
func (q *Queue) promote(s shelf, now int64) (moved bool, err error) {
	for range promoteMax {
		_, k := first(s.waiting)
		if k == nil || int64(binary.BigEndian.Uint64(k)) > now {
			break
		}
		id := binary.BigEndian.Uint64(k[8:])
		m, err := s.load(id)
		if err != nil {
			return false, err
		}
		to := ready
		if q.exhausted(m) {
			to = dead
		}
		if err := s.move(id, m, m.at(to, m.due)); err != nil {
			return false, err
		}
		moved = true
	}
	return moved, nil
}

func (q *Queue) exhausted(m record) bool { return int(m.receives) >= q.opts.MaxReceive }

// hide takes up to max ready messages, one of each group in turn, the one
// that is ready longest first.
func (q *Queue) hide(s shelf, max int, now int64) ([]queue.Message, error) {
	var messages []queue.Message
	for len(messages) < max {
		k := q.servable(s, q.served)
		if k == nil {
			break
		}
		m, err := q.hideOne(s, binary.BigEndian.Uint64(k[len(k)-8:]), now)
		if err != nil {
			return nil, err
		}
		q.served = append([]byte(m.Group), 1)
		messages = append(messages, m)
	}
	return messages, nil
}

// servable returns the first ready key behind a group, or from the first group
// on, of those that have not got their share. It passes over a group for each
// share that is in flight, and reads no more.
func (q *Queue) servable(s shelf, behind []byte) []byte {
	c := s.ready.Cursor()
	k, _ := c.Seek(behind)
	if k == nil {
		k, _ = c.First()
	}
	for start := k; k != nil && q.opts.Share > 0; {
		group := k[:len(k)-readySuffix]
		if s.inFlight(group) < q.opts.Share {
			break
		}
		if k, _ = c.Seek(append(bytes.Clone(group), 1)); k == nil {
			k, _ = c.First()
		}
		if bytes.Equal(k, start) {
			return nil
		}
	}
	return k
}

func (q *Queue) hideOne(s shelf, id uint64, now int64) (queue.Message, error) {
	m, err := s.load(id)
	if err != nil {
		return queue.Message{}, err
	}
	hidden := m.at(inFlight, now+int64(q.opts.Visibility))
	hidden.receives++
	hidden.tries++
	if err := s.move(id, m, hidden); err != nil {
		return queue.Message{}, err
	}
	return queue.Message{
		ID: messageID(id), Body: bytes.Clone(s.body.Get(key(id))), Group: m.group,
		Receives: int(hidden.receives), Receipt: receipt(id, hidden),
	}, nil
}

func messageID(id uint64) string { return fmt.Sprintf("%016x", id) }

// receipt names one receive of a message.
func receipt(id uint64, m record) string { return fmt.Sprintf("%016x-%d", id, m.tries) }

// Ack implements queue.Queue. An outdated receipt removes nothing; the last
// one works until the message is received again or dead.
func (q *Queue) Ack(ctx context.Context, m queue.Message) error {
	err := q.settle(ctx, "acknowledging", m, func(s shelf, id uint64, r record) error {
		return s.remove(id, r)
	})
	if err == nil && q.opts.Share > 0 {
		q.announce() // another of its group may have its turn
	}
	return err
}

// Retry implements queue.Queue; which receipts work is as with Ack.
func (q *Queue) Retry(ctx context.Context, m queue.Message, after time.Duration) error {
	if err := queue.CheckRetry(after); err != nil {
		return err
	}
	err := q.settle(ctx, "retrying", m, func(s shelf, id uint64, r record) error {
		return s.move(id, r, r.at(retrying, q.now()+int64(after)))
	})
	if err == nil {
		q.announce()
	}
	return err
}

// settle applies what to the message that m was received as, unless that
// receipt is outdated.
func (q *Queue) settle(ctx context.Context, doing string, m queue.Message, what func(shelf, uint64, record) error) error {
	var id uint64
	var tries uint32
	if _, err := fmt.Sscanf(m.Receipt, "%016x-%d", &id, &tries); err != nil {
		return fmt.Errorf("%s: receipt %q is not one of this queue", doing, m.Receipt)
	}
	return q.commit(ctx, doing, func(s shelf) (bool, error) {
		r, ok, err := s.find(id)
		if !ok || r.tries != tries || r.place == dead {
			return false, err
		}
		return true, what(s, id, r)
	})
}

// Depth implements queue.Queue. It counts what a receive at this moment would
// find, so a message whose hiding has ended is ready, or dead.
func (q *Queue) Depth(ctx context.Context) (queue.Depth, error) {
	var d queue.Depth
	err := q.db.View(func(tx *bbolt.Tx) error {
		s := q.shelf(tx)
		d = queue.Depth{Ready: s.ready.Stats().KeyN, Dead: s.dead.Stats().KeyN}
		return q.countWaiting(ctx, s, &d)
	})
	if err != nil {
		return queue.Depth{}, fmt.Errorf("counting messages: %w", err)
	}
	return d, nil
}

func (q *Queue) countWaiting(ctx context.Context, s shelf, d *queue.Depth) error {
	now := q.now()
	for c, k := first(s.waiting); k != nil; k, _ = c.Next() {
		m, err := s.load(binary.BigEndian.Uint64(k[8:]))
		if err != nil {
			return err
		}
		switch {
		case m.due > now && m.place == delayed:
			d.Delayed++
		case m.due > now:
			d.InFlight++
		case q.exhausted(m):
			d.Dead++
		default:
			d.Ready++
		}
	}
	return ctx.Err()
}

// redriveMax bounds one transaction of Redrive.
const redriveMax = 500

// Redrive implements queue.Queue. The messages count their receives anew.
func (q *Queue) Redrive(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := q.redriveSome(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
		q.announce()
		if n < redriveMax {
			return total, nil
		}
	}
}

func (q *Queue) redriveSome(ctx context.Context) (int, error) {
	n := 0
	err := q.commit(ctx, "redriving", func(s shelf) (bool, error) {
		now := q.now()
		if _, err := q.promote(s, now); err != nil {
			return false, err
		}
		for n < redriveMax {
			_, k := first(s.dead)
			if k == nil {
				break
			}
			if err := s.revive(binary.BigEndian.Uint64(k), now); err != nil {
				return false, err
			}
			n++
		}
		return true, nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (s shelf) revive(id uint64, now int64) error {
	m, err := s.load(id)
	if err != nil {
		return err
	}
	m.receives = 0
	return s.move(id, m.at(dead, m.due), m.at(ready, now))
}
