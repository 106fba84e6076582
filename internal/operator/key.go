package operator

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"griot/internal/access"
)

func createKey(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	input := access.KeyInput{Family: in.family, Label: in.label, Scopes: splitScopes(in.scopes)}
	if in.expires < 0 {
		return usageError("keys create: -expires must be positive")
	}
	if in.expires > 0 {
		input.ExpiresAt = in.dir.Now().Add(in.expires)
	}
	credential, key, err := in.dir.CreateKey(ctx, workspace, input)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(newKey{Key: credential, keyJSON: keyOf(key)})
	}
	in.printRows([][]string{
		{"key", credential}, {"id", key.ID}, {"workspace", key.Workspace}, {"label", key.Label},
		{"scopes", scopesOf(key)}, {"expires", timeOr(key.ExpiresAt, "never")},
	})
	fmt.Fprintln(in.out, "The key is not shown again.")
	return nil
}

func splitScopes(list string) []access.Scope {
	var scopes []access.Scope
	for _, s := range strings.Split(list, ",") {
		if s = strings.TrimSpace(s); s != "" {
			scopes = append(scopes, access.Scope(s))
		}
	}
	return scopes
}

func listKeys(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	keys, err := in.dir.ListKeys(ctx, workspace)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(each(keys, keyOf))
	}
	rows := [][]string{{"ID", "LABEL", "SCOPES", "CREATED", "BY", "LAST USED", "EXPIRES", "REVOKED"}}
	for _, k := range keys {
		rows = append(rows, []string{
			k.ID, k.Label, scopesOf(k), timeOr(k.CreatedAt, ""), cmp.Or(k.CreatedBy, "unknown"),
			timeOr(k.LastUsedAt, "never"), timeOr(k.ExpiresAt, "never"), timeOr(k.RevokedAt, "no"),
		})
	}
	return in.printRows(rows)
}

// revokeKey also takes the whole key: whoever has it before him need not cut
// it.
func revokeKey(ctx context.Context, in *invocation) error {
	keyID, _, _ := strings.Cut(in.args[0], ".")
	n, err := in.dir.RevokeKey(ctx, keyID, access.Descendants(in.descendants))
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(map[string]any{"id": keyID, "revoked": true, "descendants": n, "descendants_revoked": in.descendants})
	}
	fmt.Fprintln(in.out, "revoked", keyID)
	switch {
	case n > 0 && in.descendants:
		fmt.Fprintln(in.out, "and its descendants:", n)
	case n > 0:
		fmt.Fprintf(in.out, "It leaves %d descendants: again with -descendants revokes those.\n", n)
	}
	return nil
}

type keyJSON struct {
	ID          string         `json:"id"`
	WorkspaceID string         `json:"workspace_id"`
	Label       string         `json:"label"`
	Scopes      []access.Scope `json:"scopes"`
	CreatedAt   *time.Time     `json:"created_at"`
	CreatedBy   *string        `json:"created_by"`
	LastUsedAt  *time.Time     `json:"last_used_at"`
	ExpiresAt   *time.Time     `json:"expires_at"`
	RevokedAt   *time.Time     `json:"revoked_at"`
}

type newKey struct {
	Key string `json:"key"`
	keyJSON
}

func keyOf(k access.Key) keyJSON {
	out := keyJSON{
		ID: k.ID, WorkspaceID: k.Workspace, Label: k.Label, Scopes: k.Scopes,
		CreatedAt: orNull(k.CreatedAt), LastUsedAt: orNull(k.LastUsedAt),
		ExpiresAt: orNull(k.ExpiresAt), RevokedAt: orNull(k.RevokedAt),
	}
	if k.CreatedBy != "" {
		out.CreatedBy = &k.CreatedBy
	}
	return out
}

func scopesOf(k access.Key) string {
	return strings.Join(each(k.Scopes, func(s access.Scope) string { return string(s) }), ",")
}
