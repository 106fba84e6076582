// Package clock gives the times that ids carry. They never run backwards
// within a workspace, whichever process asks and whatever its own clock says,
// so that id order is creation order.
package clock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/table"
)

// Lifetime is how long a time may be used after it was given: an attempt to
// create something that takes longer must begin again.
const Lifetime = 60 * time.Second

// Clock is one row per workspace that holds the last time given.
type Clock struct {
	Table table.Store
	Now   func() time.Time
}

// Within calls fn with the next time of the workspace, and with a context that
// ends with the time's Lifetime. All tries of a request share the time: what
// others do meanwhile is no reason to pay for another one.
func (c Clock) Within(ctx context.Context, workspace string, fn func(ctx context.Context, at time.Time) error) error {
	return c.WithinScarce(ctx, workspace, func(ctx context.Context, at time.Time, _ bool) error { return fn(ctx, at) })
}

// WithinScarce is Within that also tells fn whether the workspace is scarce: it
// has little room left, see quota. Whoever makes something writes the clock's row,
// and learns from it what would otherwise be one read more.
func (c Clock) WithinScarce(ctx context.Context, workspace string, fn func(ctx context.Context, at time.Time, scarce bool) error) error {
	row, err := c.advance(ctx, workspace)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, Lifetime)
	defer cancel()
	return fn(ctx, given(row), Scarce(row))
}

// Key is the row of a workspace's clock.
func Key(workspace string) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + "#clock", SK: "last"}
}

const scarceAttr = "scarce"

// Scarce reports what the clock's row says of the workspace.
func Scarce(row table.Item) bool { return row.Int(scarceAttr) != 0 }

// Tell returns the write by which the clock's row says whether the workspace is scarce.
func Tell(workspace string, scarce bool) table.Op {
	op := table.Update(Key(workspace), nil)
	if scarce {
		op.Attrs[scarceAttr] = int64(1)
	} else {
		op.Remove = []string{scarceAttr}
	}
	return op
}

// Next returns the present in milliseconds, or one more than the last time
// given in the workspace when that is later. It is written before the
// transaction that uses it and outside of it. That a time was written twice, or
// is never used, harms nobody.
func (c Clock) Next(ctx context.Context, workspace string) (time.Time, error) {
	row, err := c.advance(ctx, workspace)
	if err != nil {
		return time.Time{}, err
	}
	return given(row), nil
}

func given(row table.Item) time.Time { return time.UnixMilli(row.Int("last")).UTC() }

func (c Clock) advance(ctx context.Context, workspace string) (row table.Item, err error) {
	key, now := Key(workspace), c.Now().UnixMilli()
	err = table.Retry(ctx, 8, func() (err error) {
		row, err = c.Table.Write(ctx, table.Repeatable(
			table.Update(key, table.Attrs{"last": now}, table.MissingOrLess("last", now))))
		if errors.Is(err, table.ErrCondition) {
			row, err = c.Table.Write(ctx, table.Repeatable(table.Increment(key, "last", 1)))
		}
		return err
	})
	if err != nil {
		return table.Item{}, fmt.Errorf("advancing the clock of the workspace: %w", err)
	}
	return row, nil
}
