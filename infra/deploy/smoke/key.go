package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"griot/internal/operator"
)

// workspace is where all of this happens. It stays, empty, since workspaces
// cannot be removed; the next run finds it.
const workspace = "griot smoke test"

// keyLife is for a run that is killed before it revokes its key.
const keyLife = "1h"

func (r *run) health(ctx context.Context) (string, error) {
	var seen struct{ Status, Version string }
	begun := time.Now()
	if _, err := r.client.call(ctx, http.MethodGet, "/health", nil, http.StatusOK, &seen); err != nil {
		return "", err
	}
	first := time.Since(begun)
	begun = time.Now()
	if _, err := r.client.call(ctx, http.MethodGet, "/livez", nil, http.StatusOK, nil); err != nil {
		return "", err
	}
	if want := r.target.Version; want != "" && seen.Version != want {
		return "", fmt.Errorf("the version is %q, not %q", seen.Version, want)
	}
	return fmt.Sprintf("%s, version %s; first answer in %v, another in %v",
		seen.Status, seen.Version, first.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond)), nil
}

// command runs one of the operator's and decodes what it prints.
func (r *run) command(ctx context.Context, out any, args ...string) error {
	var printed bytes.Buffer
	if err := operator.Run(ctx, r.target.Desk, append(args, "-json"), &printed); err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(printed.Bytes(), out)
}

// firstKey makes a key as an operator does who has none yet.
func (r *run) firstKey(ctx context.Context) (string, error) {
	if err := r.furnish(ctx); err != nil {
		return "", err
	}
	var made struct{ Key, ID string }
	if err := r.command(ctx, &made, "keys", "create", "-workspace", r.workspace, "-label", "smoke test", "-expires", keyLife); err != nil {
		return "", err
	}
	r.client.key, r.keyID = made.Key, made.ID
	var projects struct{ Data []struct{ ID string } }
	if _, err := r.client.call(ctx, http.MethodGet, "/v1/projects", nil, http.StatusOK, &projects); err != nil {
		return "", err
	}
	if len(projects.Data) == 0 {
		return "", fmt.Errorf("the workspace %s has no project", r.workspace)
	}
	r.project = projects.Data[0].ID
	if _, err := r.client.call(ctx, http.MethodGet, "/api/users/me", nil, http.StatusOK, nil); err != nil {
		return "", err
	}
	return "both APIs take it, in the workspace " + r.workspace, nil
}

// furnish finds the workspace of the last run, or makes the first.
func (r *run) furnish(ctx context.Context) error {
	var all []struct{ ID, Name string }
	if err := r.command(ctx, &all, "workspaces", "list"); err != nil {
		return err
	}
	for _, w := range all {
		if w.Name == workspace {
			r.workspace = w.ID
			return nil
		}
	}
	var made struct{ ID string }
	err := r.command(ctx, &made, "workspaces", "create", workspace)
	r.workspace = made.ID
	return err
}

// strangers have no key, or one that nobody has made.
func (r *run) strangers(ctx context.Context) (string, error) {
	nobody, wrong := r.client, r.client
	nobody.key, wrong.key = "", "cmk_live_0000000000.00000000000000000000000000000000"
	for _, c := range []client{nobody, wrong} {
		for _, path := range []string{"/v1/sessions", "/api/conversations"} {
			if err := c.refused(ctx, http.MethodGet, path, nil, http.StatusUnauthorized); err != nil {
				return "", err
			}
		}
	}
	return "401 without a key and with an unknown one, in both dialects", nil
}

// revoke ends the key, and waits until it is refused.
func (r *run) revoke(ctx context.Context) (string, error) {
	if err := r.command(ctx, nil, "keys", "revoke", r.keyID); err != nil {
		return "", err
	}
	r.keyID = ""
	err := await(ctx, "the key to be refused", func() (bool, error) {
		a, err := r.client.ask(ctx, http.MethodGet, "/v1/projects", nil)
		return a.status == http.StatusUnauthorized, err
	})
	return "refused from now on", err
}

// tidy removes what a run that failed, or was interrupted, has left.
func (r *run) tidy(ctx context.Context, out io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if len(r.sessions)+len(r.conversations) > 0 && r.keyID != "" {
		if _, err := r.forget(ctx); err != nil {
			fmt.Fprintf(out, "left behind in the workspace %s: %v, %v: %v\n", r.workspace, r.sessions, r.conversations, err)
		}
	}
	if r.keyID != "" {
		if err := r.command(ctx, nil, "keys", "revoke", r.keyID); err != nil {
			fmt.Fprintf(out, "left behind: the key %s, until it expires (%s): %v\n", r.keyID, keyLife, err)
		}
	}
}
