package bolt

import (
	"context"
	"fmt"
	"time"

	"griot/internal/queue"
)

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
