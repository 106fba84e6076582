package bolt

import (
	"context"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/queue"
)

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
