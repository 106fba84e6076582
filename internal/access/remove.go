package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"griot/internal/audit"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/table"
)

// fellingAttr of a workspace's row names the key whose descendants are being
// removed, and fellerAttr who does that. While the first is there no key of the
// workspace is made or deleted, so that a key which has leaked does not make keys
// faster than they are removed. Who wants to delete one finishes the removal first.
//
// leavingAttr is until when, in milliseconds, those who make keys wait for a
// removal: they neither meet it in the row nor in the keys that go. From then on
// it has broken off, and whoever makes a key carries it on. A removal that met
// others says so before it has a transaction of its own.
const fellingAttr, fellerAttr, leavingAttr = "felling", "feller", "leaving"

// leavingFor is how long a removal is waited for: longer than a request lasts,
// on AWS.
const leavingFor = 20 * time.Second

// announceTries of the write by which a removal has others wait, each some five
// milliseconds after the one before: with pauses that grow it came between makers
// who are never done too seldom.
const announceTries = 400

// removalTries of the transaction that begins a removal: those who make keys
// wait after the first, or have one more try under way each.
const removalTries = 25

// felled is how many keys one transaction of a removal revokes: each is two
// rows and, if it was made with an Idempotency-Key, two more.
const felled = table.MaxTransactItems / 4

// Descendants says what becomes of the keys that come from one which is deleted.
type Descendants bool

const (
	DescendantsStay Descendants = false
	DescendantsGo   Descendants = true
)

// DeleteKey revokes a key of the caller's workspace. The keys that it made stay,
// as those of its own maker, unless they are to go too; how many there are, of
// all generations, is the first result. A key that was revoked is as unknown as
// one that never was, unless it left descendants which are to go now. The last
// key that manages keys stays.
func (d *Directory) DeleteKey(ctx context.Context, p Principal, keyID string, then Descendants) (int, error) {
	if err := p.Require(APIKeysManage); err != nil {
		return 0, err
	}
	r := removal{Directory: d, actor: p.KeyID, workspace: p.Workspace, key: keyID, tree: then == DescendantsGo, keepLast: true}
	return r.run(ctx)
}

