// Package tenancy makes what a newcomer needs, two workspaces with a key each,
// and keeps it in a file that scripts can source. Both hosts write it.
package tenancy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"griot/internal/access"
)

// Env is the file that scripts can source: where the server is and a key for
// each of its first two workspaces. It is the only place of plaintext keys.
type Env struct {
	Base               string
	First, Second      Tenant
	ProjectA, ProjectB string // of the second
}

// Tenant is a workspace and a key of it that may do everything.
type Tenant struct{ Workspace, Key string }

// String is the text of the file.
func (e Env) String() string {
	return fmt.Sprintf("BASE=%s\nKEY=%s\nKEY2=%s\nPROJECT_A=%s\nPROJECT_B=%s\nWORKSPACE=%s\nWORKSPACE2=%s\n",
		e.Base, e.First.Key, e.Second.Key, e.ProjectA, e.ProjectB, e.First.Workspace, e.Second.Workspace)
}

// Path is where the file is in a data directory.
func Path(data string) string { return filepath.Join(data, "env") }

// Read returns what an env file says; a missing one says nothing.
func Read(data string) (Env, error) {
	f, err := os.Open(Path(data))
	if os.IsNotExist(err) {
		return Env{}, nil
	}
	if err != nil {
		return Env{}, fmt.Errorf("reading the env file: %w", err)
	}
	defer f.Close()
	vars := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		vars[name] = value
	}
	return Env{
		Base:     vars["BASE"],
		First:    Tenant{vars["WORKSPACE"], vars["KEY"]},
		Second:   Tenant{vars["WORKSPACE2"], vars["KEY2"]},
		ProjectA: vars["PROJECT_A"], ProjectB: vars["PROJECT_B"],
	}, nil
}

// Write replaces the file at once, readable by its owner only. Where a full
// disk has no room for a second one, it is written over.
func (e Env) Write(data string) error {
	tmp := Path(data) + ".new"
	err := os.WriteFile(tmp, []byte(e.String()), 0o600)
	if err == nil {
		return os.Rename(tmp, Path(data))
	}
	_ = os.Remove(tmp) // an empty one, or none
	if e.writeOver(Path(data)) == nil {
		return nil
	}
	return fmt.Errorf("writing the env file: %w", err)
}

// writeOver puts the text where an older one is.
func (e Env) writeOver(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	text := e.String()
	_, err = f.WriteAt([]byte(text), 0)
	if err == nil {
		err = f.Truncate(int64(len(text)))
	}
	return errors.Join(err, f.Close())
}

// Furnish makes sure that there are two workspaces with a key each, the
// second with two projects. Keys of the last run are kept while they verify.
func Furnish(ctx context.Context, dir *access.Directory, last Env) (Env, error) {
	e := last
	for i, t := range []*Tenant{&e.First, &e.Second} {
		if err := furnishTenant(ctx, dir, i, t); err != nil {
			return Env{}, err
		}
	}
	var err error
	e.ProjectA, e.ProjectB, err = twoProjects(ctx, dir, e.Second.Workspace)
	return e, err
}

func furnishTenant(ctx context.Context, dir *access.Directory, i int, t *Tenant) error {
	if p, err := dir.Verify(ctx, t.Key); err == nil {
		t.Workspace = p.Workspace
		return nil
	}
	workspace, err := nthWorkspace(ctx, dir, i)
	if err != nil {
		return err
	}
	t.Workspace = workspace
	t.Key, _, err = dir.CreateKey(ctx, workspace, access.KeyInput{Label: "local", Scopes: []access.Scope{access.All}})
	return err
}

// nthWorkspace returns the i-th workspace in order of creation, and makes it
// when there are fewer.
func nthWorkspace(ctx context.Context, dir *access.Directory, i int) (string, error) {
	all, err := dir.ListWorkspaces(ctx)
	if err != nil || i < len(all) {
		return firstID(all, i), err
	}
	made, _, err := dir.CreateWorkspace(ctx, fmt.Sprintf("Workspace %d", i+1))
	return made.ID, err
}

func firstID(all []access.Workspace, i int) string {
	if i < len(all) {
		return all[i].ID
	}
	return ""
}

// twoProjects returns the two oldest projects of a workspace, and makes what
// is missing.
func twoProjects(ctx context.Context, dir *access.Directory, workspace string) (a, b string, err error) {
	operator := access.Principal{Workspace: workspace, Scopes: []access.Scope{access.All}}
	for {
		projects, _, err := dir.ListProjects(ctx, operator, "", 200)
		if err != nil {
			return "", "", err
		}
		if n := len(projects); n >= 2 { // newest first
			return projects[n-1].ID, projects[n-2].ID, nil
		}
		if _, err := dir.CreateProject(ctx, operator, access.ProjectInput{Name: "Second project"}, nil); err != nil {
			return "", "", err
		}
	}
}
