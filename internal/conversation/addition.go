package conversation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
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

// additionOps returns the writes of the memories, of the rows by which they are
// found and of everything that counts them, but for the conversation's own rows.
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
	return append(ops, topic.Deltas(a.workspace, a.at, a.changes())...), nil
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

// withLinks returns ops with the writes that count changes in the topics of a
// conversation, whose tally was read as t, and list it under those that are new
// to it. Lists that do not fit the transaction are written before it: a reader
// verifies them.
func (s *Service) withLinks(ctx context.Context, a addition, t tally.Tally, fresh bool, changes []topic.Change, ops []table.Op) ([]table.Op, error) {
	var links, hints []table.Op
	if fresh {
		links, hints = topic.Links(a.workspace, a.conversation, changes), topic.Hints(a.workspace, a.conversation, changes)
	} else {
		var err error
		if links, hints, err = s.topics().Link(ctx, a.workspace, a.conversation, t.Lane(), changes); err != nil {
			return nil, err
		}
	}
	ops = slices.Concat(ops, links)
	if len(ops)+len(hints) <= table.MaxTransactItems {
		return slices.Concat(ops, hints), nil
	}
	if err := s.Table.Transact(ctx, hints); err != nil {
		return nil, fmt.Errorf("listing a conversation under its topics: %w", err)
	}
	return ops, nil
}
