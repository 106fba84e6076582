package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
	"griot/internal/due"
	"griot/internal/idempotency"
	"griot/internal/search"
	"griot/internal/table"
)

// Purge carries a deletion out: of a conversation, of what the index has of
// single memories, or of what was changed. It may be repeated, also while it runs: each thing is
// removed under the condition that it is still there, and counted in the same
// transaction.
func (s *Service) Purge(ctx context.Context, j Job) error {
	switch {
	case j.Renewal != 0:
		return s.renew(ctx, j)
	case len(j.Memories) > 0:
		return s.purgeMemories(ctx, j)
	}
	item, err := s.Table.Get(ctx, hiddenKey(j.Workspace, j.Conversation), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a hidden conversation: %w", err)
	}
	t := readTomb(item)
	receipt := deletion.Key(j.Workspace, t.deletion)
	pg := purge{s, j.Workspace, j.Conversation, &deletion.Purge{Table: s.Table, Receipt: receipt}}
	if err := pg.index(ctx); err != nil {
		return err
	}
	if err := pg.rows(ctx); err != nil {
		return err
	}
	// Names of topics that nobody has any more go with their totals.
	if _, err := s.topics().Fold(ctx, j.Workspace); err != nil {
		return err
	}
	return pg.finish(ctx, t)
}

type purge struct {
	s             *Service
	workspace, id string
	*deletion.Purge
}

func (p purge) index(ctx context.Context) error {
	waiting, err := p.s.waiting(ctx, p.workspace)
	if err != nil {
		return err
	}
	_, err = p.s.Index.Purge(ctx, p.workspace, p.id, nil, entriesOf(p.Receipt), waiting...)
	if err != nil {
		return fmt.Errorf("removing a conversation from the index: %w", err)
	}
	return nil
}

// entriesOf returns what counts units of the index into a receipt.
func entriesOf(receipt table.Key) func(units int) []table.Op {
	return func(units int) []table.Op {
		if units == 0 {
			return nil
		}
		return []table.Op{deletion.Count(receipt, deletion.IndexEntries, int64(units))}
	}
}

// mostWaiting is among how many purges the index may choose.
const mostWaiting = 1000

// waiting are hidden conversations whose purges are to come or under way, in
// the order in which their jobs were sent, and so come.
func (s *Service) waiting(ctx context.Context, workspace string) ([]search.Waiting, error) {
	page, err := s.Table.Query(ctx, table.Query{Table: table.Conversations, PK: hiddenKey(workspace, "").PK, Limit: mostWaiting})
	if err != nil {
		return nil, fmt.Errorf("reading hidden conversations: %w", err)
	}
	tombs := make([]tomb, len(page.Items))
	for i, item := range page.Items {
		tombs[i] = readTomb(item)
	}
	slices.SortStableFunc(tombs, func(a, b tomb) int { return a.due.Compare(b.due) })
	waiting := make([]search.Waiting, len(tombs))
	for i, t := range tombs {
		waiting[i] = search.Waiting{Conversation: t.conversation, Note: entriesOf(deletion.Key(workspace, t.deletion))}
	}
	return waiting, nil
}

// rows removes the conversation's partition, and what its rows stand for in
// others.
func (p purge) rows(ctx context.Context) error {
	pk := partitionKey(p.workspace, p.id).PK
	err := p.Each(ctx, table.Conversations, pk, "", func(item table.Item) error {
		keys, bytes, err := p.targets(ctx, item)
		if err != nil {
			return err
		}
		ops := []table.Op{table.Delete(item.Key, table.Exists())}
		for _, key := range keys {
			ops = append(ops, table.Delete(key, table.Exists()))
		}
		return p.Add(ctx, item.Size()+bytes+len(keys)<<10, ops...)
	})
	if err != nil {
		return err
	}
	return p.Flush(ctx)
}

