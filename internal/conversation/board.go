package conversation

import (
	"context"
	"fmt"
	"time"

	"griot/internal/blob"
	"griot/internal/clock"
	"griot/internal/conversation/board"
	"griot/internal/conversation/tally"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// What changes a tally can be found afterwards: a memory that is made by its row in
// the workspace's list, in the order of creation; a new conversation by its own
// rows; and all else, such as a deletion, by a mark in the same transaction. So the
// board, a copy of all tallies, needs to be no newer than a few minutes, and costs
// nobody who makes memories anything.

// Lists are what lists in other orders than that of creation are made of.
type Lists struct{ *Service }

// Boards returns the boards that an object store has.
func Boards(objects blob.Store) *board.Store { return &board.Store{Blobs: objects} }

// ListedKey is a memory's row in the list of the workspace's memories; "conv" is
// its conversation.
func ListedKey(workspace string, created time.Time, memoryID string) table.Key {
	return row(workspace, "mems", fmt.Sprintf("%013d#%s", created.UnixMilli(), memoryID))
}

func movedKey(workspace string, at time.Time, conversation string) table.Key {
	return row(workspace, "moved", fmt.Sprintf("%013d#%s", at.UnixMilli(), conversation))
}

// Moved returns the mark of whatever changes a conversation's tally, or makes or
// removes it, other than a memory or a conversation that is made with a time of the
// workspace's clock. It is good for as long as such a time is. See Store.
func (s *Service) Moved(of record.Ref) table.Op {
	at := s.Time()
	return table.Put(movedKey(of.Workspace, at, of.ID), record.Expire(table.Attrs{"conv": of.ID}, at))
}

const (
	// settled is the age at which changes are committed, by whichever clock.
	settled = clock.Lifetime + time.Minute
	// boardEvery is how old a board becomes before another one takes its place.
	boardEvery = settled + time.Minute
	// boardFor is how long a board is of use: marks expire.
	boardFor = record.TombstoneKept - 24*time.Hour
	// boardFrom is how many conversations make a reader ask for a board.
	boardFrom = 512
	// mostChanged is how many rows a reader reads of what has changed, before it
	// takes all conversations instead.
	mostChanged = 2000
)

// Renew brings the board up to date. Where there is none, one is made if it is
// wanted. It may be done several times, and at once.
func (s Lists) Renew(ctx context.Context, workspace string, wanted bool) error {
	now := s.Time()
	b, err := s.Boards.Read(ctx, workspace)
	switch {
	case err != nil:
		return err
	case b == nil && !wanted, b != nil && b.Through.After(now.Add(-boardEvery)):
		return nil
	}
	if b == nil || b.Through.Before(now.Add(-boardFor)) {
		entries, _, err := s.entries(ctx, workspace)
		if err != nil {
			return err
		}
		b = board.New(entries, now.Add(-settled), now)
	} else {
		changed, _, err := s.changed(ctx, workspace, b.Through, changes{memories: true})
		if err != nil {
			return err
		}
		b = b.With(changed)
		b.Through = now.Add(-settled)
	}
	return s.Boards.Write(ctx, workspace, b, now)
}

// BoardDue begins the ids of due rows that have deleted conversations leave the
// board.
const BoardDue = "board_"

// ForgetLater has deleted conversations leave the board, if there is one, once for
// all of a day.
func (s Lists) ForgetLater(ctx context.Context, workspace string) error {
	there, err := s.Boards.There(ctx, workspace)
	if err != nil || !there {
		return err
	}
	day := s.Time().Truncate(24 * time.Hour)
	due := task.Due(day.Add(24*time.Hour+board.Age+time.Hour), record.In(workspace, BoardDue+day.Format(time.DateOnly)))
	err = table.Retry(ctx, Tries, func() error {
		_, err := s.Table.Write(ctx, table.Repeatable(due))
		return err
	})
	if err != nil {
		return fmt.Errorf("having deleted conversations leave the board: %w", err)
	}
	return nil
}

// current returns the board with what has changed since, or only with conversations
// that were made or removed, without what memories change; nil if there is none, or
// too much has changed.
func (s Lists) current(ctx context.Context, workspace string, memories bool) (*board.Board, error) {
	b, err := s.Boards.Read(ctx, workspace)
	if err != nil || b == nil || b.Through.Before(s.Time().Add(-boardFor)) {
		return nil, err
	}
	changed, ok, err := s.changed(ctx, workspace, b.Through, changes{memories: memories, most: mostChanged})
	if err != nil {
		return nil, err
	}
	if len(changed) > boardFrom || !ok {
		s.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: workspace, Board: true})
	}
	if !ok {
		return nil, nil
	}
	return b.With(changed), nil
}

