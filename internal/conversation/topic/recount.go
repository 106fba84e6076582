package topic

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
)

// Recount notes how many topics there are, whatever was noted. No fold comes in
// between: the epoch says so.
func (x Index) Recount(ctx context.Context, workspace string) error {
	return record.Change(ctx, foldTries, func() error {
		epoch, err := x.epoch(ctx, workspace)
		if err != nil {
			return err
		}
		all, err := x.totals(ctx, workspace)
		if err != nil {
			return err
		}
		same := table.Equal("n", epoch)
		if epoch == 0 {
			same = table.Missing("n")
		}
		err = x.Table.Transact(ctx, []table.Op{
			table.Check(deltaKey(workspace, epochSK), same), quota.Note(workspace, quota.Named, int64(len(all))),
		})
		if errors.Is(err, table.ErrCondition) {
			return record.ErrStale
		}
		if err != nil {
			return fmt.Errorf("noting how many topics there are: %w", err)
		}
		return nil
	})
}
