package operator

import (
	"context"
	"flag"
	"strconv"
	"time"

	"griot/internal/access"
	"griot/internal/deletion"
	"griot/internal/errs"
)

func deletionFlags(fs *flag.FlagSet, in *invocation) {
	workspaceFlag(fs, in)
	fs.BoolVar(&in.keep, "keep", false, "")
}

// deletionJSON is how far the deletion of a workspace is; its receipt is there
// when its grace is over.
type deletionJSON struct {
	WorkspaceID  string     `json:"workspace_id"`
	Status       string     `json:"status"`
	ScheduledFor *time.Time `json:"scheduled_for"`
	Deletion     string     `json:"deletion,omitempty"`
	FinishedAt   *time.Time `json:"finished_at"`
	TableItems   int64      `json:"table_items"`
}

// showDeletion is for a workspace without keys, too, of which nothing is left.
func showDeletion(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	if in.keep {
		if _, err := (access.Closings{Directory: in.dir}).Reopen(ctx, principal(workspace)); err != nil {
			return err
		}
	}
	ws, err := in.dir.Workspace(ctx, workspace)
	if err != nil {
		return err
	}
	out := deletionJSON{WorkspaceID: ws.ID, Status: string(ws.Closing), ScheduledFor: orNull(ws.ClosesAt), Deletion: ws.Deletion}
	if ws.Closing == access.Open {
		out.Status = "none"
	}
	if ws.Deletion != "" {
		receipt, err := deletion.Get(ctx, in.dir.Table, workspace, ws.Deletion)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		out.FinishedAt, out.TableItems = orNull(receipt.FinishedAt), receipt.TableItems
	}
	if in.json {
		return in.printJSON(out)
	}
	return in.printRows([][]string{
		{"workspace", out.WorkspaceID}, {"deletion", out.Status}, {"scheduled for", timeOr(ws.ClosesAt, "-")}, {"receipt", out.Deletion},
		{"rows beside sessions and conversations", strconv.FormatInt(out.TableItems, 10)},
	})
}
