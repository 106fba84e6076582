package jobs

import (
	"context"
	"log/slog"

	"griot/internal/lambdafn"
)

// Sweep serves a schedule with a sweeper, which returns how much it looked
// after. It does not return itself.
func Sweep(sweep func(context.Context) (int, error)) { lambdafn.Start(Scheduled(sweep)) }

// Scheduled returns the function of [Sweep]. The event says nothing that is
// needed.
func Scheduled(sweep func(context.Context) (int, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
			defer cancel()
		}
		swept, err := sweep(ctx)
		slog.InfoContext(ctx, "swept", "sessions", swept)
		return err
	}
}
