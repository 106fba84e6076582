package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/search"
	"griot/internal/table"
	"griot/internal/task"
)

// purgeConversation removes everything that a hidden conversation has left. It may
// run several times, also at once: each row is removed on the condition that it
// still exists, and counted in the same transaction.
func (s *Service) purgeConversation(ctx context.Context, m task.Message) error {
	item, err := s.Conversations.Table.Get(ctx, conversation.HiddenKey(record.In(m.Workspace, m.Conversation)), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a hidden conversation: %w", err)
	}
	t := conversation.ReadTomb(item)
	receipt := deletion.Key(m.Workspace, t.Deletion)
	pg := purge{s, m.Workspace, m.Conversation, &deletion.Purge{Table: s.Conversations.Table, Receipt: receipt}}
	if err := pg.index(ctx); err != nil {
		return err
	}
	if err := pg.rows(ctx); err != nil {
		return err
	}
	// Names of topics that nobody has any more go with their totals.
	if _, err := s.Conversations.Topics().Fold(ctx, m.Workspace); err != nil {
		return err
	}
	if err := (conversation.Lists{Service: s.Conversations}).ForgetLater(ctx, m.Workspace); err != nil {
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
	_, err = p.s.Conversations.Index.Purge(ctx, p.workspace, p.id, nil, entriesOf(p.Receipt), waiting...)
	if err != nil {
		return fmt.Errorf("removing a conversation from the index: %w", err)
	}
	return nil
}

// entriesOf returns a function that counts removed index entries in a receipt.
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

// waiting returns the hidden conversations whose purges have not finished, in the
// order in which their jobs were sent and will probably arrive.
func (s *Service) waiting(ctx context.Context, workspace string) ([]search.Waiting, error) {
	page, err := s.Conversations.Table.Query(ctx, table.Query{Table: table.Conversations, PK: conversation.HiddenKey(record.In(workspace, "")).PK, Limit: mostWaiting})
	if err != nil {
		return nil, fmt.Errorf("reading hidden conversations: %w", err)
	}
	tombs := make([]conversation.Tomb, len(page.Items))
	for i, item := range page.Items {
		tombs[i] = conversation.ReadTomb(item)
	}
	slices.SortStableFunc(tombs, func(a, b conversation.Tomb) int { return a.Due.Compare(b.Due) })
	waiting := make([]search.Waiting, len(tombs))
	for i, t := range tombs {
		waiting[i] = search.Waiting{Conversation: t.Conversation, Note: entriesOf(deletion.Key(workspace, t.Deletion))}
	}
	return waiting, nil
}

// rows removes the conversation's partition, and the rows elsewhere that rows of it
// point to.
func (p purge) rows(ctx context.Context) error {
	pk := conversation.PartitionKey(record.In(p.workspace, p.id)).PK
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

// targets returns the rows elsewhere that a row of the partition points to, and
// their size. Those of memories and topics exist as long as the row does, because
// one transaction wrote them all; others are read first. Relationships of a memory
// go from their other ends at once.
func (p purge) targets(ctx context.Context, item table.Item) (keys []table.Key, bytes int, err error) {
	if memory.Is(item) {
		m, err := memory.Read(item)
		if err != nil {
			return nil, 0, err
		}
		if err := (memory.Store{Table: p.Table}).PartOutside(ctx, p.workspace, m); err != nil {
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
		return []table.Key{topic.HintKey(record.In(p.workspace, topicID), p.id)}, 0, nil
	}
	if session, ok := memory.ClientSession(p.workspace, item); ok {
		return p.held(ctx, session, "conv", p.id)
	}
	if record, ok := idempotency.Records(p.workspace, item.Key); ok {
		return p.held(ctx, record, "", "")
	}
	return nil, 0, nil
}

// held returns a row if it exists and, unless attr is "", still belongs to this
// conversation.
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

// finish closes the purge's part of the receipt and replaces the tomb by a tombstone
// that expires.
func (p purge) finish(ctx context.Context, t conversation.Tomb) error {
	now := p.s.Conversations.Time()
	closed, err := deletion.Close(ctx, p.Table, p.Receipt, now)
	if err != nil {
		return err
	}
	ops := []table.Op{
		table.Delete(conversation.HiddenKey(record.In(p.workspace, p.id)), table.Equal("due", t.Due.UnixMilli())),
		table.Put(conversation.TombstoneKey(record.In(p.workspace, p.id)), record.Expire(table.Attrs{}, now)),
		table.Delete(task.Row(t.Due, record.In(p.workspace, p.id))),
		closed,
	}
	err = table.Retry(ctx, conversation.Tries, func() error { return p.Table.Transact(ctx, ops) })
	if errors.Is(err, table.ErrCondition) {
		return deletion.ErrTwin
	}
	if err != nil {
		return fmt.Errorf("closing the receipt: %w", err)
	}
	return nil
}

// purgeMemories removes single deleted memories from the index, and the versions that
// they had. It has no receipt:
// the due rows of the memories say whether it is done.
func (s *Service) purgeMemories(ctx context.Context, m task.Message) error {
	var open []string
	var gone []memory.Gone
	memories := memory.Store{Table: s.Conversations.Table}
	for _, memoryID := range m.Memories {
		item, err := s.Conversations.Table.Get(ctx, memory.IDKey(record.In(m.Workspace, memoryID)), table.Consistent)
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
	for i, memoryID := range open {
		if !gone[i].Versions {
			continue
		}
		if err := memories.Forget(ctx, record.In(m.Workspace, m.Conversation), memoryID); err != nil {
			return err
		}
	}
	if _, err := s.Conversations.Index.Purge(ctx, m.Workspace, m.Conversation, open, func(int) []table.Op { return nil }); err != nil {
		return fmt.Errorf("removing memories from the index: %w", err)
	}
	// One of them may have given the title. No merge is running that began before
	// the purge.
	if err := s.Conversations.Index.Renew(ctx, m.Workspace, m.Conversation); err != nil {
		return fmt.Errorf("renewing a conversation in the index: %w", err)
	}
	for i, memoryID := range open {
		if err := s.settle(ctx, record.In(m.Workspace, memoryID), gone[i], time.Time{}); err != nil {
			return err
		}
	}
	_, err := s.Conversations.Topics().Fold(ctx, m.Workspace)
	return err
}

// settle moves the due row of a deleted memory to another time, or removes it for
// the zero time. It is no error if somebody else has done so.
func (s *Service) settle(ctx context.Context, of record.Ref, g memory.Gone, next time.Time) error {
	ops := append(task.Move(record.In(of.Workspace, memory.Due+of.ID), g.Due, next), g.Settle(of, next))
	err := table.Retry(ctx, conversation.Tries, func() error { return s.Conversations.Table.Transact(ctx, ops) })
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("settling a deleted memory: %w", err)
	}
	return nil
}
