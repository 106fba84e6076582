// Package due is what package task has of due rows, for callers that have no
// references yet.
package due

import (
	"context"
	"time"

	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Key is the row of a thing at a time.
func Key(at time.Time, workspace, id string) table.Key {
	return task.Row(at, record.Ref{Workspace: workspace, ID: id})
}

// Move returns the writes that put a thing's row from one time to another.
func Move(workspace, id string, from, to time.Time) []table.Op {
	return task.Move(record.Ref{Workspace: workspace, ID: id}, from, to)
}

// Look is a [task.Look].
type Look func(ctx context.Context, workspace, id string, at time.Time) error

// Looks are [task.Looks] of such.
func Looks(looks map[string]Look) task.Looks {
	out := task.Looks{}
	for prefix, look := range looks {
		out[prefix] = func(ctx context.Context, of record.Ref, at time.Time) error {
			return look(ctx, of.Workspace, of.ID, at)
		}
	}
	return out
}
