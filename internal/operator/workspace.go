package operator

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"griot/internal/access"
)

// oneWorkspace returns the workspace that is named, or the only one there is.
func (in *invocation) oneWorkspace(ctx context.Context) (string, error) {
	if in.workspace != "" {
		ws, err := in.dir.Workspace(ctx, in.workspace)
		return ws.ID, err
	}
	all, err := in.dir.ListWorkspaces(ctx)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return "", usageError("there is no workspace yet: make one with workspaces create NAME")
	case len(all) > 1:
		return "", usageError("there are %d workspaces, choose one with -workspace:\n%s", len(all), choices(all))
	}
	return all[0].ID, nil
}

func choices(all []access.Workspace) string {
	var b strings.Builder
	for _, ws := range all[:min(20, len(all))] {
		fmt.Fprintf(&b, "  %s  %s\n", ws.ID, ws.Name)
	}
	return b.String()
}

func createWorkspace(ctx context.Context, in *invocation) error {
	ws, project, err := in.dir.CreateWorkspace(ctx, in.args[0])
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(newWorkspace{workspaceJSON: workspaceOf(ws), ProjectID: project.ID})
	}
	return in.printRows([][]string{{"workspace", ws.ID}, {"name", ws.Name}, {"project", project.ID}})
}

func listWorkspaces(ctx context.Context, in *invocation) error {
	all, err := in.dir.ListWorkspaces(ctx)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(each(all, workspaceOf))
	}
	rows := [][]string{{"ID", "NAME", "CREATED"}}
	for _, ws := range all {
		rows = append(rows, []string{ws.ID, ws.Name, timeOr(ws.CreatedAt, "")})
	}
	return in.printRows(rows)
}

// principal is the operator as a caller: all may be done in the workspace.
func principal(workspace string) access.Principal {
	return access.Principal{Workspace: workspace, KeyID: access.Operator, Scopes: []access.Scope{access.All}}
}

func createProject(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	project, err := in.dir.CreateProject(ctx, principal(workspace), access.ProjectInput{Name: in.args[0]}, nil)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(projectOf(project))
	}
	return in.printRows([][]string{{"project", project.ID}, {"name", project.Name}, {"workspace", workspace}})
}

func listProjects(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	projects, err := in.allProjects(ctx, principal(workspace))
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(each(projects, projectOf))
	}
	rows := [][]string{{"ID", "NAME", "CREATED", "RETENTION"}}
	for _, p := range projects {
		rows = append(rows, []string{p.ID, p.Name, timeOr(p.CreatedAt, ""), retention(p)})
	}
	return in.printRows(rows)
}

func (in *invocation) allProjects(ctx context.Context, p access.Principal) ([]access.Project, error) {
	var all []access.Project
	for cursor := ""; ; {
		page, next, err := in.dir.ListProjects(ctx, p, cursor, 200)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if next == "" {
			return all, nil
		}
		cursor = next
	}
}

func retention(p access.Project) string {
	if p.RetentionDays == 0 {
		return "default"
	}
	return fmt.Sprintf("%d days", p.RetentionDays)
}

func setRetention(ctx context.Context, in *invocation) error {
	days, err := strconv.ParseInt(in.args[1], 10, 64)
	if err != nil {
		return usageError("projects retention: DAYS must be a whole number, not %q", in.args[1])
	}
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	if err := in.dir.SetRetention(ctx, workspace, in.args[0], days); err != nil {
		return err
	}
	project := access.Project{ID: in.args[0], RetentionDays: days}
	if in.json {
		return in.printJSON(map[string]any{"id": project.ID, "retention_days": days})
	}
	return in.printRows([][]string{{"project", project.ID}, {"retention", retention(project)}})
}

type workspaceJSON struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt *time.Time `json:"created_at"`
}

type newWorkspace struct {
	workspaceJSON
	ProjectID string `json:"project_id"`
}

func workspaceOf(ws access.Workspace) workspaceJSON {
	return workspaceJSON{ID: ws.ID, Name: ws.Name, CreatedAt: orNull(ws.CreatedAt)}
}

type projectJSON struct {
	ID            string     `json:"id"`
	WorkspaceID   string     `json:"workspace_id"`
	Name          string     `json:"name"`
	CreatedAt     *time.Time `json:"created_at"`
	RetentionDays int64      `json:"retention_days"`
}

func projectOf(p access.Project) projectJSON {
	return projectJSON{
		ID: p.ID, WorkspaceID: p.Workspace, Name: p.Name,
		CreatedAt: orNull(p.CreatedAt), RetentionDays: p.RetentionDays,
	}
}
