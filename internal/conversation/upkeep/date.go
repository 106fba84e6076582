package upkeep

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
)

// datedKey is the row that says up to which of a workspace's conversations those
// without events were looked for, and whether that is all of them.
func datedKey(workspace string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#dated", SK: "-"}
}

// atATime is how many conversations are looked through between two notes of how
// far it has come.
const atATime = 500

// date notes the events of conversations that are older than events in tallies are,
// once in a workspace's life. It goes on where it broke off.
func (s *Service) date(ctx context.Context, workspace string) error {
	item, err := s.Conversations.Table.Get(ctx, datedKey(workspace), table.Eventual)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading how far conversations are dated: %w", err)
	}
	if item.Int("done") != 0 {
		return nil
	}
	q := table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(workspace, "")).PK, After: item.Str("at"), Limit: atATime, Consistency: table.Consistent,
	}
	for rows, err := range table.Pages(ctx, s.Conversations.Table, q) {
		if err != nil {
			return fmt.Errorf("reading conversations: %w", err)
		}
		for _, row := range rows {
			if err := s.dateOne(ctx, workspace, row); err != nil {
				return err
			}
		}
		if len(rows) == atATime {
			if err := s.noteDated(ctx, workspace, table.Attrs{"at": rows[atATime-1].SK}); err != nil {
				return err
			}
		}
	}
	return s.noteDated(ctx, workspace, table.Attrs{"done": int64(1)})
}

func (s *Service) noteDated(ctx context.Context, workspace string, a table.Attrs) error {
	err := table.Retry(ctx, conversation.Tries, func() error {
		_, err := s.Conversations.Table.Write(ctx, table.Repeatable(table.Put(datedKey(workspace), a)))
		return err
	})
	if err != nil {
		return fmt.Errorf("noting how far conversations are dated: %w", err)
	}
	return nil
}

// dateOne notes the events of a conversation of which the row was read, if it is
// there and has none noted.
func (s *Service) dateOne(ctx context.Context, workspace string, row table.Item) error {
	t, ok, err := s.Conversations.Tallies().Whole(ctx, workspace, row)
	if err != nil || !ok || !t.Undated {
		return err
	}
	of := record.In(workspace, row.SK)
	memories := memory.Store{Table: s.Conversations.Table}
	err = record.Change(ctx, conversation.Tries, func() error {
		t, err := s.Conversations.Gathered(ctx, of)
		if err != nil || !t.Undated {
			return err
		}
		first, there, err := memories.FirstBut(ctx, of, "")
		if err != nil {
			return err
		}
		last, _, err := memories.LastBut(ctx, of, "")
		if err != nil || !there {
			return err
		}
		err = s.Conversations.Table.Transact(ctx, []table.Op{t.Correct(of, tally.Delta{}, memory.Events(first, last)), s.Conversations.Moved(of)})
		if errors.Is(err, table.ErrCondition) {
			return record.ErrStale
		}
		if err != nil {
			return fmt.Errorf("dating a conversation: %w", err)
		}
		return nil
	})
	if errs.Is(err, errs.NotFound) {
		return nil // hidden meanwhile
	}
	return err
}
