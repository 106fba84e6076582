// Package merge merges topics: the target takes the source's place in the index of
// topics at once, and then in every memory that has the source.
package merge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
	"griot/internal/task"
)

// Service merges topics.
type Service struct {
	Conversations *conversation.Service
}

func (s *Service) memories() *memory.Service { return &memory.Service{Conversations: s.Conversations} }

func (s *Service) topics() topic.Index { return s.Conversations.Topics() }

// Input is the body of POST /api/topics/merge: ids or names.
type Input struct {
	Source string `json:"sourceTopicId" is:"filled ..32768"`
	Target string `json:"targetTopicId" is:"filled ..32768"`
}

// mergeTime is how long a request works on a merge before it leaves the rest to the
// job.
const mergeTime = 5 * time.Second

// mergeSettled is the age of a merge from which on no change of a memory can
// still be running that began before the merge was written down, and so did not
// know of it: a change takes clock.Lifetime at most.
const mergeSettled = 2 * clock.Lifetime

// Merge gives all memories of one topic the other one instead, and returns the
// other. What is too much for a request is finished by a job. From then on the
// source's names and ids stand for the target.
//
// A merge that was made before stays as it is, unless a topic is merged into a
// name that was merged into it: then that becomes its name.
func (s *Service) Merge(ctx context.Context, p access.Principal, in Input, claim *idempotency.Claim) (topic.Topic, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return topic.Topic{}, err
	}
	if err := schema.Check(in); err != nil {
		return topic.Topic{}, err
	}
	var m topic.Merge
	var into topic.Topic
	err := record.Change(ctx, conversation.Tries, func() (err error) {
		m, into, err = s.begin(ctx, p.Workspace, in.Source, in.Target)
		return err
	})
	if err != nil {
		return topic.Topic{}, err
	}
	if m.ID != "" {
		if err := s.inline(ctx, p.Workspace, m); err != nil {
			return topic.Topic{}, err
		}
		if now, ok, err := s.topics().Get(ctx, record.In(p.Workspace, into.ID)); err != nil || ok {
			into = now
		}
	}
	err = claim.Store(ctx, s.Conversations.Table, into, topic.MergesKey(p.Workspace, "-"))
	if err != nil && !errors.Is(err, table.ErrCondition) {
		slog.WarnContext(ctx, "the answer to a merge of topics was not stored", "workspace", p.Workspace, "error", err)
		err = nil
	}
	return into, err
}

// begin writes the row of a merge and the aliases. It returns the zero merge if
// there is nothing to do.
func (s *Service) begin(ctx context.Context, workspace, source, target string) (topic.Merge, topic.Topic, error) {
	aliases, err := s.topics().Aliases(ctx, workspace)
	if err != nil {
		return topic.Merge{}, topic.Topic{}, err
	}
	from, err := s.topics().Find(ctx, workspace, aliases, source)
	if err != nil {
		return topic.Merge{}, topic.Topic{}, err
	}
	into, err := s.topics().Find(ctx, workspace, aliases, target)
	if err != nil {
		return topic.Merge{}, topic.Topic{}, err
	}
	if from.ID == into.ID {
		sources, targets := topic.Spelled(workspace, true, source), topic.Spelled(workspace, true, target)
		switch {
		case slices.ContainsFunc(sources, func(topicID string) bool { return slices.Contains(targets, topicID) }):
			return topic.Merge{}, topic.Topic{}, errs.Invalid("targetTopicId", "invalid", "must be another topic than the source")
		case !slices.Contains(sources, from.ID): // merged before, if not all of it yet
			m, err := s.open(ctx, workspace, sources)
			return m, into, err
		case id.ValidUUID(strings.ToLower(strings.TrimSpace(target))): // of which no name is known
			return topic.Merge{}, into, nil
		}
		into.ID, into.Name = topic.ID(workspace, target), topic.Clean(target)
	}
	m, err := s.write(ctx, workspace, aliases, from.ID, into)
	return m, into, err
}

// write writes the row of a merge and the aliases. It is record.ErrStale when
// somebody has merged topics since the aliases were read.
func (s *Service) write(ctx context.Context, workspace string, aliases topic.Aliases, source string, into topic.Topic) (topic.Merge, error) {
	aliases, err := aliases.Merge(source, into.ID)
	if err != nil {
		return topic.Merge{}, err
	}
	now := s.Conversations.Time()
	m := topic.Merge{ID: id.At(topic.MergeDue, now), Source: source, Name: into.Name, Target: into.ID, Due: now.Add(mergeSettled)}
	ops := append(task.Move(record.In(workspace, m.ID), time.Time{}, m.Due), table.Put(topic.MergesKey(workspace, m.ID), m.Attrs(), table.Absent()))
	err = s.Conversations.Table.Transact(ctx, append(ops, aliases.Ops(workspace)...))
	if errors.Is(err, table.ErrCondition) {
		return topic.Merge{}, record.ErrStale
	}
	if err != nil {
		return topic.Merge{}, fmt.Errorf("writing a merge of topics down: %w", err)
	}
	return m, nil
}

// inline works on a merge until it is done or mergeTime is over, and leaves the rest
// to a job.
func (s *Service) inline(ctx context.Context, workspace string, m topic.Merge) error {
	within, cancel := context.WithTimeout(ctx, mergeTime)
	defer cancel()
	err := s.finish(within, workspace, m)
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		s.tidy(ctx, workspace)
		return nil
	}
	return err
}

