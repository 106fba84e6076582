// Package access says who calls and what they may do: workspaces, projects,
// keys and scopes.
package access

import (
	"slices"
	"strings"
	"time"

	"griot/internal/errs"
)

// Scope is a permission of a key (contract A.6 and C).
type Scope string

const (
	SessionsRead       Scope = "sessions:read"
	SessionsWrite      Scope = "sessions:write"
	ConversationsRead  Scope = "conversations:read"
	ConversationsWrite Scope = "conversations:write"
	MemoriesRead       Scope = "memories:read"
	MemoriesWrite      Scope = "memories:write"
	APIKeysManage      Scope = "api_keys:manage"
	// All stands for every scope there is or will be; only operators grant it.
	All Scope = "*"
)

// Principal is a verified caller. Its workspace is part of every partition
// key that is read or written for it.
type Principal struct {
	Workspace string // ws_…
	KeyID     string // the part of the key before the dot, or Operator
	Scopes    []Scope
	ExpiresAt time.Time // of the key; zero: it does not expire
}

// Operator stands where a key's id would, for whoever runs griot.
const Operator = "operator"

// Require returns PermissionDenied naming the scopes when p has none of them.
func (p Principal) Require(scopes ...Scope) error {
	has := func(s Scope) bool { return slices.Contains(p.Scopes, s) }
	if has(All) || slices.ContainsFunc(scopes, has) {
		return nil
	}
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return errs.New(errs.PermissionDenied, "the key lacks the scope %s", strings.Join(names, " or "))
}
