package topic

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"griot/internal/table"
)

// A link row holds how many memories of a conversation have a topic; it stays
// when there are none any more. Whoever has one is listed under the topic by
// a hint, a row without content.
const linkPrefix = "topic#"

// LinkKey is the row of a topic in a conversation's partition.
func LinkKey(workspace, conversation, topicID string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#" + conversation, SK: linkPrefix + topicID}
}

// HintKey is the row that lists a conversation under a topic.
func HintKey(workspace, topicID, conversation string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#topic#" + topicID, SK: conversation}
}

// Linked returns the topic of a link row, if the row is one.
func Linked(row table.Item) (topicID string, ok bool) { return strings.CutPrefix(row.SK, linkPrefix) }

// Count is the number of memories in a link row.
func Count(row table.Item) int64 { return row.Int("n") }

// Links returns the writes of the link rows that changes touch.
func Links(workspace, conversation string, changes []Change) []table.Op {
	ops := make([]table.Op, len(changes))
	for i, c := range changes {
		ops[i] = table.Increment(LinkKey(workspace, conversation, c.ID), "n", c.N)
	}
	return ops
}

// Hints returns the writes that list a conversation under the topics of
// changes that add. They belong into the transaction of the links or, as a
// reader verifies them, before it.
func Hints(workspace, conversation string, changes []Change) []table.Op {
	var ops []table.Op
	for _, c := range changes {
		if c.N > 0 {
			ops = append(ops, table.Put(HintKey(workspace, c.ID, conversation), nil))
		}
	}
	return ops
}

// Unlinked returns those of the changes whose topics a conversation has no
// link row for yet.
func (x Index) Unlinked(ctx context.Context, workspace, conversation string, changes []Change) ([]Change, error) {
	keys := make([]table.Key, len(changes))
	for i, c := range changes {
		keys[i] = LinkKey(workspace, conversation, c.ID)
	}
	items, err := x.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading the topics of a conversation: %w", err)
	}
	var out []Change
	for i, item := range items {
		if !item.Found() {
			out = append(out, changes[i])
		}
	}
	return out, nil
}

// Of returns, as changes that take them all away, the topics of a
// conversation.
func (x Index) Of(ctx context.Context, workspace, conversation string) ([]Change, error) {
	key := LinkKey(workspace, conversation, "")
	q := table.Query{Table: key.Table, PK: key.PK, Prefix: key.SK, Consistency: table.Consistent}
	var changes []Change
	for {
		page, err := x.Table.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("reading the topics of a conversation: %w", err)
		}
		for _, row := range page.Items {
			if topicID, ok := Linked(row); ok && Count(row) != 0 {
				changes = append(changes, Change{ID: topicID, N: -Count(row)})
			}
		}
		if page.Next == "" {
			return changes, nil
		}
		q.After = page.Next
	}
}

// Hinted yields the conversations that may have a topic, newest first, in
// chunks of at most size.
func (x Index) Hinted(ctx context.Context, workspace, topicID string, size int) iter.Seq2[[]string, error] {
	key := HintKey(workspace, topicID, "")
	q := table.Query{Table: key.Table, PK: key.PK, Reverse: true, Limit: size, Consistency: table.Consistent}
	return func(yield func([]string, error) bool) {
		for {
			page, err := x.Table.Query(ctx, q)
			if err != nil {
				yield(nil, fmt.Errorf("reading the conversations of a topic: %w", err))
				return
			}
			conversations := make([]string, len(page.Items))
			for i, item := range page.Items {
				conversations[i] = item.SK
			}
			if !yield(conversations, nil) || page.Next == "" {
				return
			}
			q.After = page.Next
		}
	}
}
