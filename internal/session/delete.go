package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/table"
)

// Deletion is the receipt of a deletion: what was removed from every store.
// Numbers are exact when Status is done.
type Deletion struct {
	ID, Target                        string
	Status                            string // running, done
	RequestedAt, FinishedAt           time.Time
	TableItems, Objects, IndexEntries int64
}

func deletionKey(workspace, deletionID string) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + "#deletions", SK: deletionID}
}

// Delete hides a session at once, whatever its state, and has everything that
// belongs to it removed.
func (s *Service) Delete(ctx context.Context, p access.Principal, sessionID string) (Deletion, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Deletion{}, err
	}
	return s.beginDelete(ctx, p.Workspace, sessionID)
}

func (s *Service) beginDelete(ctx context.Context, workspace, sessionID string) (Deletion, error) {
	var del Deletion
	err := s.retry(ctx, func() error {
		old, err := s.readHeadRow(ctx, workspace, sessionID, table.Consistent)
		if err != nil {
			return err
		}
		at, err := s.clock().Next(ctx, workspace)
		if err != nil {
			return err
		}
		del = Deletion{ID: id.At(id.Deletion, at), Target: sessionID, Status: "running", RequestedAt: at, TableItems: 1}
		return s.hide(ctx, workspace, old, del)
	})
	if err == nil {
		s.send(ctx, queue.Purge, Job{Workspace: workspace, Session: sessionID})
	}
	return del, err
}

// hide makes the tombstone and the receipt; the list row, which has title and
// address, goes in the same transaction, and is the receipt's first item.
func (s *Service) hide(ctx context.Context, workspace string, old head, del Deletion) error {
	tomb := head{status: deleted, source: old.source, rev: old.rev + 1, duration: -1, deletion: del.ID, updated: del.RequestedAt}
	tomb.due = s.firstDue(tomb)
	key := headKey(workspace, del.Target)
	ops := []table.Op{
		table.Put(key, tomb.attrs(), table.Equal("rev", old.rev)),
		table.Delete(metaKey(workspace, del.Target), table.Exists()),
		table.Put(deletionKey(workspace, del.ID), table.Attrs{
			"target": del.Target, "status": del.Status,
			"table_items": del.TableItems, "objects": int64(0), "index_entries": int64(0),
		}, table.Absent()),
	}
	ops = append(ops, due.Move(workspace, del.Target, old.due, tomb.due)...)
	return lost(s.Table.Transact(ctx, ops), key)
}

// GetDeletion returns a receipt.
func (s *Service) GetDeletion(ctx context.Context, p access.Principal, deletionID string) (Deletion, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return Deletion{}, err
	}
	if !id.Valid(id.Deletion, deletionID) {
		return Deletion{}, errs.New(errs.NotFound, "there is no such deletion")
	}
	item, err := s.Table.Get(ctx, deletionKey(p.Workspace, deletionID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Deletion{}, errs.New(errs.NotFound, "there is no such deletion")
	}
	if err != nil {
		return Deletion{}, fmt.Errorf("reading the deletion: %w", err)
	}
	return Deletion{
		ID: deletionID, Target: item.Str("target"), Status: item.Str("status"),
		RequestedAt: id.Time(deletionID), FinishedAt: timeAttr(item, "finished"),
		TableItems: item.Int("table_items"), Objects: item.Int("objects"), IndexEntries: item.Int("index_entries"),
	}, nil
}
