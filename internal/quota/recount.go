package quota

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"griot/internal/clock"
	"griot/internal/errs"
	"griot/internal/table"
)

// Tally is what the rows of some things say that counts of them.
type Tally struct {
	seed    maphash.Seed
	amounts map[string]int64 // by attribute
	rows    uint64
}

// Add counts amounts that a row says.
func (t *Tally) Add(row table.Item, amounts ...Amount) {
	for _, a := range amounts {
		t.amounts[a.Counter.at(a.At)] += a.N
	}
	t.See(row, amounts)
}

// See notes what a row says that matters.
func (t *Tally) See(row table.Item, says any) {
	// The sum does not depend on the order, as that of a map's members does.
	t.rows += maphash.String(t.seed, fmt.Sprint(row.Key, says))
}

// Source counts what the rows of a workspace say.
type Source func(ctx context.Context, workspace string, t *Tally) error

// recountTries is how often a workspace is read again because it was changed
// while it was read.
const recountTries = 12

var errBusy = errors.New("quota: the workspace was changed all the while")

// Recount puts counters right by what the rows of a source say, beside writers.
//
// Every transaction changes rows and counters by the same amount, so whatever
// writers do, the difference between both stays what it is; only a recount changes
// it. So it is enough to have seen the difference once. All rows and all
// counters are read, and then read again. Where both readings are alike in every
// row, and the workspace's clock has not moved, nothing was changed between the end of the first
// and the beginning of the second, and what was read was true at that time; else it is read
// again. The difference is then added, on the condition that no other recount
// has added one since the reading began.
func (b Book) Recount(ctx context.Context, workspace string, of []Counter, source Source) error {
	seed := maphash.MakeSeed()
	for try := range recountTries {
		first, err := b.difference(ctx, workspace, of, source, seed)
		if err != nil {
			return err
		}
		second, err := b.difference(ctx, workspace, of, source, seed)
		if err != nil {
			return err
		}
		if first.rows == second.rows {
			if err := b.correct(ctx, workspace, of, first); !errors.Is(err, table.ErrCondition) {
				return err
			}
		}
		if err := table.Pause(ctx, try); err != nil {
			return err
		}
	}
	return errs.Wrap(errs.Unavailable, errBusy, "the workspace was changed whenever it was counted; try again when it does less")
}

// reading is what was read of a workspace, and how often it had been recounted.
type reading struct {
	Tally    // what the rows say, less what the counters say
	recounts int64
}

func (b Book) difference(ctx context.Context, workspace string, of []Counter, source Source, seed maphash.Seed) (reading, error) {
	r := reading{Tally: Tally{seed: seed, amounts: map[string]int64{}}}
	recounted, err := b.Table.Get(ctx, row(workspace, recountSK), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return r, fmt.Errorf("reading how often it was counted: %w", err)
	}
	r.recounts = recounted.Int("n")
	if err := source(ctx, workspace, &r.Tally); err != nil {
		return r, err
	}
	rows, err := table.ReadAll(ctx, b.Table, table.Query{Table: table.Sessions, PK: row(workspace, "").PK, Consistency: table.Consistent})
	if err != nil {
		return r, fmt.Errorf("reading the quotas: %w", err)
	}
	for _, item := range rows {
		if item.SK != Remembered.attr { // what was weighed counts in other rows
			b.subtract(&r.Tally, of, item)
		}
	}
	if slices.Contains(of, Remembered) {
		memories, err := b.MemoryRows(ctx, workspace)
		if err != nil {
			return r, err
		}
		for _, item := range memories {
			r.take(item, Remembered.attr, item.Int(MemoryBytes))
		}
	}
	at, err := b.Table.Get(ctx, clock.Key(workspace), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return r, fmt.Errorf("reading the clock: %w", err)
	}
	r.See(at, at.Int("last"))
	return r, nil
}

func (b Book) subtract(t *Tally, of []Counter, item table.Item) {
	for attr := range item.Attrs {
		if slices.ContainsFunc(of, func(c Counter) bool { return c.counts(attr, b.Now()) }) {
			t.take(item, attr, item.Int(attr))
		}
	}
}

// take counts what a counter says.
func (t *Tally) take(row table.Item, attr string, n int64) {
	t.amounts[attr] -= n
	t.See(row, fmt.Sprint(attr, n))
}

// recountSK is the row that counts recounts.
const recountSK = "recounts"

// correct adds the difference of a reading.
func (b Book) correct(ctx context.Context, workspace string, of []Counter, r reading) error {
	add := r.amounts
	maps.DeleteFunc(add, func(attr string, n int64) bool {
		return n == 0 || !slices.ContainsFunc(of, func(c Counter) bool { return c.counts(attr, b.Now()) })
	})
	if len(add) == 0 {
		return nil
	}
	counted := table.Increment(row(workspace, recountSK), "n", 1, table.Equal("n", r.recounts))
	if r.recounts == 0 {
		counted.If = []table.Cond{table.Missing("n")}
	}
	op := table.Update(counterRow(workspace, shardOf(recountSK)), nil)
	op.Add = add
	err := table.Retry(ctx, recountTries, func() error { return b.Table.Transact(ctx, []table.Op{counted, op}) })
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("putting the quotas right: %w", err)
	}
	return err
}
