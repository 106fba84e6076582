// Package closing carries the deletion of a workspace out, when its grace is over:
// as ordinary deletions of all sessions and conversations, and of what is left
// when these are done. How far it is stands in the workspace's row, see
// [access.Closing].
package closing

import (
	"context"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/audit"
	"griot/internal/conversation"
	"griot/internal/deletion"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/table"
	"griot/internal/task"
)

// Service has the work behind the deletion of workspaces. Both fields are required.
type Service struct {
	Sessions      *lifecycle.Service
	Conversations *conversation.Service
}

// Looks returns who looks after workspaces that are to be deleted, upon the stores
// of their conversations.
func Looks(talks *conversation.Service) task.Looks {
	return task.Looks{id.Workspace: func(ctx context.Context, of record.Ref, at time.Time) error {
		end, err := directory(talks).LookAtClosing(ctx, of.Workspace, at, task.EndWorkspace.Wait)
		if err == nil && end {
			talks.Jobs.Send(ctx, task.EndWorkspace, task.Message{Workspace: of.Workspace})
		}
		return err
	}}
}

func directory(talks *conversation.Service) access.Closings {
	return access.Closings{Directory: &access.Directory{Table: talks.Table, Now: talks.Now}}
}

// Handlers returns who does the work.
func (s *Service) Handlers() task.Handlers {
	return task.Handlers{task.EndWorkspace: func(ctx context.Context, m task.Message) error { return s.end(ctx, m.Workspace) }}
}

// end begins the deletion of all that a workspace has and, once all of these are
// done, removes what is left. It may be repeated, and begins anew each time.
func (s *Service) end(ctx context.Context, workspace string) error {
	dir := directory(s.Conversations)
	ws, err := dir.Workspace(ctx, workspace)
	if errs.Is(err, errs.NotFound) || err == nil && ws.Closing != access.Ending {
		return nil
	}
	if err != nil {
		return err
	}
	if err := dir.RevokeAll(ctx, workspace); err != nil {
		return err
	}
	begun, err := s.beginAll(ctx, workspace)
	if err != nil || begun {
		return err // somebody looks again when these are done
	}
	open, err := s.open(ctx, ws)
	if err != nil || open {
		return err
	}
	if err := s.removeRest(ctx, ws); err != nil {
		return err
	}
	return dir.EndClosing(ctx, workspace)
}

// beginAll begins the deletion of all sessions and conversations; begun is whether
// there were any.
func (s *Service) beginAll(ctx context.Context, workspace string) (begun bool, err error) {
	p := access.Principal{Workspace: workspace, KeyID: audit.Retention, Scopes: []access.Scope{access.All}}
	for {
		page, err := s.Sessions.Sessions.List(ctx, p, session.ListInput{Limit: 200})
		if err != nil {
			return begun, err
		}
		for _, sess := range page.Sessions {
			begun = true
			if _, err := s.Sessions.Delete(ctx, p, sess.ID); err != nil && !errs.Is(err, errs.NotFound) {
				return begun, fmt.Errorf("deleting a session of a workspace that goes: %w", err)
			}
		}
		if len(page.Sessions) == 0 {
			break
		}
	}
	for c, err := range s.Conversations.Each(ctx, workspace, "") {
		if err != nil {
			return begun, err
		}
		begun = true
		if _, err := s.Conversations.Delete(ctx, p, c.ID); err != nil && !errs.Is(err, errs.NotFound) {
			return begun, fmt.Errorf("deleting a conversation of a workspace that goes: %w", err)
		}
	}
	return begun, nil
}

// open reports whether a deletion in the workspace is not done, beside its own.
func (s *Service) open(ctx context.Context, ws access.Workspace) (bool, error) {
	q := table.Query{Table: table.Sessions, PK: deletion.Key(ws.ID, "").PK, Consistency: table.Consistent}
	for item, err := range table.All(ctx, s.Conversations.Table, q) {
		if err != nil {
			return false, fmt.Errorf("reading the deletions of a workspace: %w", err)
		}
		if item.SK != ws.Deletion && item.Str("status") == deletion.Running {
			return true, nil
		}
	}
	return false, nil
}

// rest are the partitions of a workspace that belong to no session and no
// conversation and may have words of its own: stored answers, topics, names.
var rest = []table.Key{
	{Table: table.Sessions, PK: "#idem"},
	{Table: table.Conversations, PK: "#topics"}, {Table: table.Conversations, PK: "#merges"}, {Table: table.Conversations, PK: "#deltas"},
	{Table: table.Conversations, PK: "#edits"}, {Table: table.Conversations, PK: "#names"}, {Table: table.Conversations, PK: "#claude"},
	{Table: table.Conversations, PK: "#fences"}, {Table: table.Conversations, PK: "#seals"},
	{Table: table.Conversations, PK: "#moved"}, {Table: table.Conversations, PK: "#dated"},
}

func (s *Service) removeRest(ctx context.Context, ws access.Workspace) error {
	purge := &deletion.Purge{Table: s.Conversations.Table, Receipt: deletion.Key(ws.ID, ws.Deletion)}
	for _, of := range rest {
		err := purge.Each(ctx, of.Table, ws.ID+of.PK, "", func(item table.Item) error {
			return purge.Add(ctx, item.Size(), table.Delete(item.Key, table.Exists()))
		})
		if err != nil {
			return err
		}
	}
	return purge.Flush(ctx)
}
