package bolt

import (
	"context"

	"griot/internal/queue"
)

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
