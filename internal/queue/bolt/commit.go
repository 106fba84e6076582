package bolt

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
)

// request is one operation's part of a transaction. apply reports whether it
// wrote anything; its results count only when err is nil after done.
type request struct {
	apply func(shelf) (wrote bool, err error)
	done  chan struct{}
	err   error
}

// commit runs apply in a durable transaction. Requests that arrive while
// another transaction is written share the next one: the first of them to
// get the lead commits for all, and a lone caller waits for nobody. It waits
// for the outcome even when ctx ends, because an operation that may have
// happened must not be reported as one that did not.
func (q *Queue) commit(ctx context.Context, doing string, apply func(shelf) (bool, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{apply: apply, done: make(chan struct{})}
	q.mu.Lock()
	q.pending = append(q.pending, r)
	q.mu.Unlock()
	select {
	case <-r.done:
	case q.lead <- struct{}{}:
		q.flush(r)
	}
	if r.err != nil {
		return fmt.Errorf("%s: %w", doing, r.err)
	}
	return nil
}

var errAborted = errors.New("transaction aborted")

// flush commits all pending requests, own among them unless the leader before
// has just done it, and hands back the lead.
func (q *Queue) flush(own *request) {
	select {
	case <-own.done:
		<-q.lead
		return
	default:
	}
	var batch []*request
	err := errAborted // stays when an apply panics
	defer func() {
		for _, r := range batch {
			r.err = err
			close(r.done)
		}
		<-q.lead
	}()
	err = q.db.Update(func(tx *bbolt.Tx) error {
		batch = q.take() // as late as possible: behind the file's writer lock
		return applyAll(q.shelf(tx), batch)
	})
	if batch == nil { // the transaction could not begin
		batch = q.take()
	}
}

func (q *Queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.pending
	q.pending = nil
	return batch
}

func applyAll(s shelf, batch []*request) error {
	any := false
	for _, r := range batch {
		wrote, err := r.apply(s)
		if err != nil {
			return err
		}
		any = any || wrote
	}
	if !any {
		return disk.ErrUnchanged
	}
	return nil
}
