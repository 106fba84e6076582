package conversation

import (
	"context"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/queue"
	"griot/internal/quota"
	"griot/internal/table"
)

func (s *Service) quotas() quota.Book { return quota.Book{Table: s.Table, Now: s.Now} }

// counting is memories on their way into the counts of a workspace, or out.
type counting struct {
	workspace string
	id        string // what spreads them
	tally.Delta
	bounded bool // there has to be room for the bytes; else they count anyway
}

// countOps returns the writes of the workspace's count. That of memories counts
// their bytes, too, on no condition; where there is little room, as whoever asks
// knows, those that need some count on the condition that there is enough.
func (s *Service) countOps(ctx context.Context, c counting) ([]table.Op, error) {
	var ops []table.Op
	add := map[string]int64{}
	switch {
	case c.Told > 0 && c.bounded:
		op, err := s.quotas().Take(ctx, c.workspace, c.id, quota.Amount{Counter: quota.Remembered, N: c.Told})
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	case c.Told != 0:
		add[quota.MemoryBytes] = c.Told
	}
	if c.Memories != 0 {
		add["memories"] = c.Memories
	}
	if len(add) > 0 {
		op := table.Update(quota.Memories(c.workspace, hash(c.id)), nil)
		op.Add = add
		ops = append(ops, op)
	}
	return ops, nil
}

// mostUntold is how many bytes a conversation may have more, or less, by changes
// of its memories, than the workspace knows. A change does not write the
// workspace's count otherwise, and one of so many bytes costs what that does.
const mostUntold = 1 << 10

// changed is what counts when a memory is changed in a conversation whose tally
// was read as t.
func changed(t tally.Tally, old, next memory.Memory, scarce bool) tally.Delta {
	d := tally.Delta{Bytes: next.Bytes() - old.Counted()}
	untold := t.Untold() + d.Bytes
	if d.Bytes != 0 && (scarce || max(untold, -untold) >= mostUntold) {
		d.Told = untold
	}
	return d
}

// forgotten is what counts when a memory goes.
func forgotten(t tally.Tally, m memory.Memory) tally.Delta {
	return tally.Delta{Memories: -1, Bytes: -m.Counted(), Told: t.Untold() - m.Counted()}
}

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
	state, err := s.quotas().Read(ctx, workspace)
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
