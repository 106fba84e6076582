package deletion

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/blob"
	"griot/internal/table"
)

// Bounds of one transaction of a purge: DynamoDB's, less room for the receipt.
const (
	maxItems = 98
	maxBytes = 3 << 20
)

// tries of a transaction that collides with others.
const tries = 8

// ErrTwin is a purge that met another one of the same thing: its message has
// to come back, and then sees what is left.
var ErrTwin = errors.New("deletion: another worker purges the same")

// Purge removes things and counts each once: in one transaction, or by lists.
type Purge struct {
	Table   table.Store
	Receipt table.Key
	// What lists need: the objects' store, and the name of this part of the
	// receipt.
	Blobs blob.Store
	Part  string

	ops          []table.Op
	bytes        int
	step, open   int64    // lists that were written, parts of the receipt that are open
	listed, next []Listed // the last list, removed and yet to be counted; the next one
}

// Remove makes deletions, each conditional on its item, and counts them.
// Items that are gone are ErrTwin: whoever removed them counted them.
func (p *Purge) Remove(ctx context.Context, counter string, deletes []table.Op) error {
	if len(deletes) == 0 {
		return nil
	}
	ops := append(deletes, Count(p.Receipt, counter, int64(len(deletes))))
	err := table.Retry(ctx, tries, func() error { return p.Table.Transact(ctx, ops) })
	if errors.Is(err, table.ErrCondition) {
		return ErrTwin
	}
	if err != nil {
		return fmt.Errorf("removing rows: %w", err)
	}
	return nil
}

// Add gathers deletions of rows that belong together, weighing so many bytes,
// and makes what was gathered before when all would be too much for one
// transaction. Flush makes the rest.
func (p *Purge) Add(ctx context.Context, bytes int, deletes ...table.Op) error {
	if len(p.ops)+len(deletes) > maxItems || p.bytes+bytes > maxBytes {
		if err := p.Flush(ctx); err != nil {
			return err
		}
	}
	p.ops, p.bytes = append(p.ops, deletes...), p.bytes+bytes
	return nil
}

// Flush makes the deletions that were gathered.
func (p *Purge) Flush(ctx context.Context) error {
	ops := p.ops
	p.ops, p.bytes = nil, 0
	return p.Remove(ctx, TableItems, ops)
}

// Each calls fn for every row of a partition whose sort key has a prefix.
func (p *Purge) Each(ctx context.Context, in table.Name, pk, prefix string, fn func(table.Item) error) error {
	q := table.Query{Table: in, PK: pk, Prefix: prefix, Consistency: table.Consistent}
	for item, err := range table.All(ctx, p.Table, q) {
		if err != nil {
			return fmt.Errorf("reading the rows to remove: %w", err)
		}
		if err := fn(item); err != nil {
			return err
		}
	}
	return nil
}
