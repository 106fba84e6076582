package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/errs"
	"griot/internal/idempotency"
)

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
