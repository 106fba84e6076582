// Package deletion keeps the receipts of deletions: what was removed from
// which store. A receipt is written in the transaction that hides the thing,
// and every removal is counted in the transaction that makes it, or is on a list
// that is counted once, so that the numbers are exact whatever is repeated. One receipt may have several parts,
// such as a session and its conversation; it is done when all of them are.
package deletion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/table"
)

// Statuses of a receipt.
const (
	Running = "running"
	Done    = "done"
)

// Counters of a receipt.
const (
	TableItems   = "table_items"
	Objects      = "objects"
	IndexEntries = "index_entries"
)

// Deletion is the receipt of a deletion. Numbers are exact when Status is
// Done.
type Deletion struct {
	ID, Target                        string
	Status                            string
	RequestedAt, FinishedAt           time.Time
	TableItems, Objects, IndexEntries int64
}

// Key is the row of a receipt.
func Key(workspace, deletionID string) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + "#deletions", SK: deletionID}
}

// New returns the receipt of a deletion that begins at a time of the
// workspace's clock.
func New(target string, at time.Time) Deletion {
	return Deletion{ID: id.At(id.Deletion, at), Target: target, Status: Running, RequestedAt: at}
}

// Begin returns the write of a new receipt, with what the same transaction
// removes, of a thing that so many purges carry out.
func Begin(workspace string, d Deletion, parts int) table.Op {
	return table.Put(Key(workspace, d.ID), table.Attrs{
		"target": d.Target, "status": d.Status, "open": int64(parts),
		TableItems: d.TableItems, Objects: d.Objects, IndexEntries: d.IndexEntries,
	}, table.Absent())
}

// Count returns the write that adds to a counter.
func Count(receipt table.Key, counter string, n int64) table.Op {
	return table.Increment(receipt, counter, n, table.Exists())
}

// Hidden is what hides a thing within another one's transaction.
type Hidden struct {
	Ops   []table.Op
	Items int64                     // rows that they remove, for the receipt
	Sent  func(ctx context.Context) // to be called after the commit
}

// Close returns the write by which one part is finished; the last one closes
// the receipt. It fails in its transaction when another part was faster: read
// again.
func Close(ctx context.Context, store table.Store, receipt table.Key, now time.Time) (table.Op, error) {
	item, err := store.Get(ctx, receipt, table.Consistent)
	if err != nil {
		return table.Op{}, fmt.Errorf("reading the receipt: %w", err)
	}
	return closing(receipt, item.Int("open"), now), nil
}

// closing is the write by which one of so many open parts is finished.
func closing(receipt table.Key, open int64, now time.Time) table.Op {
	set := table.Attrs{"open": open - 1}
	if open <= 1 {
		set["status"], set["finished"] = Done, now.UnixMilli()
	}
	return table.Update(receipt, set, table.Equal("open", open))
}

// Get returns a receipt of a workspace.
func Get(ctx context.Context, store table.Store, workspace, deletionID string) (Deletion, error) {
	if !id.Valid(id.Deletion, deletionID) {
		return Deletion{}, errs.New(errs.NotFound, "there is no such deletion")
	}
	item, err := store.Get(ctx, Key(workspace, deletionID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Deletion{}, errs.New(errs.NotFound, "there is no such deletion")
	}
	if err != nil {
		return Deletion{}, fmt.Errorf("reading the deletion: %w", err)
	}
	return Deletion{
		ID: deletionID, Target: item.Str("target"), Status: item.Str("status"), RequestedAt: id.Time(deletionID),
		FinishedAt: item.Time("finished"),
		TableItems: item.Int(TableItems), Objects: item.Int(Objects), IndexEntries: item.Int(IndexEntries),
	}, nil
}