// targets returns the rows that a row stands for. Those of memories and
// topics are there as long as the row itself is, by the transactions that
// wrote them; others are read first.
func (p purge) targets(ctx context.Context, item table.Item) (keys []table.Key, bytes int, err error) {
	if memory.Is(item) {
		m, err := memory.Read(item)
		if err != nil {
			return nil, 0, err
		}
		keys = m.Rows(p.workspace)[1:]
		if m.Name == "" {
			return keys, 0, nil
		}
		named, _, err := p.held(ctx, memory.NameKey(p.workspace, m.Name), "id", m.ID)
		return append(keys, named...), 0, err
	}
	if topicID, ok := topic.Linked(item); ok {
		return []table.Key{topic.HintKey(p.workspace, topicID, p.id)}, 0, nil
	}
	if h, ok := strings.CutPrefix(item.SK, claudePrefix); ok {
		return p.held(ctx, claudeKey(p.workspace, h), "conv", p.id)
	}
	if record, ok := idempotency.Records(p.workspace, item.Key); ok {
		return p.held(ctx, record, "", "")
	}
	return nil, 0, nil
}

// held returns a row if it is there and, unless attr is "", still this
// conversation's.
func (p purge) held(ctx context.Context, key table.Key, attr, value string) ([]table.Key, int, error) {
	item, err := p.Table.Get(ctx, key, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading what a row points to: %w", err)
	}
	if attr != "" && item.Str(attr) != value {
		return nil, 0, nil
	}
	return []table.Key{key}, item.Size(), nil
}

// finish closes the purge's part of the receipt and leaves a tombstone that
// expires.
func (p purge) finish(ctx context.Context, t tomb) error {
	now := p.s.now()
	closed, err := deletion.Close(ctx, p.Table, p.Receipt, now)
	if err != nil {
		return err
	}
	ops := []table.Op{
		table.Delete(hiddenKey(p.workspace, p.id), table.Equal("due", t.due.UnixMilli())),
		table.Put(tombKey(p.workspace, p.id), table.Attrs{table.ExpiresAttr: now.Add(tombKept).Unix()}),
		table.Delete(due.Key(t.due, p.workspace, p.id)),
		closed,
	}
	err = table.Retry(ctx, conflictTries, func() error { return p.Table.Transact(ctx, ops) })
	if errors.Is(err, table.ErrCondition) {
		return deletion.ErrTwin
	}
	if err != nil {
		return fmt.Errorf("closing the receipt: %w", err)
	}
	return nil
}

// purgeMemories removes what the index has of memories that were deleted one
// by one. That has no receipt; their due rows say whether it is done.
func (s *Service) purgeMemories(ctx context.Context, j Job) error {
	var open []string
	var gone []memory.Gone
	for _, memoryID := range j.Memories {
		item, err := s.Table.Get(ctx, memory.IDKey(j.Workspace, memoryID), table.Consistent)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return fmt.Errorf("reading a deleted memory: %w", err)
		}
		if g, ok := memory.ReadGone(item); ok && !g.Due.IsZero() {
			open, gone = append(open, memoryID), append(gone, g)
		}
	}
	if len(open) == 0 {
		return nil
	}
	if _, err := s.Index.Purge(ctx, j.Workspace, j.Conversation, open, func(int) []table.Op { return nil }); err != nil {
		return fmt.Errorf("removing memories from the index: %w", err)
	}
	// One of them may have been the title. No merge is at work that began before the purge.
	if err := s.Index.Renew(ctx, j.Workspace, j.Conversation); err != nil {
		return fmt.Errorf("renewing a conversation in the index: %w", err)
	}
	for i, memoryID := range open {
		if err := s.settle(ctx, j.Workspace, memoryID, gone[i], time.Time{}); err != nil {
			return err
		}
	}
	_, err := s.topics().Fold(ctx, j.Workspace)
	return err
}

// settle moves the due row of a deleted memory, or ends it. A twin that was
// faster is no error.
func (s *Service) settle(ctx context.Context, workspace, memoryID string, g memory.Gone, next time.Time) error {
	ops := append(due.Move(workspace, memoryDue+memoryID, g.Due, next), g.Settle(workspace, memoryID, next))
	err := table.Retry(ctx, conflictTries, func() error { return s.Table.Transact(ctx, ops) })
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("settling a deleted memory: %w", err)
	}
	return nil
}
