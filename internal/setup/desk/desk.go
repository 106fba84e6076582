// Package desk opens what the operator's commands work on for a stack that was
// deployed.
package desk

import (
	"context"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/upkeep"
	"griot/internal/limit"
	"griot/internal/operator"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/setup"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

// Open returns the desk of a stack's configuration, see [setup.Stack].
func Open(c setup.Config) (operator.Desk, error) {
	store, err := tables.New(c, table.Access, table.Sessions, table.Conversations)
	if err != nil {
		return operator.Desk{}, err
	}
	conversations := &conversation.Service{Table: store, Now: time.Now}
	return operator.Desk{
		Access: &access.Directory{Table: store, Now: time.Now},
		Limits: func(ctx context.Context) (*limit.Limiter, error) {
			reads, writes, err := tables.Caps(ctx, c, table.Access)
			return &limit.Limiter{Table: store, Now: time.Now, Default: limit.Share(reads, writes), Shared: true}, err
		},
		Queue: func(ctx context.Context, name queue.Name) (queue.Queue, error) {
			return queues.Deployed(ctx, c, name)
		},
		Recounts: []func(context.Context, string) error{
			(lifecycle.New(&session.Store{Table: store, Now: time.Now}, lifecycle.Options{})).Recount, (&upkeep.Service{Conversations: conversations}).Recount,
		},
		Reindex: func(ctx context.Context, workspace string) (int, error) {
			merges, err := queues.Deployed(ctx, c, queue.Merge)
			if err != nil {
				return 0, err
			}
			indexed := *conversations
			indexed.Index = &search.Index{Table: store, Merges: merges, Pause: search.TablePause}
			return (&upkeep.Service{Conversations: &indexed}).Reindex(ctx, workspace)
		},
	}, nil
}
