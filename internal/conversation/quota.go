package conversation

import (
	"context"

	"griot/internal/conversation/topic"
	"griot/internal/queue"
	"griot/internal/quota"
)

// roomForTopics refuses changes of a memory that bring topics into a workspace
// which has as many as it may. What was remembered since topics were folded last
// is not known, so there may be a few more, and one that is a moment old may be
// taken for new.
func (s *Service) roomForTopics(ctx context.Context, workspace string, changes []topic.Change) error {
	var ids []string
	for _, c := range changes {
		if c.N > 0 {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	state, err := quota.Book{Table: s.Table, Now: s.Now}.Read(ctx, workspace)
	if err != nil {
		return err
	}
	if state.Used(quota.Topics) < state.Limit(quota.Topics) {
		return nil
	}
	known, err := s.topics().Known(ctx, workspace, ids)
	if err != nil || known {
		return err
	}
	s.send(ctx, queue.Tidy, Job{Workspace: workspace})
	return quota.Exceeded(quota.Topics, state.Limit(quota.Topics))
}
