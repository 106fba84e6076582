package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/queue"
	"griot/internal/schema"
	"griot/internal/table"
)

// mergeTime is how long a request merges before it leaves the rest to the job.
const mergeTime = 5 * time.Second

// mergeSettled is when nobody is at work any more who began before a merge was
// written down, and so did not know of it: a change takes clock.Lifetime at most.
const mergeSettled = 2 * clock.Lifetime

// MergeTopics gives all memories of one topic the other one instead, and
// returns that. What is too much for a request is finished by a job. From then
// on the source's names and ids are the target's.
//
// What was merged already stays as it is, unless a topic is merged into a name
// that was merged into it: then that becomes its name.
func (s *Service) MergeTopics(ctx context.Context, p access.Principal, in MergeInput, claim *idempotency.Claim) (topic.Topic, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return topic.Topic{}, err
	}
	if err := schema.Check(in); err != nil {
		return topic.Topic{}, err
	}
	var m merge
	var into topic.Topic
	err := table.Insist(ctx, conflictTries, func() (err error) {
		m, into, err = s.beginMerge(ctx, p.Workspace, in.Source, in.Target)
		return err
	})
	if err != nil {
		return topic.Topic{}, err
	}
	if m.id != "" {
		if err := s.mergeInline(ctx, p.Workspace, m); err != nil {
			return topic.Topic{}, err
		}
		if now, ok, err := s.topics().Get(ctx, p.Workspace, into.ID); err != nil || ok {
			into = now
		}
	}
	err = claim.Store(ctx, s.Table, into, topic.MergesKey(p.Workspace, "-"))
	if err != nil && !errors.Is(err, table.ErrCondition) {
		slog.WarnContext(ctx, "the answer to a merge of topics was not stored", "workspace", p.Workspace, "error", err)
		err = nil
	}
	return into, err
}

// beginMerge writes a merge down, with the aliases that it makes. The merge is
// zero when nothing is to do.
func (s *Service) beginMerge(ctx context.Context, workspace, source, target string) (merge, topic.Topic, error) {
	aliases, err := s.topics().Aliases(ctx, workspace)
	if err != nil {
		return merge{}, topic.Topic{}, err
	}
	from, err := s.getTopic(ctx, workspace, aliases, source)
	if err != nil {
		return merge{}, topic.Topic{}, err
	}
	into, err := s.getTopic(ctx, workspace, aliases, target)
	if err != nil {
		return merge{}, topic.Topic{}, err
	}
	if from.ID == into.ID {
		sources, targets := spelled(workspace, true, source), spelled(workspace, true, target)
		switch {
		case slices.ContainsFunc(sources, func(topicID string) bool { return slices.Contains(targets, topicID) }):
			return merge{}, topic.Topic{}, errs.Invalid("targetTopicId", "invalid", "must be another topic than the source")
		case !slices.Contains(sources, from.ID): // merged before, if not all of it yet
			m, err := s.openMerge(ctx, workspace, sources)
			return m, into, err
		case id.ValidUUID(strings.ToLower(strings.TrimSpace(target))): // of which no name is known
			return merge{}, into, nil
		}
		into.ID, into.Name = topic.ID(workspace, target), topic.Clean(target)
	}
	m, err := s.writeMerge(ctx, workspace, aliases, from.ID, into)
	return m, into, err
}

// writeMerge is refused with table.ErrLost when somebody has merged since the
// aliases were read.
func (s *Service) writeMerge(ctx context.Context, workspace string, aliases topic.Aliases, source string, into topic.Topic) (merge, error) {
	aliases, err := aliases.Merge(source, into.ID)
	if err != nil {
		return merge{}, err
	}
	now := s.now()
	m := merge{id: id.At(mergeDue, now), source: source, name: into.Name, target: into.ID, due: now.Add(mergeSettled)}
	ops := append(due.Move(workspace, m.id, time.Time{}, m.due), table.Put(topic.MergesKey(workspace, m.id), m.attrs(), table.Absent()))
	err = s.Table.Transact(ctx, append(ops, aliases.Ops(workspace)...))
	if errors.Is(err, table.ErrCondition) {
		return merge{}, table.ErrLost
	}
	if err != nil {
		return merge{}, fmt.Errorf("writing a merge of topics down: %w", err)
	}
	return m, nil
}

