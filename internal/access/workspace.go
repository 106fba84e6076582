package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/audit"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Workspace is one tenant.
type Workspace struct {
	ID        string
	Name      string
	CreatedAt time.Time
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
	index, err := d.queryAll(ctx, table.Query{Table: table.Access, PK: indexRow("").PK, Consistency: table.Consistent})
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
	return Workspace{ID: workspace, Name: item.Str("name"), CreatedAt: id.Time(workspace)}
}

func noWorkspace() error { return errs.New(errs.NotFound, "there is no such workspace") }
