package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"griot/internal/errs"
	"griot/internal/table"
)

// keyRow is what Verify reads: ids, scopes, times and the hash of the secret.
// It is the one row whose partition does not begin with the workspace, which
// is not known before it is read.
func keyRow(keyID string) table.Key {
	return table.Key{Table: table.Access, PK: "key#" + keyID, SK: "key"}
}

// Verify returns whose key the bearer is, by one consistent read and without
// a cache, so that a revoked key is refused at once. Its errors do not tell a
// wrong secret from an unknown, revoked or expired key.
func (d *Directory) Verify(ctx context.Context, bearer string) (Principal, error) {
	if bearer == "" {
		return Principal{}, unauthenticated("missing_credentials", "an API key is required: Authorization: Bearer <key>")
	}
	keyID, secret, ok := parseCredential(bearer)
	if !ok {
		return Principal{}, invalidCredentials()
	}
	item, err := d.Table.Get(ctx, keyRow(keyID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Principal{}, invalidCredentials()
	}
	if err != nil {
		return Principal{}, fmt.Errorf("looking up the key: %w", err)
	}
	if subtle.ConstantTimeCompare(hashSecret(secret), item.Bytes("hash")) != 1 || !d.usable(item) {
		return Principal{}, invalidCredentials()
	}
	return Principal{Workspace: item.Str("workspace"), KeyID: keyID, Scopes: readScopes(item)}, nil
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
