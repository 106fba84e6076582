package session

import (
	"context"
	"slices"
	"sync"

	"griot/internal/record"
)

// Turns lets the writers of one session within one process have their turns
// in the order in which they came. Without it the fastest wins each round and
// the others pause, the longer the more often they lose. The zero value is
// ready; a nil *Turns orders nobody, as on a host whose processes have one
// writer each.
type Turns struct {
	mu     sync.Mutex
	queues map[string][]chan struct{} // by partition; the first has its turn
}

// maxQueue is how many writers of one session may wait: beyond it they are
// told to come back, as those who lost too often are.
const maxQueue = 256

// Take waits for the caller's turn, which ends with the call of done.
func (t *Turns) Take(ctx context.Context, ref record.Ref) (done func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	key, turn := ref.Partition(), make(chan struct{})
	t.mu.Lock()
	if len(t.queues[key]) >= maxQueue {
		t.mu.Unlock()
		return nil, record.Crowded(nil)
	}
	if t.queues == nil {
		t.queues = map[string][]chan struct{}{}
	}
	t.queues[key] = append(t.queues[key], turn)
	if len(t.queues[key]) == 1 {
		close(turn)
	}
	t.mu.Unlock()
	done = func() { t.leave(key, turn) }
	select {
	case <-turn:
		return done, nil
	case <-ctx.Done():
		done()
		return nil, ctx.Err()
	}
}

// leave takes a writer out of the queue; if it was the first, the next one
// has its turn.
func (t *Turns) leave(key string, turn chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := t.queues[key]
	i := slices.Index(queue, turn)
	queue = slices.Delete(queue, i, i+1)
	if i == 0 && len(queue) > 0 {
		close(queue[0])
	}
	t.queues[key] = queue
	if len(queue) == 0 {
		delete(t.queues, key)
	}
}
