package upkeep

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
)

// Recount puts right what a workspace's memories and topics count, beside
// writers. Memories of a version that did not count their bytes count from then on.
//
// First each conversation is put right by its memories, under the condition that
// nothing in it changes meanwhile. What the workspace knows of them all is then
// held against that; see [quota.Book.Recount].
func (s *Service) Recount(ctx context.Context, workspace string) error {
	for row, err := range table.All(ctx, s.Conversations.Table, table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(workspace, "")).PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return fmt.Errorf("reading conversations: %w", err)
		}
		if err := s.recountOne(ctx, record.In(workspace, row.SK)); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	if err := s.Conversations.Quotas().Recount(ctx, workspace, []quota.Counter{quota.Remembered}, s.Conversations.Tallies().CountRows); err != nil {
		return err
	}
	if err := s.Conversations.Topics().Recount(ctx, workspace); err != nil {
		return err
	}
	return s.Conversations.Quotas().Weigh(ctx, workspace)
}

// recountedAtOnce bounds the memories that one transaction counts.
const recountedAtOnce = 90

func (s *Service) recountOne(ctx context.Context, of record.Ref) error {
	for {
		var done bool
		err := record.Change(ctx, conversation.Tries, func() (err error) {
			done, err = s.tryRecount(ctx, of)
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

// tryRecount has some memories of a conversation count which do not as they
// should, and then the conversation as they do; done is false while there may be more.
func (s *Service) tryRecount(ctx context.Context, of record.Ref) (done bool, err error) {
	t, err := s.Conversations.Gathered(ctx, of)
	if err != nil {
		return false, err
	}
	var wrong []memory.Memory
	bytes := int64(0)
	var events tally.Events
	memories := memory.Store{Table: s.Conversations.Table}
	for m, err := range memories.Timeline(ctx, of) {
		if err != nil {
			return false, err
		}
		events = events.With(memory.Events(m))
		if bytes += m.Counted(); m.Counted() != m.Bytes() && len(wrong) < recountedAtOnce {
			wrong = append(wrong, m)
		}
	}
	d := tally.Delta{Bytes: bytes - t.Bytes, Told: bytes - t.Told}
	var ops []table.Op
	for _, m := range wrong {
		ops = append(ops, m.Recount(of.Workspace))
		d.Bytes += m.Bytes() - m.Counted()
		d.Told += m.Bytes() - m.Counted()
	}
	if len(ops) == 0 && d == (tally.Delta{}) && events == t.Events {
		return true, nil
	}
	counted, err := s.Conversations.CountOps(ctx, conversation.Counting{Workspace: of.Workspace, ID: of.ID, Delta: d})
	if err != nil {
		return false, err
	}
	ops = append(append(ops, t.Correct(of, d, events), s.Conversations.Moved(of)), counted...)
	err = s.Conversations.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return false, record.ErrStale
	}
	if err != nil {
		return false, fmt.Errorf("counting the memories of a conversation: %w", err)
	}
	return false, nil
}
