package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"griot/internal/audit"
	"griot/internal/clock"
	"griot/internal/cursor"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Directory has the workspaces, projects and keys. Both fields are required;
// it must not be copied.
type Directory struct {
	Table table.Store
	Now   func() time.Time

	uses uses
}

// now is the one place where times are rounded: to milliseconds, UTC.
func (d *Directory) now() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// tries of a transaction that collides with others.
const tries = 8

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Workspace is one tenant.
type Workspace struct {
	ID        string
	Name      string
	CreatedAt time.Time
	Closing   Closing
	ClosesAt  time.Time // when the grace of one that is Pending is over
	Deletion  string    // the receipt, from Pending on
	Due       time.Time // of its due row, while it is not Open
}

func workspaceRow(workspace string) table.Key {
	return table.Key{Table: table.Access, PK: workspace + "#workspace", SK: "workspace"}
}

// indexRow lists a workspace for operators. The partition holds ids only.
func indexRow(workspace string) table.Key {
	return table.Key{Table: table.Access, PK: "workspaces", SK: workspace}
}

// firstProject is the name of the project that every workspace begins with.
const firstProject = "Default"

type workspaceInput struct {
	Name string `json:"name" is:"required line 2..100"`
}

// CreateWorkspace makes a workspace and its first project. The name need not
// be unique.
func (d *Directory) CreateWorkspace(ctx context.Context, name string) (Workspace, Project, error) {
	if err := schema.Check(workspaceInput{name}); err != nil {
		return Workspace{}, Project{}, err
	}
	now := d.now()
	ws := Workspace{ID: id.At(id.Workspace, now), Name: name, CreatedAt: now}
	var first Project
	err := d.clock().Within(ctx, ws.ID, func(ctx context.Context, at time.Time) error {
		first = newProject(ws.ID, firstProject, at)
		return record.Change(ctx, tries, func() error {
			return d.Table.Transact(ctx, []table.Op{
				table.Put(workspaceRow(ws.ID), table.Attrs{"name": name, keysAttr: int64(0)}, table.Absent()),
				table.Put(indexRow(ws.ID), nil, table.Absent()),
				first.put(),
			})
		})
	})
	audit.Record(ctx, audit.Event{Action: "workspace.created", Workspace: ws.ID, Actor: Operator, Target: ws.ID}, err)
	if err != nil {
		return Workspace{}, Project{}, fmt.Errorf("writing the workspace: %w", err)
	}
	return ws, first, nil
}

// Workspace returns a workspace or NotFound.
func (d *Directory) Workspace(ctx context.Context, workspace string) (Workspace, error) {
	if !id.Valid(id.Workspace, workspace) {
		return Workspace{}, noWorkspace()
	}
	item, err := d.Table.Get(ctx, workspaceRow(workspace), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Workspace{}, noWorkspace()
	}
	if err != nil {
		return Workspace{}, fmt.Errorf("reading the workspace: %w", err)
	}
	return readWorkspace(workspace, item), nil
}

// ListWorkspaces returns all workspaces, oldest first; it is for operators.
func (d *Directory) ListWorkspaces(ctx context.Context) ([]Workspace, error) {
	index, err := table.ReadAll(ctx, d.Table, table.Query{Table: table.Access, PK: indexRow("").PK, Consistency: table.Consistent})
	if err != nil {
		return nil, fmt.Errorf("listing workspaces: %w", err)
	}
	all := make([]Workspace, 0, len(index))
	for chunk := range slices.Chunk(index, table.MaxBatchGet) {
		keys := make([]table.Key, len(chunk))
		for i, item := range chunk {
			keys[i] = workspaceRow(item.SK)
		}
		items, err := d.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading workspaces: %w", err)
		}
		for i, item := range items {
			all = append(all, readWorkspace(chunk[i].SK, item))
		}
	}
	return all, nil
}

func readWorkspace(workspace string, item table.Item) Workspace {
	return Workspace{
		ID: workspace, Name: item.Str("name"), CreatedAt: id.Time(workspace),
		Closing: Closing(item.Str(closingAttr)), ClosesAt: item.Time(closesAttr), Deletion: item.Str(receiptAttr), Due: item.Time(dueAttr),
	}
}

func noWorkspace() error { return errs.New(errs.NotFound, "there is no such workspace") }

// DefaultRetentionDays is how long transcripts are kept when their project
// does not say.
const DefaultRetentionDays = 2 * 365

// Project is a part of a workspace to which sessions belong.
type Project struct {
	ID        string
	Workspace string
	Name      string
	CreatedAt time.Time
	// RetentionDays is how long transcripts are kept; 0 means
	// DefaultRetentionDays.
	RetentionDays int64
}

// projectRow lies among the workspace's projects in the order of creation.
// Records of idempotency that belong to projects lie there too: lists ask for
// the prefix of ids.
func projectRow(workspace, projectID string) table.Key {
	return table.Key{Table: table.Access, PK: workspace + "#projects", SK: projectID}
}

