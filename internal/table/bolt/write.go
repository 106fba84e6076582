package bolt

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"griot/internal/table"
)

// Write implements [table.Store].
func (s *Store) Write(ctx context.Context, op table.Op) (table.Item, error) {
	if err := table.ValidateWrite(op); err != nil {
		return table.Item{}, err
	}
	r := &request{ctx: ctx, ops: []table.Op{op}, factor: 1}
	if err := s.apply(r); err != nil {
		return table.Item{}, err
	}
	return r.changes[0].answer(), nil
}

// Transact implements [table.Store].
func (s *Store) Transact(ctx context.Context, ops []table.Op) error {
	if err := table.ValidateTransact(ops); err != nil || len(ops) == 0 {
		return err
	}
	return s.apply(&request{ctx: ctx, ops: ops, factor: 2})
}

// request is one Write or Transact under way.
type request struct {
	ctx     context.Context
	now     int64
	ops     []table.Op
	factor  float64 // what each unit costs
	changes []change
	cost    table.Totals
}

// apply runs a request in a transaction that it may share with others.
func (s *Store) apply(r *request) error {
	size := 0
	for _, op := range r.ops {
		size += table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
	}
	var refused error
	err := s.writer.do(size, func(tx *bbolt.Tx) (bool, error) {
		r.now = s.now().Unix()
		if refused = r.plan(tx); refused != nil {
			return false, nil
		}
		return r.store(tx)
	})
	if err != nil {
		return fmt.Errorf("writing items: %w", err)
	}
	table.UsageFrom(r.ctx).Add(r.cost)
	return refused
}

// plan decides what becomes of every item, and writes nothing.
func (r *request) plan(tx *bbolt.Tx) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	var failed error
	cost, size := table.Totals{Writes: 1}, 0
	for i, op := range r.ops {
		c, err := newChange(tx, op, r.now)
		if err != nil {
			return err
		}
		if !c.holds && failed == nil {
			failed = &table.ConditionError{Index: i, Old: c.old}
		}
		size += max(c.before.size, c.after)
		c.bill(&cost, r.factor)
		r.changes = append(r.changes, c)
	}
	if size > table.MaxTransact {
		return table.Limitf("a transaction over %d bytes, %d are allowed", size, table.MaxTransact)
	}
	r.cost = cost
	return failed
}

// store writes what was planned. Its errors are the file's.
func (r *request) store(tx *bbolt.Tx) (wrote bool, err error) {
	for _, c := range r.changes {
		stored, err := c.store(tx)
		if err != nil {
			return false, err
		}
		wrote = wrote || stored
	}
	return wrote, nil
}