// open returns the running merge whose source is one of some topics, or the zero
// merge.
func (s *Service) open(ctx context.Context, workspace string, sources []string) (topic.Merge, error) {
	open, err := s.topics().OpenMerges(ctx, workspace)
	for _, m := range open {
		if slices.Contains(sources, m.Source) {
			return m, nil
		}
	}
	return topic.Merge{}, err
}

// Finish works on all running merges.
func (s *Service) Finish(ctx context.Context, workspace string) error {
	open, err := s.topics().OpenMerges(ctx, workspace)
	if err != nil {
		return err
	}
	for _, m := range open {
		if err := s.finish(ctx, workspace, m); err != nil {
			return err
		}
	}
	return nil
}

// finish changes every memory that still has the source: once when the merge is
// new, and once more when it has settled, which ends it. It may run several times,
// also at once.
func (s *Service) finish(ctx context.Context, workspace string, m topic.Merge) error {
	settled := !s.Conversations.Time().Before(id.Time(m.ID).Add(mergeSettled))
	if m.Walked && !settled {
		return nil
	}
	aliases, err := s.topics().Aliases(ctx, workspace)
	if err != nil {
		return err
	}
	if aliases.Of(m.Source) != m.Source { // else the merge was reverted
		if err := s.walk(ctx, workspace, m); err != nil {
			return err
		}
	}
	if settled {
		return s.end(ctx, workspace, m)
	}
	err = table.Retry(ctx, conversation.Tries, func() error {
		_, err := s.Conversations.Table.Write(ctx, table.Repeatable(
			table.Update(topic.MergesKey(workspace, m.ID), table.Attrs{"walked": int64(1)}, table.Exists())))
		return err
	})
	if errors.Is(err, table.ErrCondition) {
		return nil // ended meanwhile
	}
	return err
}

// walk gives every memory that has the source the target instead.
func (s *Service) walk(ctx context.Context, workspace string, m topic.Merge) error {
	for c, err := range s.Conversations.WithTopic(ctx, record.In(workspace, m.Source), math.MaxInt) {
		if err != nil {
			return err
		}
		for found, err := range s.memories().Store().Timeline(ctx, record.In(workspace, c.ID)) {
			if err != nil {
				return err
			}
			if !topic.Has(found.Named(workspace), m.Source) {
				continue
			}
			err = s.memories().Edit(ctx, record.In(workspace, found.ID), func(of memory.Memory) (memory.Memory, error) {
				of.Topics = topic.Renamed{m.Source: m.Name}.Of(of.Named(workspace))
				return of, nil
			})
			if err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
		}
	}
	return nil
}

func (s *Service) end(ctx context.Context, workspace string, m topic.Merge) error {
	ops := []table.Op{
		table.Delete(topic.MergesKey(workspace, m.ID), table.Equal("due", m.Due.UnixMilli())),
		table.Delete(task.Row(m.Due, record.In(workspace, m.ID))),
	}
	err := table.Retry(ctx, conversation.Tries, func() error { return s.Conversations.Table.Transact(ctx, ops) })
	if errors.Is(err, table.ErrCondition) {
		return nil // a twin was faster, or the job was sent again: that one ends it
	}
	if err != nil {
		return fmt.Errorf("ending a merge of topics: %w", err)
	}
	return nil
}

// Wake sends the job of a merge again.
func (s *Service) Wake(ctx context.Context, of record.Ref, at time.Time) error {
	key := topic.MergesKey(of.Workspace, of.ID)
	item, err := s.Conversations.Table.Get(ctx, key, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading a merge of topics: %w", err)
	}
	m := topic.ReadMerge(item)
	if !item.Found() || !m.Due.Equal(at) {
		return task.Drop(ctx, s.Conversations.Table, of, at)
	}
	next := s.Conversations.Time().Add(task.Tidy.Wait(1))
	ops := append(task.Move(of, at, next),
		table.Update(key, table.Attrs{"due": next.UnixMilli()}, table.Equal("due", at.UnixMilli())))
	if err := s.Conversations.Table.Transact(ctx, ops); err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("moving a merge of topics: %w", err)
	}
	s.tidy(ctx, of.Workspace)
	return nil
}

func (s *Service) tidy(ctx context.Context, workspace string) {
	s.Conversations.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: workspace})
}

// foldsKey is the row that has the version of topic.Fold by which the topics of a
// workspace are distinguished.
func foldsKey(workspace string) table.Key { return topic.MergesKey(workspace, "folds") }

// folds is the version of topic.Fold.
const folds = 1

// Refold merges topics that still have ids of an earlier version of topic.Fold, by
// which "a  b" and "a b" were two topics, into those that their names have today.
// It looks at all topics of a workspace once.
func (s *Service) Refold(ctx context.Context, workspace string) error {
	key := foldsKey(workspace)
	item, err := s.Conversations.Table.Get(ctx, key, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading how topics are folded: %w", err)
	}
	if item.Int("n") == folds {
		return nil
	}
	all, _, err := s.topics().All(ctx, workspace)
	if err != nil {
		return err
	}
	for _, t := range all {
		into := topic.Topic{ID: topic.ID(workspace, t.Name), Name: topic.Clean(t.Name)}
		if into.ID == t.ID {
			continue
		}
		err := record.Change(ctx, conversation.Tries, func() error {
			aliases, err := s.topics().Aliases(ctx, workspace)
			if err == nil {
				_, err = s.write(ctx, workspace, aliases, t.ID, into)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return table.Retry(ctx, conversation.Tries, func() error {
		_, err := s.Conversations.Table.Write(ctx, table.Put(key, table.Attrs{"n": int64(folds)}))
		return err
	})
}