// RevokeKey is DeleteKey for operators: of any workspace, and also the last key.
// Revoking it again changes nothing.
func (d *Directory) RevokeKey(ctx context.Context, keyID string, then Descendants) (int, error) {
	if !validKeyID(keyID) {
		return 0, noKey()
	}
	item, err := d.Table.Get(ctx, keyRow(keyID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return 0, noKey()
	}
	if err != nil {
		return 0, fmt.Errorf("looking up the key: %w", err)
	}
	r := removal{Directory: d, actor: Operator, workspace: item.Str("workspace"), key: keyID, tree: then == DescendantsGo}
	n, err := r.run(ctx)
	if errs.Is(err, errs.NotFound) {
		return 0, nil // revoked before
	}
	return n, err
}

// removal is a key that goes, with its descendants or without them.
type removal struct {
	*Directory
	actor          string
	workspace, key string
	tree           bool
	keepLast       bool

	found       bool // something to revoke
	first       bool // the key itself was not revoked before
	descendants int  // those that were not revoked before
	met         bool // others, in the first transaction
}

// gate is what the removal writes, or checks, of the workspace's row.
func (r *removal) gate() table.Op {
	op := quietly(r.workspace)
	switch {
	case r.tree:
		op = table.Update(op.Key, table.Attrs{fellingAttr: r.key, fellerAttr: r.actor, leavingAttr: r.leaving()}, op.If...)
	case r.met:
		op = table.Update(op.Key, nil, op.If...)
		op.Remove = []string{leavingAttr}
	}
	return op
}

func (d *Directory) leaving() int64 { return d.now().Add(leavingFor).UnixMilli() }

// announce has those who make keys wait.
func (r *removal) announce(ctx context.Context) error {
	r.met = true
	op := table.Update(workspaceRow(r.workspace), table.Attrs{leavingAttr: r.leaving()}, table.Exists(), table.Missing(fellingAttr))
	var err error
	for range announceTries {
		if _, err = r.Table.Write(ctx, table.Repeatable(op)); !table.Retryable(err) {
			break
		}
		if err := table.Pause(ctx, 0); err != nil {
			return err
		}
	}
	if table.Failed(err) != nil {
		return nil // there is another removal, or no workspace: the transaction will see
	}
	return err
}

func (r *removal) run(ctx context.Context) (int, error) {
	var ops []table.Op // as long as nothing that they rest on has changed
	err := record.Change(ctx, removalTries, func() (err error) {
		if ops == nil {
			if ops, err = r.plan(ctx); err != nil {
				return err
			}
		}
		err = r.changeKeys(ctx, r.workspace, r.gate(), ops)
		if !table.Retryable(err) {
			ops = nil
		}
		if errors.Is(err, table.ErrConflict) && !r.met {
			if failed := r.announce(ctx); failed != nil {
				return failed
			}
		}
		return lost(err)
	})
	if r.first {
		audit.Record(ctx, audit.Event{
			Action: "key.deleted", Workspace: r.workspace, Actor: r.actor, Target: r.key,
			Details: []slog.Attr{slog.Int("descendants", r.descendants), slog.Bool("with_descendants", r.tree)},
		}, err)
	}
	if r.tree && r.found && errs.Is(err, errs.NotFound) {
		err = nil // the rest of a removal that had broken off
	}
	if err == nil && r.tree {
		err = r.fell(ctx, r.workspace, r.key, r.actor)
	}
	return r.descendants, wrap(err, "revoking the key")
}

// plan returns what revokes the key itself.
func (r *removal) plan(ctx context.Context) ([]table.Op, error) {
	keys, err := r.readKeys(ctx, r.workspace)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == r.key })
	if i < 0 {
		return nil, noKey()
	}
	left := notRevoked(descendants(keys, r.key))
	r.descendants = max(r.descendants, len(left))
	leaving := notRevoked(keys[i : i+1])
	r.first = len(leaving) > 0
	ops, err := r.revokeOps(ctx, r.workspace, leaving)
	if err != nil {
		return nil, err
	}
	if r.tree {
		leaving = append(leaving, left...)
	}
	if len(leaving) == 0 {
		return nil, noKey()
	}
	r.found = true
	if !r.keepLast || !slices.ContainsFunc(leaving, func(k Key) bool { return k.manages(r.now()) }) {
		return ops, nil
	}
	stays, ok := heir(keys, leaving, r.now())
	if !ok {
		return nil, errLastKey(len(leaving))
	}
	return append(ops, table.Check(keyRow(stays.ID), table.Missing("revoked"))), nil
}

func errLastKey(leaving int) error {
	what := "no other key has"
	if leaving > 1 {
		what = "no key but this and its descendants has"
	}
	return errs.New(errs.Conflict, "%s the scope %s: make one first, or have the operator revoke it", what, APIKeysManage)
}

// quietly holds while no removal of descendants is under way.
func quietly(workspace string) table.Op {
	return table.Check(workspaceRow(workspace), table.Exists(), table.Missing(fellingAttr))
}

// awaitRemoval returns [record.ErrStale] while keys wait for a removal. It only
// reads: a transaction that is refused for that may itself be what the removal meets.
func (d *Directory) awaitRemoval(ctx context.Context, workspace string) error {
	item, err := d.Table.Get(ctx, workspaceRow(workspace), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("looking for a removal of keys: %w", err)
	}
	if until, known := item.Attrs[leavingAttr].(int64); known && d.now().UnixMilli() < until {
		return record.ErrStale
	}
	return nil
}

// addKey is changeKeys that waits for a removal which is under way, as long as
// that may be at work.
func (d *Directory) addKey(ctx context.Context, workspace string, gate table.Op, ops []table.Op) error {
	err := d.Table.Transact(ctx, append([]table.Op{gate}, ops...))
	failed := table.Failed(err)
	if failed == nil || failed.Index != 0 || !failed.Old.Found() {
		return d.gateClosed(ctx, workspace, err)
	}
	until, known := failed.Old.Attrs[leavingAttr].(int64)
	if known && d.now().UnixMilli() < until {
		return record.ErrStale
	}
	if failed.Old.Str(fellingAttr) == "" || !known {
		return d.gateClosed(ctx, workspace, err)
	}
	// It has broken off. One of those who wait carries it on.
	_, taken := d.Table.Write(ctx, table.Update(workspaceRow(workspace), table.Attrs{leavingAttr: d.leaving()},
		table.Equal(leavingAttr, until), table.Equal(fellingAttr, failed.Old.Str(fellingAttr))))
	if taken != nil {
		return lost(taken)
	}
	return d.gateClosed(ctx, workspace, err)
}

