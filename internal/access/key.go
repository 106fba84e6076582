package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"griot/internal/audit"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Scopes are those that a key can have, beside [All].
var Scopes = []Scope{
	SessionsRead, SessionsWrite, ConversationsRead, ConversationsWrite,
	MemoriesRead, MemoriesWrite, APIKeysManage,
}

// Key describes a key without its secret. ExpiresAt and RevokedAt are zero
// when it does not expire and is not revoked.
type Key struct {
	ID        string // the credential up to the dot
	Workspace string
	Label     string
	Scopes    []Scope
	CreatedAt time.Time
	// CreatedBy is the key that made it or, once that is revoked, the one that
	// made that; or Operator. It is "" of keys that are older than this note.
	CreatedBy string
	ExpiresAt time.Time
	RevokedAt time.Time
	// LastUsedAt is the beginning of the hour of the last use; zero: never.
	LastUsedAt time.Time
}

// KeyInput says what key to make. Scopes must not be empty; Label may be, up
// to 100 characters; ExpiresAt may be zero: never.
type KeyInput struct {
	Family    string // one of Families; "" is DefaultFamily
	Label     string `json:"label" is:"seen line ..100"`
	Scopes    []Scope
	ExpiresAt time.Time
}

// mirrorRow lists a key with its workspace.
func mirrorRow(workspace, keyID string) table.Key {
	return table.Key{Table: table.Access, PK: workspace + "#keys", SK: keyID}
}

// CreateKey makes a key of a workspace and returns the credential that the
// client sends. Nobody can get it again: only its hash is stored.
func (d *Directory) CreateKey(ctx context.Context, workspace string, in KeyInput) (credential string, key Key, err error) {
	if in.Family == "" {
		in.Family = DefaultFamily
	}
	if err := in.check(d.now()); err != nil {
		return "", Key{}, err
	}
	issued := d.newKey(workspace, Operator, in)
	if err := d.putKey(ctx, issued, nil); err != nil {
		return "", Key{}, err
	}
	return issued.Credential, issued.Key, nil
}

func (d *Directory) newKey(workspace, maker string, in KeyInput) IssuedKey {
	keyID, secret := newCredential(in.Family)
	return IssuedKey{Credential: keyID + "." + secret, Key: Key{
		ID: keyID, Workspace: workspace, Label: in.Label, Scopes: distinct(in.Scopes),
		CreatedAt: d.now(), CreatedBy: maker, ExpiresAt: in.ExpiresAt.UTC().Truncate(time.Millisecond),
	}}
}

