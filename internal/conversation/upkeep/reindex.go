package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/record"
	"griot/internal/table"
)

const (
	// reindexedAtOnce bounds the memories of one transaction, each of which has
	// two operations, and reindexedBytes what their units and texts take.
	reindexedAtOnce = 45
	reindexedBytes  = 1 << 20
	// reindexedAPause is how many units are written in a pause of the index, so
	// that they come about as fast as merges can take them away.
	reindexedAPause = 4
)

// Reindex writes anew what the search index has of a workspace's conversations
// and memories, as a version that finds other words in them would, and returns
// how many units that were. It may run beside writers, be broken off, and
// repeated. What is changed or deleted meanwhile is left to whoever does that:
// their unit is newer.
func (s *Service) Reindex(ctx context.Context, workspace string) (units int, err error) {
	for row, err := range table.All(ctx, s.Conversations.Table, table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(workspace, "")).PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return units, fmt.Errorf("reading conversations: %w", err)
		}
		n, err := s.reindexOne(ctx, record.In(workspace, row.SK))
		units += n
		if err != nil {
			return units, err
		}
	}
	return units, nil
}

// reindexOne writes the units of a conversation.
func (s *Service) reindexOne(ctx context.Context, of record.Ref) (units int, err error) {
	item, err := s.Conversations.Table.Get(ctx, conversation.InfoKey(of), table.Consistent)
	if err != nil {
		return 0, fmt.Errorf("reading a conversation: %w", err)
	}
	if !item.Found() {
		return 0, nil // deleted since it was listed
	}
	r := reindex{Service: s, of: of}
	if _, err := r.transact(ctx, s.Conversations.Reindex(of, conversation.ReadInfo(item)), 1); err != nil {
		return 0, err
	}
	for m, err := range (memory.Store{Table: s.Conversations.Table}).Timeline(ctx, of) {
		if err != nil {
			return r.written, err
		}
		if err := r.add(ctx, m.Reindex(of.Workspace, s.Conversations.Index), len(m.Content)); err != nil {
			return r.written, err
		}
	}
	return r.written, r.flush(ctx)
}

// reindex is units of a conversation that are to be written.
type reindex struct {
	*Service
	of      record.Ref
	units   [][]table.Op
	bytes   int
	written int
}

// add takes the operations of a unit, and the bytes of the text that they are
// conditional on.
func (r *reindex) add(ctx context.Context, unit []table.Op, bytes int) error {
	for _, op := range unit {
		bytes += table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
	}
	if len(r.units) > 0 && (r.bytes+bytes > reindexedBytes || len(r.units) == reindexedAtOnce) {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	r.units = append(r.units, unit)
	r.bytes += bytes
	return nil
}

// flush writes the units together, or if one of them is out of date, those that
// are not.
func (r *reindex) flush(ctx context.Context) error {
	units := r.units
	r.units, r.bytes = nil, 0
	written, err := r.write(ctx, units)
	if err != nil || written {
		return err
	}
	for _, unit := range units {
		if _, err := r.write(ctx, [][]table.Op{unit}); err != nil {
			return err
		}
	}
	return nil
}

// write writes units in one transaction; not if anything of them has changed
// since they were read, or the conversation is gone: then its purge has begun,
// and nobody may write to the index any more.
func (r *reindex) write(ctx context.Context, units [][]table.Op) (written bool, err error) {
	if len(units) == 0 {
		return true, nil
	}
	ops := []table.Op{table.Check(conversation.InfoKey(r.of), table.Exists())}
	for _, unit := range units {
		ops = append(ops, unit...)
	}
	return r.transact(ctx, ops, len(units))
}

func (r *reindex) transact(ctx context.Context, ops []table.Op, units int) (written bool, err error) {
	err = record.Change(ctx, conversation.Tries, func() error { return r.Conversations.Table.Transact(ctx, ops) })
	if errors.Is(err, table.ErrCondition) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("indexing a conversation anew: %w", err)
	}
	r.written += units
	r.Conversations.Written(ctx, r.of.Workspace, ops)
	return true, r.pause(ctx, units)
}

// pause lets merges keep up.
func (r *reindex) pause(ctx context.Context, units int) error {
	wait := r.Conversations.Index.Pause * time.Duration(units) / reindexedAPause
	if wait == 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}
