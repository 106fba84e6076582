package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"griot/internal/errs"
	"griot/internal/table"
)

// keyRow is what Verify reads: ids, scopes, times and the hash of the secret.
// It is the one row whose partition does not begin with the workspace, which
// is not known before it is read.
func keyRow(keyID string) table.Key {
	return table.Key{Table: table.Access, PK: "key#" + keyID, SK: "key"}
}

// Admit is Verify for a request: it also notes that the key is used. It does
// not wait for the note; see [Directory.Settle].
func (d *Directory) Admit(ctx context.Context, bearer string) (Principal, error) {
	p, used, err := d.verify(ctx, bearer)
	if err == nil {
		d.noteUse(ctx, p.KeyID, used)
	}
	return p, err
}

// Verify returns whose key the bearer is, by one consistent read and without
// a cache, so that a revoked key is refused at once. Its errors do not tell a
// wrong secret from an unknown, revoked or expired key.
func (d *Directory) Verify(ctx context.Context, bearer string) (Principal, error) {
	p, _, err := d.verify(ctx, bearer)
	return p, err
}

func (d *Directory) verify(ctx context.Context, bearer string) (p Principal, used time.Time, err error) {
	if bearer == "" {
		return Principal{}, used, unauthenticated("missing_credentials", "an API key is required: Authorization: Bearer <key>")
	}
	keyID, secret, ok := parseCredential(bearer)
	if !ok {
		return Principal{}, used, invalidCredentials()
	}
	item, err := d.Table.Get(ctx, keyRow(keyID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Principal{}, used, invalidCredentials()
	}
	if err != nil {
		return Principal{}, used, fmt.Errorf("looking up the key: %w", err)
	}
	if subtle.ConstantTimeCompare(hashSecret(secret), item.Bytes("hash")) != 1 || !d.usable(item) {
		return Principal{}, used, invalidCredentials()
	}
	p = Principal{Workspace: item.Str("workspace"), KeyID: keyID, Scopes: readScopes(item), ExpiresAt: item.Time("expires")}
	return p, item.Time(usedAttr), nil
}

func (d *Directory) usable(item table.Item) bool {
	expires := item.Time("expires")
	return item.Time("revoked").IsZero() && (expires.IsZero() || d.now().Before(expires))
}

func invalidCredentials() error {
	return unauthenticated("invalid_credentials", "the API key is unknown, revoked or expired")
}

func unauthenticated(code, message string) error {
	return &errs.Error{Kind: errs.Unauthenticated, Code: code, Message: message}
}

// Scopes are stored as one string, separated by blanks.
func readScopes(item table.Item) []Scope {
	var scopes []Scope
	for s := range strings.FieldsSeq(item.Str("scopes")) {
		scopes = append(scopes, Scope(s))
	}
	return scopes
}

func writeScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}
