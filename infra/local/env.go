package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"griot/internal/access"
)

// env is the file that scripts can source: where the server is and a key for
// each of its first two workspaces. It is the only place of plaintext keys.
type env struct {
	base               string
	first, second      tenant
	projectA, projectB string
}

type tenant struct{ workspace, key string }

func (e env) String() string {
	return fmt.Sprintf("BASE=%s\nKEY=%s\nKEY2=%s\nPROJECT_A=%s\nPROJECT_B=%s\nWORKSPACE=%s\nWORKSPACE2=%s\n",
		e.base, e.first.key, e.second.key, e.projectA, e.projectB, e.first.workspace, e.second.workspace)
}

func envPath(data string) string { return filepath.Join(data, "env") }

// readEnv returns what an env file says; a missing one says nothing.
func readEnv(data string) (env, error) {
	f, err := os.Open(envPath(data))
	if os.IsNotExist(err) {
		return env{}, nil
	}
	if err != nil {
		return env{}, fmt.Errorf("reading the env file: %w", err)
	}
	defer f.Close()
	vars := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		vars[name] = value
	}
	return env{
		base:     vars["BASE"],
		first:    tenant{vars["WORKSPACE"], vars["KEY"]},
		second:   tenant{vars["WORKSPACE2"], vars["KEY2"]},
		projectA: vars["PROJECT_A"], projectB: vars["PROJECT_B"],
	}, nil
}

// write replaces the file at once, readable by its owner only.
func (e env) write(data string) error {
	tmp := envPath(data) + ".new"
	if err := os.WriteFile(tmp, []byte(e.String()), 0o600); err != nil {
		return fmt.Errorf("writing the env file: %w", err)
	}
	return os.Rename(tmp, envPath(data))
}

// furnish makes sure that there are two workspaces with a key each, the
// second with two projects. Keys of the last run are kept while they verify.
func furnish(ctx context.Context, dir *access.Directory, last env) (env, error) {
	e := last
	for i, t := range []*tenant{&e.first, &e.second} {
		if err := furnishTenant(ctx, dir, i, t); err != nil {
			return env{}, err
		}
	}
	var err error
	e.projectA, e.projectB, err = twoProjects(ctx, dir, e.second.workspace)
	return e, err
}

func furnishTenant(ctx context.Context, dir *access.Directory, i int, t *tenant) error {
	if p, err := dir.Verify(ctx, t.key); err == nil {
		t.workspace = p.Workspace
		return nil
	}
	workspace, err := nthWorkspace(ctx, dir, i)
	if err != nil {
		return err
	}
	t.workspace = workspace
	t.key, _, err = dir.CreateKey(ctx, workspace, access.KeyInput{Label: "local", Scopes: []access.Scope{access.All}})
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
		if _, err := dir.CreateProject(ctx, operator, "Second project", nil); err != nil {
			return "", "", err
		}
	}
}
