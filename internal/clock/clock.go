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
	at, err := c.Next(ctx, workspace)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, Lifetime)
	defer cancel()
	return fn(ctx, at)
}

// Next returns the present in milliseconds, or one more than the last time
// given in the workspace when that is later. It is written before the
// transaction that uses it and outside of it. That a time was written twice, or
// is never used, harms nobody.
func (c Clock) Next(ctx context.Context, workspace string) (time.Time, error) {
	key := table.Key{Table: table.Sessions, PK: workspace + "#clock", SK: "last"}
	now := c.Now().UnixMilli()
	var ms int64
	err := table.Retry(ctx, 8, func() error {
		item, err := c.Table.Write(ctx, table.Repeatable(
			table.Update(key, table.Attrs{"last": now}, table.MissingOrLess("last", now))))
		if errors.Is(err, table.ErrCondition) {
			item, err = c.Table.Write(ctx, table.Repeatable(table.Increment(key, "last", 1)))
		}
		ms = item.Int("last")
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("advancing the clock of the workspace: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}
