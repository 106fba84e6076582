package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/queue"
)

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
