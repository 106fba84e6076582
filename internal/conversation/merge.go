package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/queue"
	"griot/internal/table"
)

// mergeInline is how long a request merges before it leaves the rest to the
// job.
const mergeInline = 5 * time.Second

// mergeKey is the row of a merge that is under way.
func mergeKey(workspace, mergeID string) table.Key { return row(workspace, "merges", mergeID) }

// MergeTopics gives all memories of one topic the other one instead, and
// returns that. What is too much for a request is finished by a job.
func (s *Service) MergeTopics(ctx context.Context, p access.Principal, source, target string, claim *idempotency.Claim) (topic.Topic, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return topic.Topic{}, err
	}
	var bad problems
	bad.text("sourceTopicId", source, MaxQuery, true)
	bad.text("targetTopicId", target, MaxQuery, true)
	if err := bad.result(); err != nil {
		return topic.Topic{}, err
	}
	from, err := s.getTopic(ctx, p.Workspace, source)
	if err != nil {
		return topic.Topic{}, err
	}
	to, err := s.getTopic(ctx, p.Workspace, target)
	if err != nil {
		return topic.Topic{}, err
	}
	if from.ID == to.ID {
		return topic.Topic{}, errs.Invalid("targetTopicId", "invalid", "must be another topic than the source")
	}
	if err := s.beginMerge(ctx, p.Workspace, from, to); err != nil {
		return topic.Topic{}, err
	}
	if to, err = s.getTopic(ctx, p.Workspace, to.ID); err != nil {
		return topic.Topic{}, err
	}
	err = claim.Store(ctx, s.Table, to, mergeKey(p.Workspace, "-"))
	if err != nil && !errors.Is(err, table.ErrCondition) {
		slog.WarnContext(ctx, "the answer to a merge of topics was not stored", "workspace", p.Workspace, "error", err)
		err = nil
	}
	return to, err
}

// merge is one topic taking another's place, written down until it is done.
type merge struct {
	id, source, target string // ids of topics
	name               string // of the target
	due                time.Time
}

func (m merge) attrs() table.Attrs {
	return table.Attrs{"source": m.source, "target": m.target, "name": m.name, "due": m.due.UnixMilli()}
}

func readMerge(item table.Item) merge {
	return merge{
		id: item.SK, source: item.Str("source"), target: item.Str("target"), name: item.Str("name"),
		due: time.UnixMilli(item.Int("due")).UTC(),
	}
}

func (s *Service) beginMerge(ctx context.Context, workspace string, from, to topic.Topic) error {
	now := s.now()
	m := merge{id: id.At(mergeDue, now), source: from.ID, target: to.ID, name: to.Name, due: now.Add(purgeWait)}
	ops := append(due.Move(workspace, m.id, time.Time{}, m.due), table.Put(mergeKey(workspace, m.id), m.attrs(), table.Absent()))
	err := table.Insist(ctx, conflictTries, func() error { return s.Table.Transact(ctx, ops) })
	if err != nil {
		return fmt.Errorf("writing a merge of topics down: %w", err)
	}
	inline, cancel := context.WithTimeout(ctx, mergeInline)
	defer cancel()
	err = s.finishMerge(inline, workspace, m)
	if err != nil && ctx.Err() == nil && inline.Err() != nil {
		s.send(ctx, queue.Tidy, Job{Workspace: workspace})
		return nil
	}
	return err
}

// finishMerges takes up all merges that are under way.
func (s *Service) finishMerges(ctx context.Context, workspace string) error {
	var open []merge
	err := s.each(ctx, table.Query{
		Table: table.Conversations, PK: mergeKey(workspace, "").PK, Prefix: mergeDue, Consistency: table.Consistent,
	}, func(item table.Item) bool {
		open = append(open, readMerge(item))
		return true
	})
	if err != nil {
		return err
	}
	for _, m := range open {
		if err := s.finishMerge(ctx, workspace, m); err != nil {
			return err
		}
	}
	return nil
}

// finishMerge changes every memory that still has the source. It may be
// repeated, and run twice at once.
func (s *Service) finishMerge(ctx context.Context, workspace string, m merge) error {
	for ids, err := range s.topics().Hinted(ctx, workspace, m.source, topicChunk) {
		if err != nil {
			return err
		}
		found, err := s.verify(ctx, workspace, m.source, ids)
		if err != nil {
			return err
		}
		for _, c := range found {
			if err := s.mergeIn(ctx, workspace, c.ID, m); err != nil {
				return err
			}
		}
	}
	return s.endMerge(ctx, workspace, m)
}

func (s *Service) mergeIn(ctx context.Context, workspace, conversationID string, m merge) error {
	for found, err := range s.store().Timeline(ctx, workspace, conversationID) {
		if err != nil {
			return err
		}
		if !topic.IDs(workspace, found.Topics)[m.source] {
			continue
		}
		_, err = s.change(ctx, workspace, found.ID, func(mem *memory.Memory) {
			mem.Topics = replaceTopic(workspace, mem.Topics, m)
		})
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	return nil
}

// replaceTopic puts the target where the source was, once.
func replaceTopic(workspace string, names []string, m merge) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		if topic.ID(workspace, name) == m.source {
			name = m.name
		}
		out = append(out, name)
	}
	return topic.Distinct(out)
}

func (s *Service) endMerge(ctx context.Context, workspace string, m merge) error {
	ops := []table.Op{
		table.Delete(mergeKey(workspace, m.id), table.Equal("due", m.due.UnixMilli())),
		table.Delete(due.Key(m.due, workspace, m.id)),
	}
	err := table.Retry(ctx, conflictTries, func() error { return s.Table.Transact(ctx, ops) })
	if errors.Is(err, table.ErrCondition) {
		return nil // a twin was faster, or the job was sent again: that one ends it
	}
	if err != nil {
		return fmt.Errorf("ending a merge of topics: %w", err)
	}
	return nil
}

// wakeMerge sends the job of a merge again.
func (s *Service) wakeMerge(ctx context.Context, workspace, mergeID string, at time.Time) error {
	key := mergeKey(workspace, mergeID)
	item, err := s.Table.Get(ctx, key, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading a merge of topics: %w", err)
	}
	m := readMerge(item)
	if !item.Found() || !m.due.Equal(at) {
		return s.dropDue(ctx, workspace, mergeID, at)
	}
	next := s.now().Add(maxPurgeWait)
	ops := append(due.Move(workspace, mergeID, at, next),
		table.Update(key, table.Attrs{"due": next.UnixMilli()}, table.Equal("due", at.UnixMilli())))
	if err := s.Table.Transact(ctx, ops); err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("moving a merge of topics: %w", err)
	}
	s.send(ctx, queue.Tidy, Job{Workspace: workspace})
	return nil
}
