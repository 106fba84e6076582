package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/table"
)

// Levels are the coarse scopes of the conversations API (contract C).
var Levels = []string{"read", "write", "admin"}

// Level returns what a coarse scope stands for; ok is false for other words.
func Level(name string) (scopes []Scope, ok bool) {
	for _, s := range Scopes {
		reads := strings.HasSuffix(string(s), ":read")
		writes := strings.HasSuffix(string(s), ":write")
		if name == "admin" || reads && name != "admin" || writes && name == "write" {
			scopes = append(scopes, s)
		}
	}
	return scopes, slices.Contains(Levels, name)
}

// IssuedKey is a new key with what its client sends.
type IssuedKey struct {
	Key
	Credential string
}

// IssueKey makes a key for a caller's workspace. With nil for scopes it has
// the caller's; it never has more. An empty list is refused: all would be more
// than was asked for.
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
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(d.now()) {
		return IssuedKey{}, errs.Invalid("expiresAt", "invalid", "must be in the future")
	}
	if err := in.check(d.now()); err != nil {
		return IssuedKey{}, err
	}
	key := d.newKey(p.Workspace, in)
	if err := d.putKey(ctx, key, claim); err != nil {
		return IssuedKey{}, err
	}
	return key, nil
}

// granted are the scopes that p has one by one: All is for operators to grant.
func (p Principal) granted() []Scope {
	if slices.Contains(p.Scopes, All) {
		return Scopes
	}
	return p.Scopes
}

// Keys returns the keys of a caller's workspace that are not revoked, oldest
// first.
func (d *Directory) Keys(ctx context.Context, p Principal) ([]Key, error) {
	if err := p.Require(APIKeysManage); err != nil {
		return nil, err
	}
	keys, err := d.ListKeys(ctx, p.Workspace)
	return slices.DeleteFunc(keys, func(k Key) bool { return !k.RevokedAt.IsZero() }), err
}

// DeleteKey revokes a key of the caller's workspace. One that was revoked is
// as unknown as one that never was.
func (d *Directory) DeleteKey(ctx context.Context, p Principal, keyID string) error {
	if err := p.Require(APIKeysManage); err != nil {
		return err
	}
	if !validKeyID(keyID) {
		return noKey()
	}
	item, err := d.Table.Get(ctx, keyRow(keyID), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("looking up the key: %w", err)
	}
	if err != nil || item.Str("workspace") != p.Workspace || item.Int("revoked") != 0 {
		return noKey()
	}
	err = d.revoke(ctx, p.Workspace, keyID)
	if errors.Is(err, table.ErrCondition) {
		return noKey() // somebody was faster
	}
	return wrap(err, "revoking the key")
}
