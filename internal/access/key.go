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
	gate := d.oneMore(k.Workspace, most)
	err = record.Change(ctx, tries, func() error {
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
	items, err := d.queryAll(ctx, table.Query{
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