// mergeInline merges until it is done, or the rest is for a job.
func (s *Service) mergeInline(ctx context.Context, workspace string, m merge) error {
	inline, cancel := context.WithTimeout(ctx, mergeTime)
	defer cancel()
	err := s.finishMerge(inline, workspace, m)
	if err != nil && ctx.Err() == nil && inline.Err() != nil {
		s.send(ctx, queue.Tidy, Job{Workspace: workspace})
		return nil
	}
	return err
}

// merge is one topic taking another's place, written down until nobody is at
// work any more who may not know of it.
type merge struct {
	id, source, target string // ids of topics
	name               string // of the target
	due                time.Time
	walked             bool // all that had the source when it was written down has been changed
}

func (m merge) attrs() table.Attrs {
	return table.Attrs{"source": m.source, "target": m.target, "name": m.name, "due": m.due.UnixMilli()}
}

func readMerge(item table.Item) merge {
	return merge{
		id: item.SK, source: item.Str("source"), target: item.Str("target"), name: item.Str("name"),
		due: time.UnixMilli(item.Int("due")).UTC(), walked: item.Int("walked") != 0,
	}
}

// openMerges returns the merges that are under way.
func (s *Service) openMerges(ctx context.Context, workspace string) ([]merge, error) {
	key := topic.MergesKey(workspace, mergeDue)
	var open []merge
	err := s.each(ctx, table.Query{Table: key.Table, PK: key.PK, Prefix: key.SK, Consistency: table.Consistent}, func(item table.Item) bool {
		open = append(open, readMerge(item))
		return true
	})
	return open, err
}

// openMerge returns the merge of one of some topics that is under way, or the
// zero merge.
func (s *Service) openMerge(ctx context.Context, workspace string, sources []string) (merge, error) {
	open, err := s.openMerges(ctx, workspace)
	for _, m := range open {
		if slices.Contains(sources, m.source) {
			return m, nil
		}
	}
	return merge{}, err
}

// finishMerges takes up all merges that are under way.
func (s *Service) finishMerges(ctx context.Context, workspace string) error {
	open, err := s.openMerges(ctx, workspace)
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

// finishMerge changes every memory that still has the source: once when the
// merge is new, and once more when it has settled, which ends it. It may be
// repeated, and run twice at once.
func (s *Service) finishMerge(ctx context.Context, workspace string, m merge) error {
	settled := !s.now().Before(id.Time(m.id).Add(mergeSettled))
	if m.walked && !settled {
		return nil
	}
	aliases, err := s.topics().Aliases(ctx, workspace)
	if err != nil {
		return err
	}
	if aliases.Of(m.source) != m.source { // else it was taken back
		if err := s.walkMerge(ctx, workspace, m); err != nil {
			return err
		}
	}
	if settled {
		return s.endMerge(ctx, workspace, m)
	}
	err = table.Retry(ctx, conflictTries, func() error {
		_, err := s.Table.Write(ctx, table.Repeatable(
			table.Update(topic.MergesKey(workspace, m.id), table.Attrs{"walked": int64(1)}, table.Exists())))
		return err
	})
	if errors.Is(err, table.ErrCondition) {
		return nil // ended meanwhile
	}
	return err
}

func (s *Service) walkMerge(ctx context.Context, workspace string, m merge) error {
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
	return nil
}

func (s *Service) mergeIn(ctx context.Context, workspace, conversationID string, m merge) error {
	for found, err := range s.store().Timeline(ctx, workspace, conversationID) {
		if err != nil {
			return err
		}
		if !topic.Has(found.Named(workspace), m.source) {
			continue
		}
		_, err = s.change(ctx, changing{s: s, workspace: workspace}, found.ID, func(mem *memory.Memory) {
			mem.Topics = renamed{m.source: m.name}.of(mem.Named(workspace))
		})
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	return nil
}

func (s *Service) endMerge(ctx context.Context, workspace string, m merge) error {
	ops := []table.Op{
		table.Delete(topic.MergesKey(workspace, m.id), table.Equal("due", m.due.UnixMilli())),
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
	key := topic.MergesKey(workspace, mergeID)
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
