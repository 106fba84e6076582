// Package access says who calls and what they may do: workspaces, projects,
// keys and scopes.
package access

import (
	"slices"

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
	KeyID     string // the part of the key before the dot
	Scopes    []Scope
}

// Require returns PermissionDenied naming the scope when p does not have it.
func (p Principal) Require(s Scope) error {
	if slices.Contains(p.Scopes, s) || slices.Contains(p.Scopes, All) {
		return nil
	}
	return errs.New(errs.PermissionDenied, "the key lacks the scope %s", s)
}
