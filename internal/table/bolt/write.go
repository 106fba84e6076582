package bolt

import (
	"bytes"
	"context"
	"fmt"
	"math"

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

// change is what one operation does to one row.
type change struct {
	op     table.Op
	before row        // as stored, expired or not
	old    table.Item // without Attrs when absent or expired
	holds  bool       // all conditions
	new    table.Item // without Attrs when nothing is to be there
	after  int        // size of what is written
	value  []byte     // of the new row
}

func newChange(tx *bbolt.Tx, op table.Op, now int64) (change, error) {
	c := change{op: op, old: table.Item{Key: op.Key}, new: table.Item{Key: op.Key}}
	var err error
	if c.before, err = load(tx, op.Key); err != nil {
		return c, err
	}
	if c.before.live(now) && c.readsOld() {
		if c.old.Attrs, err = c.before.attrs(); err != nil {
			return c, err
		}
	}
	if c.holds = holds(op.If, c.old.Attrs); !c.holds {
		c.after = table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
		return c, nil
	}
	return c, c.work()
}

// readsOld is false for a Put that replaces whatever is there.
func (c *change) readsOld() bool { return c.op.Kind != table.PutOp || len(c.op.If) > 0 }

// work makes the new item.
func (c *change) work() error {
	switch c.op.Kind {
	case table.PutOp:
		c.new.Attrs = merge(nil, c.op.Attrs)
	case table.UpdateOp:
		c.new.Attrs = merge(c.old.Attrs, c.op.Attrs)
		if err := add(c.new.Attrs, c.op.Add); err != nil {
			return err
		}
		for _, name := range c.op.Remove {
			delete(c.new.Attrs, name)
		}
	default:
		return nil
	}
	if err := table.ValidateSize(c.new); err != nil {
		return err
	}
	c.after = c.new.Size()
	var err error
	c.value, err = encodeRow(c.new)
	return err
}

// merge adds set to old, which is ours, without sharing the caller's memory.
func merge(old, set table.Attrs) table.Attrs {
	if old == nil {
		old = make(table.Attrs, len(set))
	}
	for name, value := range set {
		if b, ok := value.([]byte); ok {
			value = append([]byte{}, b...)
		}
		old[name] = value
	}
	return old
}

func add(attrs table.Attrs, numbers map[string]int64) error {
	for name, n := range numbers {
		old, ok := attrs[name].(int64)
		if !ok && attrs[name] != nil {
			return table.Limitf("attribute %q is no number to add to", name)
		}
		if (n > 0 && old > math.MaxInt64-n) || (n < 0 && old < math.MinInt64-n) {
			return table.Limitf("attribute %q would leave the range of int64", name)
		}
		attrs[name] = old + n
	}
	return nil
}

// bill adds what the operation costs, whether its condition holds or not.
func (c *change) bill(cost *table.Totals, factor float64) {
	if c.op.Kind == table.CheckOp {
		cost.ReadUnits += factor * table.ReadUnits(c.before.size, table.Consistent)
		return
	}
	cost.WriteUnits += factor * table.WriteUnits(c.before.size, c.after)
}

// answer is what Write returns.
func (c *change) answer() table.Item {
	if c.op.Kind == table.DeleteOp {
		return c.old
	}
	return c.new
}

// store writes the row and keeps the list of expiring rows in step.
func (c *change) store(tx *bbolt.Tx) (wrote bool, err error) {
	rows := tx.Bucket(rowsBucket(c.op.Key.Table))
	key := encodeKey(c.op.Key)
	expires := int64(never)
	switch {
	case c.value != nil:
		expires = expiry(c.new.Attrs)
		err = rows.Put(key, c.value)
	case c.op.Kind == table.DeleteOp && c.before.stored():
		err = rows.Delete(key)
	default:
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, moveExpiry(tx, c.op.Key.Table, key, c.before.expiry(), expires)
}

// holds evaluates conditions on an item; attrs are nil when it is absent.
func holds(conds []table.Cond, attrs table.Attrs) bool {
	for _, c := range conds {
		if !test(c, attrs) {
			return false
		}
	}
	return true
}

func test(c table.Cond, attrs table.Attrs) bool {
	value, ok := attrs[c.Attr]
	switch c.Test {
	case table.TestAbsent:
		return attrs == nil
	case table.TestExists:
		return attrs != nil
	case table.TestEqual:
		return ok && equal(value, c.Value)
	case table.TestLess:
		return ok && less(value, c.Value)
	case table.TestMissing:
		return !ok
	default: // TestMissingOrLess
		return !ok || less(value, c.Value)
	}
}

// equal and less hold for values of one type only.
func equal(a, b any) bool {
	if b, ok := b.([]byte); ok {
		a, ok := a.([]byte)
		return ok && bytes.Equal(a, b)
	}
	if _, ok := a.([]byte); ok {
		return false
	}
	return a == b
}

func less(a, b any) bool {
	switch b := b.(type) {
	case string:
		a, ok := a.(string)
		return ok && a < b
	case int64:
		a, ok := a.(int64)
		return ok && a < b
	case []byte:
		a, ok := a.([]byte)
		return ok && bytes.Compare(a, b) < 0
	}
	return false
}
