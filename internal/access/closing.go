package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"griot/internal/audit"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Grace is how long a workspace that is to be deleted can still be read, and kept.
const Grace = 7 * 24 * time.Hour

// Closing is how far the deletion of a workspace is.
type Closing string

const (
	Open      Closing = ""          // it is not to be deleted
	Pending   Closing = "pending"   // it is when its grace is over; until then it is read only
	Reopening Closing = "reopening" // that was taken back, and some keys may not know it yet
	Ending    Closing = "ending"    // everything of it is being removed
	Ended     Closing = "ended"     // nothing is left but its id
)

// Attributes of a workspace's row while it is not open, and of its keys' rows from
// then on: requests read those anyway, and learn from them that they must not
// write.
const (
	closingAttr  = "closing"
	closesAttr   = "closes"   // when its grace is over
	receiptAttr  = "deletion" // the receipt
	dueAttr      = "due"      // of its due row
	attemptsAttr = "attempts"
)

// ErrClosing refuses what would change a workspace that is to be deleted.
func ErrClosing() error {
	return &errs.Error{
		Kind: errs.PermissionDenied, Code: "workspace_closing",
		Message: "the workspace is to be deleted and can only be read: DELETE /api/users/me/deletion keeps it",
	}
}

func ref(workspace string) record.Ref { return record.In(workspace, workspace) }

// markAgain is when somebody looks whether all keys know what became of their
// workspace.
const markAgain = time.Minute

// Closings end workspaces, which their own keys begin and may call off.
type Closings struct{ *Directory }

// Close has the caller's workspace deleted when its grace is over. From now on its
// keys only read, and take that back. Closing it again changes nothing.
func (d Closings) Close(ctx context.Context, p Principal) (Workspace, error) {
	if err := p.Require(APIKeysManage); err != nil {
		return Workspace{}, err
	}
	begun := false
	err := d.changeClosing(ctx, p.Workspace, func(ws Workspace) ([]table.Op, error) {
		switch ws.Closing {
		case Reopening:
			return nil, d.reopened(ctx, ws)
		case Open:
		default:
			return nil, nil
		}
		at, err := d.clock().Next(ctx, p.Workspace)
		if err != nil {
			return nil, err
		}
		begun = true
		del, due := deletion.New(p.Workspace, at), d.now().Add(markAgain)
		return []table.Op{
			table.Update(workspaceRow(p.Workspace), table.Attrs{
				closingAttr: string(Pending), closesAttr: d.now().Add(Grace).UnixMilli(), receiptAttr: del.ID, dueAttr: due.UnixMilli(),
			}, table.Exists(), table.Missing(closingAttr)),
			task.Due(due, ref(p.Workspace)),
		}, nil
	})
	if begun {
		audit.Record(ctx, audit.Event{Action: "workspace.closed", Workspace: p.Workspace, Actor: p.KeyID, Target: p.Workspace}, err)
	}
	if err != nil {
		return Workspace{}, wrap(err, "closing the workspace")
	}
	ws, err := d.Workspace(ctx, p.Workspace)
	if err == nil && ws.Closing == Pending {
		err = d.markKeys(ctx, ws)
	}
	return ws, err
}

// Reopen takes a deletion back whose grace is not over. Of a workspace that is not
// to be deleted it is no error; once everything is being removed it is a Conflict.
func (d Closings) Reopen(ctx context.Context, p Principal) (Workspace, error) {
	if err := p.Require(APIKeysManage); err != nil {
		return Workspace{}, err
	}
	taken := false
	err := d.changeClosing(ctx, p.Workspace, func(ws Workspace) ([]table.Op, error) {
		switch ws.Closing {
		case Ending, Ended:
			return nil, errs.New(errs.Conflict, "the grace is over: everything is being removed")
		case Reopening:
			return nil, d.reopened(ctx, ws)
		case Open:
			return nil, nil
		}
		taken = true
		due := d.now().Add(markAgain)
		return append(task.Move(ref(ws.ID), ws.Due, due), table.Update(workspaceRow(ws.ID), table.Attrs{
			closingAttr: string(Reopening), dueAttr: due.UnixMilli(),
		}, asRead(ws)...)), nil
	})
	if taken {
		audit.Record(ctx, audit.Event{Action: "workspace.reopened", Workspace: p.Workspace, Actor: p.KeyID, Target: p.Workspace}, err)
	}
	if err != nil {
		return Workspace{}, wrap(err, "keeping the workspace")
	}
	ws, err := d.Workspace(ctx, p.Workspace)
	if err == nil && ws.Closing == Reopening {
		if err = d.reopened(ctx, ws); errors.Is(err, record.ErrStale) {
			err = nil
		}
		ws.Closing, ws.ClosesAt = Open, time.Time{}
	}
	return ws, err
}

