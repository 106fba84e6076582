package session

import (
	"context"
	"sync"

	"griot/internal/record"
	"griot/internal/table"
)

// Changes notifies the readers of a session, within one process, that its head
// was written, so that they need not poll. It sees the writes at the table,
// whoever makes them: the [Store] gets the table that [Changes.Observe]
// returns. The zero value is ready.
type Changes struct {
	mu      sync.Mutex
	waiting map[table.Key]map[chan struct{}]bool
}

// Watch returns a channel that has something to receive once the session was
// written after the call. The caller leaves when it has seen enough.
func (c *Changes) Watch(ref record.Ref) (changed <-chan struct{}, leave func()) {
	key, ch := HeadKey(ref), make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = map[table.Key]map[chan struct{}]bool{}
	}
	if c.waiting[key] == nil {
		c.waiting[key] = map[chan struct{}]bool{}
	}
	c.waiting[key][ch] = true
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting[key], ch)
		if len(c.waiting[key]) == 0 {
			delete(c.waiting, key)
		}
	}
}

func (c *Changes) notify(ops ...table.Op) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range ops {
		for ch := range c.waiting[op.Key] {
			select {
			case ch <- struct{}{}:
			default: // it has yet to look after the last time
			}
		}
	}
}

// Observe returns the store with an eye on what is written through it. What
// failed may have been written all the same, and is told, too: a reader only
// looks once more.
func (c *Changes) Observe(s table.Store) table.Store { return observed{s, c} }

type observed struct {
	table.Store
	changes *Changes
}

func (o observed) Write(ctx context.Context, op table.Op) (table.Item, error) {
	defer o.changes.notify(op)
	return o.Store.Write(ctx, op)
}

func (o observed) Transact(ctx context.Context, ops []table.Op) error {
	defer o.changes.notify(ops...)
	return o.Store.Transact(ctx, ops)
}
