package tabletest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"griot/internal/table"
)

// Contended wraps a store and refuses what overlaps, as DynamoDB does: of two
// transactions that meet on an item the later one is cancelled, whether it writes
// the item or only checks it; so is a transaction that meets a single write, and
// a single write that meets a transaction. Single writes of one item follow each
// other, and reads are never refused. It is safe for concurrent use.
type Contended struct {
	table.Store
	each time.Duration

	mu        sync.Mutex
	held      map[table.Key]*hold
	conflicts int
}

// hold is what is under way on an item: a transaction, or single writes of which
// one has its turn.
type hold struct {
	transaction bool
	writes      int
	turn        chan struct{}
}

var _ table.Store = (*Contended)(nil)

// NewContended returns a Contended that keeps the items of a write for so long
// before it is done; where that is 0, what overlaps is left to the store's speed.
func NewContended(store table.Store, each time.Duration) *Contended {
	return &Contended{Store: store, each: each, held: map[table.Key]*hold{}}
}

// Conflicts is how many writes it has refused.
func (c *Contended) Conflicts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conflicts
}

// Write implements [table.Store].
func (c *Contended) Write(ctx context.Context, op table.Op) (table.Item, error) {
	h := c.join(op.Key)
	if h == nil {
		return table.Item{}, fmt.Errorf("a transaction is at work on %s: %w", op.Key.Table, table.ErrConflict)
	}
	defer c.leave(op.Key, h)
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return table.Item{}, ctx.Err()
	}
	if err := c.wait(ctx); err != nil {
		return table.Item{}, err
	}
	return c.Store.Write(ctx, op)
}

// Transact implements [table.Store].
func (c *Contended) Transact(ctx context.Context, ops []table.Op) error {
	if table.ValidateTransact(ops) == nil { // else the store says what is wrong with them
		if at := c.take(ops); at >= 0 {
			return fmt.Errorf("operation %d, on %s, meets another: %w", at, ops[at].Key.Table, table.ErrConflict)
		}
		defer c.give(ops)
		if err := c.wait(ctx); err != nil {
			return err
		}
	}
	return c.Store.Transact(ctx, ops)
}

func (c *Contended) wait(ctx context.Context) error {
	if c.each == 0 {
		return nil
	}
	select {
	case <-time.After(c.each):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join returns the hold of the single writes of an item; nil where a transaction
// has it.
func (c *Contended) join(key table.Key) *hold {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.held[key]
	if h == nil {
		h = &hold{turn: make(chan struct{}, 1)}
		c.held[key] = h
	}
	if h.transaction {
		c.conflicts++
		return nil
	}
	h.writes++
	return h
}

func (c *Contended) leave(key table.Key, h *hold) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h.writes--; h.writes == 0 {
		delete(c.held, key)
	}
}

// take holds all items, or none and returns which one somebody has; else -1.
func (c *Contended) take(ops []table.Op) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, op := range ops {
		if c.held[op.Key] != nil {
			c.conflicts++
			return i
		}
	}
	for _, op := range ops {
		c.held[op.Key] = &hold{transaction: true}
	}
	return -1
}

func (c *Contended) give(ops []table.Op) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range ops {
		delete(c.held, op.Key)
	}
}
