package conversation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/search"
	"griot/internal/table"
)

// addition is memories on their way into one conversation.
type addition struct {
	workspace    string
	conversation string
	at           time.Time
	memories     []memory.Memory
}

// ops returns the writes of the memories, of the rows by which they are found
// and of everything that counts them, but for the conversation's own rows.
func (s *Service) additionOps(a addition) ([]table.Op, error) {
	var ops []table.Op
	for _, m := range a.memories {
		rows, err := m.Create(a.workspace)
		if err != nil {
			return nil, err
		}
		ops = append(ops, rows...)
		ops = append(ops, s.Index.Put(a.workspace, doc(m)))
	}
	ops = append(ops, count(a.workspace, a.memories[0].ID, int64(len(a.memories))))
	changes := a.changes()
	ops = append(ops, topic.Links(a.workspace, a.conversation, changes)...)
	return append(ops, topic.Deltas(a.workspace, a.at, changes)...), nil
}

func doc(m memory.Memory) search.Doc {
	return search.Doc{Conversation: m.Conversation, Memory: m.ID, Text: m.Content, Topics: m.Topics, At: m.At()}
}

// changes returns how the memories change their conversation's topics.
func (a addition) changes() []topic.Change {
	var out []topic.Change
	at := map[string]int{}
	for _, m := range a.memories {
		for _, c := range topic.Changes(nil, m.Named(a.workspace)) {
			if i, ok := at[c.ID]; ok {
				out[i].N++
				continue
			}
			at[c.ID] = len(out)
			out = append(out, c)
		}
	}
	return out
}

// grow returns the write that counts new memories into a conversation that
// was read as old. It is refused when the conversation is gone, or when
// another writer began a memory session or took the title away. Of writers at
// the same time, the last to commit sets the activity, a few milliseconds off
// perhaps.
func grow(workspace, conversationID string, old order, at time.Time, session string, n int64) table.Op {
	if at.Before(old.activity) {
		at = old.activity
	}
	op := table.Update(orderKey(workspace, conversationID), table.Attrs{
		"activity": at.UnixMilli(), "session": session,
	}, table.Exists(), old.sameTitles())
	switch {
	case old.session == "":
		op.If = append(op.If, table.Missing("session"))
	case old.session != session:
		op.If = append(op.If, table.Equal("session", old.session))
	}
	op.Add = map[string]int64{"memories": n, "rev": 1}
	return op
}

// touch returns the write that counts a change of a memory whose conversation
// was read as old. It is refused when the title has passed to another memory
// since.
func touch(workspace, conversationID string, old order, memories int64) table.Op {
	op := table.Increment(orderKey(workspace, conversationID), "rev", 1, table.Exists(), old.sameTitles())
	if memories != 0 {
		op.Add["memories"] = memories
	}
	return op
}

// sameTitles holds as long as the title does not pass to another memory.
func (o order) sameTitles() table.Cond {
	if o.titles == 0 {
		return table.Missing("titles")
	}
	return table.Equal("titles", o.titles)
}

// withHints returns ops with the writes that list the conversation under the
// topics that are new to it. Those that do not fit the transaction are made
// before it: a reader verifies them.
func (s *Service) withHints(ctx context.Context, a addition, fresh bool, changes []topic.Change, ops []table.Op) ([]table.Op, error) {
	changes = slices.DeleteFunc(slices.Clone(changes), func(c topic.Change) bool { return c.N <= 0 })
	if !fresh {
		var err error
		if changes, err = s.topics().Unlinked(ctx, a.workspace, a.conversation, changes); err != nil {
			return nil, err
		}
	}
	hints := topic.Hints(a.workspace, a.conversation, changes)
	if len(ops)+len(hints) <= table.MaxTransactItems {
		return slices.Concat(ops, hints), nil
	}
	if err := s.Table.Transact(ctx, hints); err != nil {
		return nil, fmt.Errorf("listing a conversation under its topics: %w", err)
	}
	return ops, nil
}
