package conversation

import (
	"context"
	"hash/fnv"
	"log/slog"
	"time"

	"griot/internal/clock"
	"griot/internal/conversation/board"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/search"
	"griot/internal/table"
	"griot/internal/task"
)

// Service has the use cases of conversations. All fields are required.
type Service struct {
	Table  table.Store
	Boards *board.Store
	Index  *search.Index
	Jobs   task.Queues
	Now    func() time.Time
}

// Tries is how often a write is tried against others of the same conversation:
// enough for a hundred at once.
const Tries = 25

// Clock gives creations their times.
func (s *Service) Clock() clock.Clock { return clock.Clock{Table: s.Table, Now: s.Now} }

// Time is the present as rows keep it: in milliseconds, UTC.
func (s *Service) Time() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// Topics is the index of what conversations are about.
func (s *Service) Topics() topic.Index { return topic.Index{Table: s.Table} }

// Tallies are the rows that count the memories of conversations.
func (s *Service) Tallies() tally.Store { return tally.Store{Table: s.Table, Now: s.Now} }

// Fences count the conversations.
func (s *Service) Fences() fence.Fences { return fence.Fences{Table: s.Table, Now: s.Now} }

// Quotas are the books of what workspaces have and may have.
func (s *Service) Quotas() quota.Book { return quota.Book{Table: s.Table, Now: s.Now} }

// Lost returns what a writer returns to record.Change when its transaction was
// refused, with err, because rows have changed since it read them.
func (s *Service) Lost(ctx context.Context, workspace string, err error) error {
	if err := s.Tallies().Help(ctx, workspace, err); err != nil {
		return err
	}
	return record.ErrStale
}

// Written tells the search index of committed writes. A failure is logged and
// not returned: what was committed is never answered with an error.
func (s *Service) Written(ctx context.Context, workspace string, ops []table.Op) {
	if err := s.Index.Written(ctx, workspace, ops...); err != nil {
		slog.WarnContext(ctx, "the search index was not told of writes", "workspace", workspace, "error", err)
	}
}

const (
	// tidyOneIn is how many new rows there are to a job that tidies them up.
	tidyOneIn = 32
	// weighOneIn is how many of these jobs there are to one that has memories
	// weighed.
	weighOneIn = 8
)

// SometimesTidy has a workspace tidied up after one in tidyOneIn writes, which id
// chooses.
func (s *Service) SometimesTidy(ctx context.Context, workspace, id string) {
	if h := hash(id); h%tidyOneIn == 0 {
		s.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: workspace, Weigh: h/tidyOneIn%weighOneIn == 0})
	}
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// Counting is memories on their way into the counts of a workspace, or out.
type Counting struct {
	Workspace string
	ID        string // what spreads them
	tally.Delta
	Bounded bool // there has to be room for the bytes; else they count anyway
}

// CountOps returns the writes of the workspace's count. That of memories counts
// their bytes, too, on no condition; where there is little room, as whoever asks
// knows, those that need some count on the condition that there is enough.
func (s *Service) CountOps(ctx context.Context, c Counting) ([]table.Op, error) {
	var ops []table.Op
	add := map[string]int64{}
	switch {
	case c.Told > 0 && c.Bounded:
		op, err := s.Quotas().Take(ctx, c.Workspace, c.ID, quota.Amount{Counter: quota.Remembered, N: c.Told})
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
		op := table.Update(quota.Memories(c.Workspace, hash(c.ID)), nil)
		op.Add = add
		ops = append(ops, op)
	}
	return ops, nil
}