// changeClosing applies a change to what a workspace's row says of its deletion,
// as it is when it is written; no writes are no change.
func (d Closings) changeClosing(ctx context.Context, workspace string, change func(Workspace) ([]table.Op, error)) error {
	return record.Change(ctx, tries, func() error {
		ws, err := d.Workspace(ctx, workspace)
		if err != nil {
			return err
		}
		ops, err := change(ws)
		if err != nil || len(ops) == 0 {
			return err
		}
		return lost(d.Table.Transact(ctx, ops))
	})
}

// asRead holds as long as the deletion is as far as it was read.
func asRead(ws Workspace) []table.Cond {
	return []table.Cond{table.Exists(), table.Equal(closingAttr, string(ws.Closing)), table.Equal(dueAttr, ws.Due.UnixMilli())}
}

// markKeys has the keys of a workspace know whether it may be written. It may be
// repeated; no key is made meanwhile.
func (d Closings) markKeys(ctx context.Context, ws Workspace) error {
	keys, err := d.readKeys(ctx, ws.ID)
	if err != nil {
		return err
	}
	for _, k := range notRevoked(keys) {
		op := table.Update(keyRow(k.ID), table.Attrs{closingAttr: string(ws.Closing)}, table.Exists())
		if ws.Closing == Reopening {
			op.Attrs, op.Remove = table.Attrs{}, []string{closingAttr}
		}
		err := record.Change(ctx, tries, func() error {
			_, err := d.Table.Write(ctx, table.Repeatable(op))
			return err
		})
		if err != nil && table.Failed(err) == nil {
			return fmt.Errorf("telling a key what becomes of its workspace: %w", err)
		}
	}
	return nil
}

// reopened has the keys write again, and then the workspace open. It ends with
// [record.ErrStale], for who was about to change it.
func (d Closings) reopened(ctx context.Context, ws Workspace) error {
	if err := d.markKeys(ctx, ws); err != nil {
		return err
	}
	op := table.Update(workspaceRow(ws.ID), nil, asRead(ws)...)
	op.Remove = []string{closingAttr, closesAttr, receiptAttr, dueAttr}
	ops := append(task.Move(ref(ws.ID), ws.Due, time.Time{}), op)
	if err := table.Retry(ctx, tries, func() error { return d.Table.Transact(ctx, ops) }); err != nil {
		return lost(err)
	}
	return record.ErrStale
}