// Project returns a project of the workspace or NotFound.
func (d *Directory) Project(ctx context.Context, workspace, projectID string) (Project, error) {
	if !id.Valid(id.Project, projectID) {
		return Project{}, noProject()
	}
	item, err := d.Table.Get(ctx, projectRow(workspace, projectID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Project{}, noProject()
	}
	if err != nil {
		return Project{}, fmt.Errorf("reading the project: %w", err)
	}
	return readProject(workspace, item), nil
}

// SoleProject returns the workspace's only project; ok is false when there
// are several or none.
func (d *Directory) SoleProject(ctx context.Context, workspace string) (project Project, ok bool, err error) {
	page, err := d.Table.Query(ctx, projectsOf(workspace, 2))
	if err != nil {
		return Project{}, false, fmt.Errorf("looking for the only project: %w", err)
	}
	if len(page.Items) != 1 {
		return Project{}, false, nil
	}
	return readProject(workspace, page.Items[0]), true, nil
}

func projectsOf(workspace string, limit int) table.Query {
	return table.Query{
		Table: table.Access, PK: projectRow(workspace, "").PK, Prefix: id.Project,
		Limit: limit, Consistency: table.Consistent,
	}
}

// cursorKind names the list of projects in its cursors.
const cursorKind = "projects"

// ListProjects returns at most limit of the caller's projects, newest first,
// and the cursor of the next page, "" when there is none.
func (d *Directory) ListProjects(ctx context.Context, p Principal, cur string, limit int) (projects []Project, next string, err error) {
	if err := p.Require(SessionsRead); err != nil {
		return nil, "", err
	}
	after, err := cursor.Decode(p.Workspace, cursorKind, cur)
	if err != nil {
		return nil, "", err
	}
	q := projectsOf(p.Workspace, limit+1)
	q.Reverse, q.After = true, after
	page, err := d.Table.Query(ctx, q)
	if err != nil {
		return nil, "", fmt.Errorf("listing projects: %w", err)
	}
	items, last := page.Items, page.Next
	if len(items) > limit {
		items, last = items[:limit], items[limit-1].SK
	}
	for _, item := range items {
		projects = append(projects, readProject(p.Workspace, item))
	}
	return projects, cursor.Encode(p.Workspace, cursorKind, last), nil
}

func readProject(workspace string, item table.Item) Project {
	return Project{
		ID: item.SK, Workspace: workspace, Name: item.Str("name"),
		CreatedAt: id.Time(item.SK), RetentionDays: item.Int("retention_days"),
	}
}

// ProjectInput is the body of POST /v1/projects.
type ProjectInput struct {
	Name string `json:"name" is:"required line ..100"`
}

// CreateProject makes a project in the caller's workspace. The name need
// not be unique.
func (d *Directory) CreateProject(ctx context.Context, p Principal, in ProjectInput, claim *idempotency.Claim) (Project, error) {
	if err := p.Require(SessionsWrite); err != nil {
		return Project{}, err
	}
	if err := schema.Check(in); err != nil {
		return Project{}, err
	}
	var project Project
	err := d.clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
		project = newProject(p.Workspace, in.Name, at)
		return record.Change(ctx, tries, func() error { return d.writeProject(ctx, project, claim) })
	})
	audit.Record(ctx, audit.Event{Action: "project.created", Workspace: p.Workspace, Actor: p.KeyID, Target: project.ID}, err)
	return project, wrap(err, "creating the project")
}

func (d *Directory) clock() clock.Clock { return clock.Clock{Table: d.Table, Now: d.Now} }

// newProject returns a project that is not written yet.
func newProject(workspace, name string, at time.Time) Project {
	return Project{ID: id.At(id.Project, at), Workspace: workspace, Name: name, CreatedAt: at}
}

func (d *Directory) writeProject(ctx context.Context, project Project, claim *idempotency.Claim) error {
	ops, err := claim.Ops(project, projectRow(project.Workspace, project.ID))
	if err != nil {
		return err
	}
	return d.Table.Transact(ctx, append(ops, project.put()))
}

func (p Project) put() table.Op {
	return table.Put(projectRow(p.Workspace, p.ID), table.Attrs{"name": p.Name}, table.Absent())
}

// SetRetention is for operators. It sets how long the transcripts of a project are kept; 0 days
// returns to the default.
func (d *Directory) SetRetention(ctx context.Context, workspace, projectID string, days int64) error {
	if days < 0 || days > maxRetentionDays {
		return errs.Invalid("retention_days", "invalid", "must be from 0 to %d", maxRetentionDays)
	}
	if _, err := d.Project(ctx, workspace, projectID); err != nil {
		return err
	}
	set := table.Update(projectRow(workspace, projectID), table.Attrs{"retention_days": days}, table.Exists())
	err := record.Change(ctx, tries, func() error {
		_, err := d.Table.Write(ctx, table.Repeatable(set))
		return err
	})
	audit.Record(ctx, audit.Event{
		Action: "project.retention_set", Workspace: workspace, Actor: Operator, Target: projectID,
		Details: []slog.Attr{slog.Int64("days", days)},
	}, err)
	return wrap(err, "setting the retention")
}

const maxRetentionDays = 100 * 365

func noProject() error { return errs.New(errs.NotFound, "there is no such project") }
