package tally

import (
	"context"
	"fmt"

	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
)

// Correct returns the write that puts right what is counted, and the events. It is
// refused when anything has changed since t was read, of which there must be no
// lanes.
func (t Tally) Correct(of record.Ref, d Delta, e Events) table.Op { return t.PassTitle(of, d, e) }

// CountRows counts what the conversations of a workspace have told it of their
// bytes; see [quota.Book.Recount].
func (s Store) CountRows(ctx context.Context, workspace string, counts *quota.Tally) error {
	generations := map[string]string{} // of lanes, by conversation
	for row, err := range table.All(ctx, s.Table, table.Query{
		Table: table.Conversations, PK: Key(record.In(workspace, "")).PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return fmt.Errorf("reading conversations: %w", err)
		}
		t := read(row)
		generations[row.SK] = t.lanes
		counts.Add(row, quota.Amount{Counter: quota.Remembered, N: t.Told})
		counts.See(row, fmt.Sprint(t.lanes, t.Rev)) // which may have told more, and less again
	}
	lanes, err := s.read(ctx, workspace, "", table.Consistent)
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		// A version that counted rows only left some behind.
		if conversation, generation := laneOf(lane); generations[conversation] == generation {
			counts.Add(lane, quota.Amount{Counter: quota.Remembered, N: lane.Int(toldAttr)})
		}
	}
	return nil
}