// LookAtClosing does what a workspace's due row calls for. It returns true when
// everything of the workspace is to be removed now; next is when to look whether
// that was done, after so many times before.
func (d Closings) LookAtClosing(ctx context.Context, workspace string, at time.Time, next func(attempts int64) time.Duration) (end bool, err error) {
	item, err := d.Table.Get(ctx, workspaceRow(workspace), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return false, fmt.Errorf("reading a workspace that is to be deleted: %w", err)
	}
	ws := readWorkspace(workspace, item)
	if ws.Closing == Open || !ws.Due.Equal(at) {
		return false, task.Drop(ctx, d.Table, ref(workspace), at)
	}
	due := ws.ClosesAt
	set := table.Attrs{}
	switch {
	case ws.Closing == Reopening:
		if err := d.reopened(ctx, ws); !errors.Is(err, record.ErrStale) {
			return false, err
		}
		return false, nil
	case ws.Closing == Pending && d.now().Before(ws.ClosesAt):
		if err := d.markKeys(ctx, ws); err != nil {
			return false, err
		}
	default:
		due = d.now().Add(next(item.Int(attemptsAttr)))
		set[closingAttr], set[attemptsAttr] = string(Ending), item.Int(attemptsAttr)+1
		end = true
	}
	set[dueAttr] = due.UnixMilli()
	ops := append(task.Move(ref(workspace), at, due), table.Update(workspaceRow(workspace), set, asRead(ws)...))
	begins := end && ws.Closing == Pending
	if begins {
		ops = append(ops, deletion.Begin(workspace, deletion.Deletion{ID: ws.Deletion, Target: workspace, Status: deletion.Running}, 1))
	}
	err = d.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return false, nil // taken back, or somebody else looks
	}
	if begins {
		audit.Record(ctx, audit.Event{
			Action: "workspace.deleted", Workspace: workspace, Actor: audit.Retention, Target: workspace,
			Details: []slog.Attr{slog.String("deletion", ws.Deletion)},
		}, err)
	}
	return end && err == nil, wrap(err, "moving the deletion of a workspace")
}

// RevokeAll revokes the keys of a workspace that is being removed, and forgets
// what they were called.
func (d Closings) RevokeAll(ctx context.Context, workspace string) error {
	keys, err := d.readKeys(ctx, workspace)
	if err != nil {
		return err
	}
	now := d.now().UnixMilli()
	for _, k := range keys {
		row := table.Update(keyRow(k.ID), table.Attrs{"revoked": now}, table.Exists(), table.Missing("revoked"))
		mirror := table.Update(mirrorRow(workspace, k.ID), table.Attrs{"revoked": now, "label": ""}, table.Exists())
		ops := []table.Op{row, mirror}
		if !k.RevokedAt.IsZero() {
			if k.Label == "" {
				continue
			}
			mirror.Attrs["revoked"] = k.RevokedAt.UnixMilli()
			ops = []table.Op{mirror}
		}
		err := record.Change(ctx, tries, func() error { return d.Table.Transact(ctx, ops) })
		if err != nil && table.Failed(err) == nil {
			return fmt.Errorf("revoking the keys of a workspace: %w", err)
		}
	}
	return nil
}

// EndClosing removes the names of a workspace of which nothing else is left, and of
// its projects, and closes its receipt, which it returns the key of.
func (d Closings) EndClosing(ctx context.Context, workspace string) error {
	ws, err := d.Workspace(ctx, workspace)
	if err != nil || ws.Closing != Ending {
		return err
	}
	projects, err := table.ReadAll(ctx, d.Table, table.Query{Table: table.Access, PK: projectRow(workspace, "").PK, Consistency: table.Consistent})
	if err != nil {
		return fmt.Errorf("reading the projects of a workspace: %w", err)
	}
	receipt := deletion.Key(workspace, ws.Deletion)
	purge := deletion.Purge{Table: d.Table, Receipt: receipt}
	for _, item := range projects {
		if err := purge.Add(ctx, item.Size(), table.Delete(item.Key, table.Exists())); err != nil {
			return err
		}
	}
	if err := purge.Flush(ctx); err != nil {
		return err
	}
	closed, err := deletion.Close(ctx, d.Table, receipt, d.now())
	if err != nil {
		return err
	}
	row := table.Update(workspaceRow(workspace), table.Attrs{closingAttr: string(Ended)}, asRead(ws)...)
	row.Remove = []string{"name", dueAttr, attemptsAttr}
	err = record.Change(ctx, tries, func() error {
		return d.Table.Transact(ctx, append(task.Move(ref(workspace), ws.Due, time.Time{}), row, closed))
	})
	if errors.Is(err, table.ErrCondition) {
		return deletion.ErrTwin
	}
	return wrap(err, "closing the receipt of a workspace")
}
