package operator

import (
	"context"
	"fmt"
)

// reindex indexes a workspace anew and says how many units that were.
func reindex(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	units, err := in.desk.Reindex(ctx, workspace)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(map[string]int{"units": units})
	}
	_, err = fmt.Fprintf(in.out, "%d units indexed anew\n", units)
	return err
}
