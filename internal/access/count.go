package access

import (
	"context"
	"log/slog"

	"griot/internal/audit"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
)

// keysAttr of a workspace's row is the most keys that it can have that are in
// force: those that were when they were counted last, and all that were made
// since. Who comes to the quota by it counts anew, so that those which were
// revoked or have expired in between, or were made before this was counted, are
// known.
const keysAttr = "keys"

// manyKeys is that count where it leaves no room for another key; 0: there is
// none yet.
type manyKeys int64

func (manyKeys) Error() string { return "access: the workspace may have no more keys" }

func (d *Directory) quotas() quota.Book { return quota.Book{Table: d.Table, Now: d.Now} }

// oneMore counts a key that is made, while no removal is under way that is waited
// for and there is room for it.
func (d *Directory) oneMore(workspace string, most int64) table.Op {
	gate := table.Update(workspaceRow(workspace), nil, append(d.calm(), table.Less(keysAttr, most))...)
	gate.Add = map[string]int64{keysAttr: 1}
	return gate
}

// calm holds while a key may be made.
func (d *Directory) calm() []table.Cond {
	return []table.Cond{table.Exists(), table.Missing(fellingAttr), table.MissingOrLess(leavingAttr, d.now().UnixMilli()+1)}
}

// makeRoom returns what counts a key that is made after so many were counted:
// where that leaves no room, by the keys that there are.
func (d *Directory) makeRoom(ctx context.Context, workspace string, counted, most int64) (table.Op, error) {
	if 0 < counted && counted < most {
		return d.oneMore(workspace, most), nil
	}
	n, err := d.CountKeys(ctx, workspace)
	if err == nil && n >= most {
		err = quota.Exceeded(quota.Keys, most)
	}
	as := table.Equal(keysAttr, counted)
	if counted == 0 {
		as = table.Missing(keysAttr)
	}
	return table.Update(workspaceRow(workspace), table.Attrs{keysAttr: n + 1}, append(d.calm(), as)...), err
}

// CountKeys returns how many keys of a workspace are in force.
func (d *Directory) CountKeys(ctx context.Context, workspace string) (n int64, err error) {
	keys, err := d.readKeys(ctx, workspace)
	for _, k := range notRevoked(keys) {
		if k.ExpiresAt.IsZero() || k.ExpiresAt.After(d.now()) {
			n++
		}
	}
	return n, err
}

// Quotas returns what a workspace may have at once, and has.
func (d *Directory) Quotas(ctx context.Context, workspace string) ([]quota.Use, error) {
	state, err := d.quotas().Usage(ctx, workspace)
	if err != nil {
		return nil, err
	}
	keys, err := d.CountKeys(ctx, workspace)
	return state.Uses(keys), err
}

// Counted is Quotas with keys as they are counted, of which there may be fewer.
func (d *Directory) Counted(ctx context.Context, workspace string) ([]quota.Use, error) {
	state, err := d.quotas().Usage(ctx, workspace)
	if err != nil {
		return nil, err
	}
	item, err := d.Table.Get(ctx, workspaceRow(workspace), table.Consistent)
	if err != nil {
		return nil, wrap(err, "reading how many keys are counted")
	}
	return state.Uses(item.Int(keysAttr)), nil
}

// RecountKeys has as many keys count as are in force, on the condition that
// none was made meanwhile.
func (d *Directory) RecountKeys(ctx context.Context, workspace string) error {
	err := record.Change(ctx, tries, func() error {
		item, err := d.Table.Get(ctx, workspaceRow(workspace), table.Consistent)
		if err != nil {
			return err
		}
		n, err := d.CountKeys(ctx, workspace)
		if err != nil {
			return err
		}
		counted, known := item.Attrs[keysAttr].(int64)
		as := table.Equal(keysAttr, counted)
		if !known {
			as = table.Missing(keysAttr)
		}
		_, err = d.Table.Write(ctx, table.Repeatable(table.Update(workspaceRow(workspace), table.Attrs{keysAttr: n}, table.Exists(), as)))
		return lost(err)
	})
	return wrap(err, "counting the keys")
}

// SetQuota says what a workspace may have of a thing, for the operator; nil is the
// default.
func (d *Directory) SetQuota(ctx context.Context, workspace string, n quota.Name, limit *int64) error {
	err := d.quotas().Set(ctx, workspace, n, limit)
	now := n.Default()
	if limit != nil {
		now = *limit
	}
	audit.Record(ctx, audit.Event{
		Action: "quota.changed", Workspace: workspace, Actor: Operator, Target: workspace,
		Details: []slog.Attr{slog.String("quota", string(n)), slog.Int64("limit", now), slog.Bool("default", limit == nil)},
	}, err)
	return err
}