// board returns what the conversations of a workspace count now.
func (s Lists) board(ctx context.Context, workspace string) (*board.Board, error) {
	b, err := s.current(ctx, workspace, true)
	if err != nil || b != nil {
		return b, err
	}
	entries, undated, err := s.entries(ctx, workspace)
	if err != nil {
		return nil, err
	}
	if len(entries) >= boardFrom || undated {
		s.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: workspace, Board: len(entries) >= boardFrom})
	}
	return board.New(entries, time.Time{}, time.Time{}), nil
}

// entries reads the tallies of all conversations, and whether some are undated.
func (s Lists) entries(ctx context.Context, workspace string) (entries []board.Entry, undated bool, err error) {
	for c, err := range s.walk(ctx, workspace, table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(workspace, "")).PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return nil, false, err
		}
		entries = append(entries, board.NewEntry(c.id, c.Tally))
		undated = undated || c.Undated
	}
	return entries, undated, nil
}

// changes are what may have changed.
type changes struct {
	memories bool // also by memories that were made
	most     int  // no more than so many rows may say so, unless it is 0
}

// changed returns the conversations that may have changed after a time, as they are
// now; ok is false if too many rows say so.
func (s Lists) changed(ctx context.Context, workspace string, after time.Time, by changes) (entries []board.Entry, ok bool, err error) {
	known := map[string]bool{}
	created := table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(workspace, "")).PK,
		From: LowestAfter(after.Add(-time.Millisecond)), Consistency: table.Consistent,
	}
	for c, err := range s.walk(ctx, workspace, created) {
		if err != nil {
			return nil, false, err
		}
		if known[c.id] = true; by.most > 0 && len(known) > by.most {
			return nil, false, nil
		}
		entries = append(entries, board.NewEntry(c.id, c.Tally))
	}
	var others []string
	rows := len(known)
	from := []table.Key{movedKey(workspace, after, "")}
	if by.memories {
		from = append(from, ListedKey(workspace, after, ""))
	}
	for _, from := range from {
		for item, err := range table.All(ctx, s.Table, table.Query{Table: from.Table, PK: from.PK, From: from.SK, Consistency: table.Consistent}) {
			if err != nil {
				return nil, false, fmt.Errorf("reading which conversations have changed: %w", err)
			}
			if rows++; by.most > 0 && rows > by.most {
				return nil, false, nil
			}
			if conversation := item.Str("conv"); !known[conversation] {
				known[conversation] = true
				others = append(others, conversation)
			}
		}
	}
	more, err := s.entriesOf(ctx, workspace, others)
	return append(entries, more...), true, err
}

// entriesOf reads the tallies of some conversations.
func (s Lists) entriesOf(ctx context.Context, workspace string, ids []string) ([]board.Entry, error) {
	entries := make([]board.Entry, 0, len(ids))
	for len(ids) > 0 {
		chunk := ids[:min(len(ids), table.MaxBatchGet)]
		ids = ids[len(chunk):]
		keys := make([]table.Key, len(chunk))
		for i, conversation := range chunk {
			keys[i] = tally.Key(record.In(workspace, conversation))
		}
		items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading conversations that have changed: %w", err)
		}
		for i, item := range items {
			t, ok, err := s.Tallies().Whole(ctx, workspace, item)
			if err != nil {
				return nil, err
			}
			if ok {
				entries = append(entries, board.NewEntry(chunk[i], t))
			} else {
				entries = append(entries, board.Gone(chunk[i]))
			}
		}
	}
	return entries, nil
}
