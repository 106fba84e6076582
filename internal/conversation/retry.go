package conversation

import (
	"context"
	"log/slog"

	"griot/internal/queue"
	"griot/internal/table"
)

// conflictTries is how often a write is tried against others of the same
// conversation: enough for a hundred at once.
const conflictTries = 25

// failedKey is the row whose condition failed, or the zero Key.
func failedKey(err error, ops []table.Op) table.Key {
	if failed := table.Failed(err); failed != nil && failed.Index < len(ops) {
		return ops[failed.Index].Key
	}
	return table.Key{}
}

// lost is what a writer returns to table.Insist whose transaction was refused
// because of something that changed.
func (s *Service) lost(ctx context.Context, workspace string, err error) error {
	if err := s.tallies().Help(ctx, workspace, err); err != nil {
		return err
	}
	return table.ErrLost
}

// written tells the index of committed writes. What was committed is never
// answered with an error.
func (s *Service) written(ctx context.Context, workspace string, ops []table.Op) {
	if err := s.Index.Written(ctx, workspace, ops...); err != nil {
		slog.WarnContext(ctx, "the search index was not told of writes", "workspace", workspace, "error", err)
	}
}

// send hands a job to its queue. That it gets there is not needed: a due row,
// or the next reader, has it sent again.
func (s *Service) send(ctx context.Context, to queue.Name, j Job) {
	err := s.Jobs[to].Send(ctx, queue.Outgoing{Body: j.Encode(), Group: j.Workspace})
	if err != nil {
		slog.WarnContext(ctx, "a job was not sent; it will be", "queue", to, "workspace", j.Workspace, "error", err)
	}
}

// tidyOneIn is how many new rows there are to a job that tidies them up.
const tidyOneIn = 32

// weighOneIn is how many of these there are to one that has memories weighed.
const weighOneIn = 8

// sometimesTidy sends a job for Tidy for one id in tidyOneIn.
func (s *Service) sometimesTidy(ctx context.Context, workspace, id string) {
	if h := hash(id); h%tidyOneIn == 0 {
		s.send(ctx, queue.Tidy, Job{Workspace: workspace, Weigh: h/tidyOneIn%weighOneIn == 0})
	}
}
