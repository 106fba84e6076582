package topic

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"griot/internal/record"
	"griot/internal/table"
)

// A link row counts the memories of a conversation that have a topic. It stays
// when the count falls to zero. A hint, a row without content, lists the
// conversation under the topic: readers verify it against the link row.
//
// Writers that have a lane of the conversation (see package tally) count in a
// row for that lane next to the link row, which is then marked as laned.
const linkPrefix = "topic#"

// LinkKey is the row of a topic in a conversation's partition.
func LinkKey(of record.Ref, topicID string) table.Key {
	return table.Key{Table: table.Conversations, PK: of.Partition(), SK: linkPrefix + topicID}
}

// HintKey is the row that lists a conversation under a topic.
func HintKey(of record.Ref, conversation string) table.Key {
	return table.Key{Table: table.Conversations, PK: of.Workspace + "#topic#" + of.ID, SK: conversation}
}

// laneKey is the row of a lane beside a link row.
func laneKey(link table.Key, lane string) table.Key {
	link.SK += "#" + lane
	return link
}

// laned reports whether a link row has rows for lanes next to it.
func laned(link table.Item) bool { return link.Int("laned") != 0 }

// Linked returns the topic of a link row, if the row is one.
func Linked(row table.Item) (topicID string, ok bool) {
	topicID, ok = strings.CutPrefix(row.SK, linkPrefix)
	return topicID, ok && !strings.Contains(topicID, "#")
}

// Has reports whether a conversation has memories with a topic, given the link row
// that was read.
func (x Index) Has(ctx context.Context, link table.Item) (bool, error) {
	if !laned(link) {
		return link.Int("n") > 0, nil
	}
	counted, err := x.counted(ctx, link.Key)
	return len(counted) > 0 && counted[0].N < 0, err
}

// Links returns the writes of the link rows that changes touch.
func Links(of record.Ref, changes []Change) []table.Op {
	ops := make([]table.Op, len(changes))
	for i, c := range changes {
		ops[i] = table.Increment(LinkKey(of, c.ID), "n", c.N)
	}
	return ops
}

// Hints returns the writes that list a conversation under the topics that changes
// add. They go into the transaction of the links, or before it.
func Hints(of record.Ref, changes []Change) []table.Op {
	var ops []table.Op
	for _, c := range changes {
		if c.N > 0 {
			ops = append(ops, table.Put(HintKey(record.In(of.Workspace, c.ID), of.ID), nil))
		}
	}
	return ops
}

// Link returns the writes that count changes in a conversation, and those that list
// it under topics that are new to it. The lane is the writer's, "" for none.
func (x Index) Link(ctx context.Context, of record.Ref, lane string, changes []Change) (links, hints []table.Op, err error) {
	known := make(map[string]table.Item, len(changes))
	var keys []table.Key
	for _, c := range changes {
		if c.N > 0 || lane != "" {
			keys = append(keys, LinkKey(of, c.ID))
		}
	}
	items, err := x.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the topics of a conversation: %w", err)
	}
	for i, item := range items {
		known[keys[i].SK] = item
	}
	for _, c := range changes {
		key := LinkKey(of, c.ID)
		row := known[key.SK]
		op := table.Increment(key, "n", c.N)
		switch {
		case lane != "" && laned(row):
			op.Key = laneKey(key, lane)
		case lane != "":
			op.Attrs["laned"] = int64(1)
		}
		links = append(links, op)
		if !row.Found() {
			hints = append(hints, Hints(of, []Change{c})...)
		}
	}
	return links, hints, nil
}

// Of returns the changes that would remove all topics of a conversation.
func (x Index) Of(ctx context.Context, of record.Ref) ([]Change, error) {
	return x.counted(ctx, LinkKey(of, ""))
}

// counted adds up the link rows whose keys begin with a key, as the changes that
// would bring them to zero.
func (x Index) counted(ctx context.Context, key table.Key) ([]Change, error) {
	q := table.Query{Table: key.Table, PK: key.PK, Prefix: key.SK, Consistency: table.Consistent}
	var changes []Change
	for row, err := range table.All(ctx, x.Table, q) {
		if err != nil {
			return nil, fmt.Errorf("reading the topics of a conversation: %w", err)
		}
		topicID, _, _ := strings.Cut(strings.TrimPrefix(row.SK, linkPrefix), "#")
		if last := len(changes) - 1; last < 0 || changes[last].ID != topicID {
			changes = append(changes, Change{ID: topicID})
		}
		changes[len(changes)-1].N -= row.Int("n")
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.N == 0 }), nil
}

// Hinted yields the conversations that may have a topic, newest first, in
// chunks of at most size.
func (x Index) Hinted(ctx context.Context, of record.Ref, size int) iter.Seq2[[]string, error] {
	key := HintKey(of, "")
	q := table.Query{Table: key.Table, PK: key.PK, Reverse: true, Limit: size, Consistency: table.Consistent}
	return func(yield func([]string, error) bool) {
		for items, err := range table.Pages(ctx, x.Table, q) {
			if err != nil {
				yield(nil, fmt.Errorf("reading the conversations of a topic: %w", err))
				return
			}
			conversations := make([]string, len(items))
			for i, item := range items {
				conversations[i] = item.SK
			}
			if !yield(conversations, nil) {
				return
			}
		}
	}
}