// changeKeys writes operations in one transaction with a gate of the workspace's
// row. A removal that is under way is finished, and then nothing was written:
// ErrLost.
func (d *Directory) changeKeys(ctx context.Context, workspace string, gate table.Op, ops []table.Op) error {
	return d.gateClosed(ctx, workspace, d.Table.Transact(ctx, append([]table.Op{gate}, ops...)))
}

// gateClosed is what the outcome of a transaction means whose first operation is
// a gate of the workspace's row; see changeKeys.
func (d *Directory) gateClosed(ctx context.Context, workspace string, err error) error {
	failed := table.Failed(err)
	if failed == nil || failed.Index != 0 {
		return err
	}
	switch root := failed.Old.Str(fellingAttr); {
	case !failed.Old.Found():
		return noWorkspace()
	case failed.Old.Str(closingAttr) != "":
		return ErrClosing()
	case root == "":
		return manyKeys(failed.Old.Int(keysAttr))
	}
	if err := d.fell(ctx, workspace, failed.Old.Str(fellingAttr), failed.Old.Str(fellerAttr)); err != nil {
		return err
	}
	return record.ErrStale
}

// fell revokes what descends from a key, and opens the gate. It may be called
// by several at once, and again: who meets another one reads again what is left,
// which can only have become less.
func (d *Directory) fell(ctx context.Context, workspace, root, actor string) error {
	for {
		before, left := -1, 0
		err := record.Change(ctx, tries, func() (err error) {
			left, err = d.tryFell(ctx, workspace, root, actor)
			if before < 0 {
				before = left
			}
			return err
		})
		if !errs.Is(err, errs.Unavailable) || left == 0 || left >= before {
			return wrap(err, "revoking the descendants of a key")
		}
	}
}

// tryFell returns how many keys were left when it began.
func (d *Directory) tryFell(ctx context.Context, workspace, root, actor string) (left int, err error) {
	keys, err := d.readKeys(ctx, workspace)
	if err != nil {
		return 0, err
	}
	leaving := notRevoked(descendants(keys, root))
	for part := range slices.Chunk(leaving, felled) {
		ops, err := d.revokeOps(ctx, workspace, part)
		if err != nil {
			return 0, err
		}
		err = d.Table.Transact(ctx, ops)
		for _, k := range part {
			audit.Record(ctx, audit.Event{
				Action: "key.deleted", Workspace: workspace, Actor: actor, Target: k.ID,
				Details: []slog.Attr{slog.String("with", root)},
			}, err)
		}
		if err != nil {
			return len(leaving), lost(err)
		}
	}
	open := table.Update(workspaceRow(workspace), nil, table.Equal(fellingAttr, root))
	open.Remove = []string{fellingAttr, fellerAttr, leavingAttr}
	if _, err = d.Table.Write(ctx, table.Repeatable(open)); table.Failed(err) != nil {
		return 0, nil // somebody was faster
	}
	return len(leaving), err
}

// revokeOps revoke keys that were not revoked when they were read. Their rows
// stay; the stored answers to the requests that made them go.
func (d *Directory) revokeOps(ctx context.Context, workspace string, keys []Key) ([]table.Op, error) {
	revoked := table.Attrs{"revoked": d.now().UnixMilli()}
	var ops []table.Op
	for _, k := range keys {
		row := keyRow(k.ID)
		ops = append(ops, table.Update(row, revoked, table.Missing("revoked")), table.Update(mirrorRow(workspace, k.ID), revoked))
		rest, err := table.ReadAll(ctx, d.Table, table.Query{Table: row.Table, PK: row.PK, Consistency: table.Consistent})
		if err != nil {
			return nil, fmt.Errorf("looking for stored answers: %w", err)
		}
		for _, item := range rest {
			if record, ok := idempotency.Records(workspace, item.Key); ok {
				ops = append(ops, table.Delete(record), table.Delete(item.Key))
			}
		}
	}
	return ops, nil
}

// lost makes a key that was changed since it was read a reason to read again.
func lost(err error) error {
	if errors.Is(err, table.ErrCondition) {
		return record.ErrStale
	}
	return err
}