// distinct are the scopes in their order, each once: a list may name one as
// often as it likes, and a row holds only so much.
func distinct(scopes []Scope) []Scope {
	var out []Scope
	for _, s := range scopes {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (in KeyInput) check(now time.Time) error {
	if !slices.Contains(Families, in.Family) {
		return errs.Invalid("family", "invalid", "must be one of %s", strings.Join(Families, ", "))
	}
	if len(in.Scopes) == 0 {
		return errs.Invalid("scopes", "required", "must name at least one scope")
	}
	for _, s := range in.Scopes {
		if s != All && !slices.Contains(Scopes, s) {
			return errs.Invalid("scopes", "invalid", "has the unknown scope %q; there are: %s", s, writeScopes(Scopes))
		}
	}
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(now) {
		return errs.Invalid("expires_at", "invalid", "must be in the future")
	}
	return schema.Check(in)
}

// putKey writes a key, and with it the answer that the claim has for it, unless
// its maker was revoked since it called.
func (d *Directory) putKey(ctx context.Context, k IssuedKey, claim *idempotency.Claim) error {
	claimed, err := claim.Ops(k, keyRow(k.ID))
	if err != nil {
		return err
	}
	_, secret, _ := strings.Cut(k.Credential, ".")
	attrs := table.Attrs{"scopes": writeScopes(k.Scopes)}
	if !k.ExpiresAt.IsZero() {
		attrs["expires"] = k.ExpiresAt.UnixMilli()
	}
	row := table.Put(keyRow(k.ID), attrs, table.Absent())
	row.Attrs["hash"], row.Attrs["workspace"] = hashSecret(secret), k.Workspace
	mirror := table.Put(mirrorRow(k.Workspace, k.ID), attrs)
	mirror.Attrs["label"], mirror.Attrs["created"], mirror.Attrs["by"] = k.Label, k.CreatedAt.UnixMilli(), k.CreatedBy
	ops := append([]table.Op{row, mirror}, claimed...)
	if k.CreatedBy != Operator {
		ops = append(ops, table.Check(keyRow(k.CreatedBy), table.Exists(), table.Missing("revoked")))
	}
	most, err := d.quotas().Limit(ctx, k.Workspace, quota.Keys)
	if err != nil {
		return err
	}
	gate, again := d.oneMore(k.Workspace, most), false
	err = record.Change(ctx, tries, func() error {
		if again {
			if err := d.awaitRemoval(ctx, k.Workspace); err != nil {
				return err
			}
		}
		again = true
		err := d.addKey(ctx, k.Workspace, gate, ops)
		if counted, many := errors.AsType[manyKeys](err); many {
			if gate, err = d.makeRoom(ctx, k.Workspace, int64(counted), most); err == nil {
				err = record.ErrStale
			}
		}
		return err
	})
	details := []slog.Attr{slog.String("scopes", writeScopes(k.Scopes))}
	if !k.ExpiresAt.IsZero() {
		details = append(details, slog.Time("expires", k.ExpiresAt))
	}
	audit.Record(ctx, audit.Event{
		Action: "key.created", Workspace: k.Workspace, Actor: k.CreatedBy, Target: k.ID, Details: details,
	}, err)
	if failed := table.Failed(err); failed != nil && failed.Old.Key == keyRow(k.CreatedBy) {
		return invalidCredentials()
	}
	return wrap(err, "writing the key")
}

// ListKeys returns the keys of a workspace, oldest first, also those that are
// revoked or expired.
func (d *Directory) ListKeys(ctx context.Context, workspace string) ([]Key, error) {
	keys, err := d.readKeys(ctx, workspace)
	if err != nil {
		return nil, err
	}
	adopt(keys)
	return keys, wrap(d.readUses(ctx, keys), "reading when keys were used")
}

// readKeys returns the keys of a workspace as their rows have them, without
// the times of use.
func (d *Directory) readKeys(ctx context.Context, workspace string) ([]Key, error) {
	items, err := table.ReadAll(ctx, d.Table, table.Query{
		Table: table.Access, PK: mirrorRow(workspace, "").PK, Consistency: table.Consistent,
	})
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	keys := make([]Key, len(items))
	for i, item := range items {
		keys[i] = readKey(workspace, item)
	}
	slices.SortStableFunc(keys, func(a, b Key) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return keys, nil
}

func readKey(workspace string, item table.Item) Key {
	return Key{
		ID: item.SK, Workspace: workspace, Label: item.Str("label"), Scopes: readScopes(item),
		CreatedAt: item.Time("created"), CreatedBy: item.Str("by"), ExpiresAt: item.Time("expires"), RevokedAt: item.Time("revoked"),
	}
}

func noKey() error { return errs.New(errs.NotFound, "there is no such key") }

// Level is a coarse scope of the conversations API (contract C).
type Level string

// Values returns the levels.
func (Level) Values() []string { return []string{"read", "write", "admin"} }

// Scopes returns what it stands for; of another word that is nothing.
func (l Level) Scopes() (scopes []Scope) {
	for _, s := range Scopes {
		reads := strings.HasSuffix(string(s), ":read")
		writes := strings.HasSuffix(string(s), ":write")
		if l == "admin" || reads && (l == "read" || l == "write") || writes && l == "write" {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// IssuedKey is a new key with what its client sends.
type IssuedKey struct {
	Key
	Credential string
}

// IssueKey makes a key for a caller's workspace. With nil for scopes it has
// the caller's; it never has more. An empty list is refused: all would be more
// than was asked for. Nor does it outlive the caller's key: without a time it
// expires when that does.
func (d *Directory) IssueKey(ctx context.Context, p Principal, in KeyInput, claim *idempotency.Claim) (IssuedKey, error) {
	if err := p.Require(APIKeysManage); err != nil {
		return IssuedKey{}, err
	}
	in.Family = DefaultFamily
	if in.Scopes == nil {
		in.Scopes = p.granted()
	}
	for _, s := range in.Scopes {
		if err := p.Require(s); err != nil {
			return IssuedKey{}, err
		}
	}
	if err := p.limitExpiry(&in.ExpiresAt, d.now()); err != nil {
		return IssuedKey{}, err
	}
	if err := in.check(d.now()); err != nil {
		return IssuedKey{}, err
	}
	key := d.newKey(p.Workspace, p.KeyID, in)
	if err := d.putKey(ctx, key, claim); err != nil {
		return IssuedKey{}, err
	}
	return key, nil
}

func (p Principal) limitExpiry(at *time.Time, now time.Time) error {
	switch {
	case at.IsZero():
		*at = p.ExpiresAt
	case !at.After(now):
		return errs.Invalid("expiresAt", "invalid", "must be in the future")
	case !p.ExpiresAt.IsZero() && at.After(p.ExpiresAt):
		return errs.Invalid("expiresAt", "too_late", "must not be later than %s, when the key expires that makes this one",
			p.ExpiresAt.Format(time.RFC3339Nano))
	}
	return nil
}

// granted are the scopes that p has one by one: All is for operators to grant.
func (p Principal) granted() []Scope {
	if slices.Contains(p.Scopes, All) {
		return Scopes
	}
	return p.Scopes
}

// Keys returns the keys of a caller's workspace that are not revoked, oldest
// first. That of the caller is in use, whether or not that is noted yet.
func (d *Directory) Keys(ctx context.Context, p Principal) ([]Key, error) {
	if err := p.Require(APIKeysManage); err != nil {
		return nil, err
	}
	keys, err := d.readKeys(ctx, p.Workspace)
	if err != nil {
		return nil, err
	}
	adopt(keys)
	keys = notRevoked(keys)
	if err := d.readUses(ctx, keys); err != nil {
		return nil, fmt.Errorf("reading when keys were used: %w", err)
	}
	for i := range keys {
		if keys[i].ID == p.KeyID {
			keys[i].LastUsedAt = d.now().Truncate(time.Hour)
		}
	}
	return keys, nil
}

// In this file CreatedBy is who made a key, as its row says. Rows of keys are
// never removed, so that the tree of who made whom stands for ever; whose a key
// is, once its maker is gone, is read from it.

// adopt replaces makers that are revoked by theirs.
func adopt(keys []Key) {
	revoked := map[string]string{} // its maker by a revoked key
	for _, k := range keys {
		if !k.RevokedAt.IsZero() {
			revoked[k.ID] = k.CreatedBy
		}
	}
	for i := range keys {
		maker := keys[i].CreatedBy
		for gone := true; gone; { // a maker is older than what it makes: this ends
			var next string
			if next, gone = revoked[maker]; gone {
				maker = next
			}
		}
		keys[i].CreatedBy = maker
	}
}

// descendants returns the keys that a key made, and those that they made, and
// so on, makers first.
func descendants(keys []Key, keyID string) []Key {
	made := map[string][]Key{}
	for _, k := range keys {
		made[k.CreatedBy] = append(made[k.CreatedBy], k)
	}
	all := append([]Key(nil), made[keyID]...)
	for i := 0; i < len(all); i++ {
		all = append(all, made[all[i].ID]...)
	}
	return all
}

func notRevoked(keys []Key) (left []Key) {
	for _, k := range keys {
		if k.RevokedAt.IsZero() {
			left = append(left, k)
		}
	}
	return left
}

// manages reports whether a key can make and delete keys now.
func (k Key) manages(now time.Time) bool {
	alive := k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
	return alive && Principal{Scopes: k.Scopes}.Require(APIKeysManage) == nil
}

// heir returns, of the keys that manage keys, the one that does so for longest
// and is not leaving; ok is false when there is none.
func heir(keys, leaving []Key, now time.Time) (found Key, ok bool) {
	goes := map[string]bool{}
	for _, k := range leaving {
		goes[k.ID] = true
	}
	for _, k := range keys {
		if !goes[k.ID] && k.manages(now) && (!ok || outlives(k, found)) {
			found, ok = k, true
		}
	}
	return found, ok
}

func outlives(a, b Key) bool {
	return !b.ExpiresAt.IsZero() && (a.ExpiresAt.IsZero() || a.ExpiresAt.After(b.ExpiresAt))
}

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
	return []table.Cond{table.Exists(), table.Missing(closingAttr), table.Missing(fellingAttr), table.MissingOrLess(leavingAttr, d.now().UnixMilli()+1)}
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
