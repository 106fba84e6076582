package tally

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"griot/internal/record"
	"griot/internal/table"
)

// Lanes is how many lanes a conversation gets: as many as let through what one
// partition takes, with one in five writers meeting another, and as fit a
// transaction.
//
// As long as lanes of a generation are there, the conversation's row names
// that generation, and the other way round: the transactions that make and
// remove them change both. So whoever writes a lane knows that the
// conversation is there.
const Lanes = 16

const lanesList = "#lanes"

// laneKey is "<conversation>#<generation>#<number>" in a partition of the
// workspace.
func laneKey(of record.Ref, generation string, lane int) table.Key {
	return table.Key{Table: table.Conversations, PK: of.Workspace + lanesList, SK: of.ID + "#" + generation + "#" + strconv.Itoa(lane)}
}

// change returns the write of the writer's lane, refused when that is closed
// or gone.
func (t Tally) change(of record.Ref, set table.Attrs, d Delta) table.Op {
	op := table.Update(laneKey(of, t.lanes, t.lane), set, table.Exists(), table.Missing("closed"))
	op.Add = d.in(map[string]int64{})
	t.widen(&op, d.Events)
	return op
}

// read returns the lanes whose sort keys have a prefix.
func (s Store) read(ctx context.Context, workspace, prefix string, c table.Consistency) (lanes []table.Item, err error) {
	q := table.Query{Table: table.Conversations, PK: workspace + lanesList, Prefix: prefix, Consistency: c}
	if lanes, err = table.ReadAll(ctx, s.Table, q); err != nil {
		return nil, fmt.Errorf("reading the lanes of a conversation: %w", err)
	}
	return lanes, nil
}

// tries is how often rows are written against others who write them.
const tries = 25

// Split gives a conversation lanes, unless it has some or is gone.
func (s Store) Split(ctx context.Context, of record.Ref) error {
	generation := rand.Text()
	row := table.Update(Key(of), table.Attrs{"lanes": generation}, table.Exists(), table.Missing("lanes"))
	row.Add = map[string]int64{"rev": 1}
	ops := []table.Op{row}
	for lane := range Lanes {
		ops = append(ops, table.Put(laneKey(of, generation, lane), table.Attrs{
			"memories": int64(0), "made": s.Now().UnixMilli(),
		}))
	}
	err := table.Retry(ctx, tries, func() error { return s.Table.Transact(ctx, ops) })
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("giving a conversation lanes: %w", err)
	}
	return nil
}

// Gather adds the lanes of a conversation, of which t was read, to its row
// again. It closes them first, so that their numbers stand. It may be repeated
// and done by several at once: whoever comes late finds nothing to do.
func (s Store) Gather(ctx context.Context, of record.Ref, t Tally) error {
	if t.lanes == "" {
		return nil
	}
	err := s.close(ctx, of, t.lanes)
	if errors.Is(err, table.ErrCondition) {
		return nil // gathered
	}
	if err != nil {
		return fmt.Errorf("closing the lanes of a conversation: %w", err)
	}
	return record.Change(ctx, tries, func() error { return s.tryGather(ctx, of, t.lanes) })
}

func (s Store) close(ctx context.Context, of record.Ref, generation string) error {
	group, ctx := errgroup.WithContext(ctx)
	for lane := range Lanes {
		group.Go(func() error {
			return table.Retry(ctx, tries, func() error {
				_, err := s.Table.Write(ctx, table.Update(laneKey(of, generation, lane),
					table.Attrs{"closed": int64(1)}, table.Exists()))
				return err
			})
		})
	}
	return group.Wait()
}

func (s Store) tryGather(ctx context.Context, of record.Ref, generation string) error {
	row, err := s.Table.Get(ctx, Key(of), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading a conversation: %w", err)
	}
	old := read(row)
	if old.lanes != generation {
		return nil // gathered by another one
	}
	lanes, err := s.read(ctx, of.Workspace, of.ID+"#"+generation+"#", table.Consistent)
	if err != nil {
		return err
	}
	whole := old
	whole.add(lanes)
	op := table.Update(row.Key, table.Attrs{"activity": whole.Activity.UnixMilli()},
		table.Equal("lanes", generation), table.Equal("rev", old.Rev))
	d := Delta{Memories: whole.Memories - old.Memories, Bytes: whole.Bytes - old.Bytes, Told: whole.Told - old.Told}
	op.Add = d.in(map[string]int64{"rev": 1})
	if !whole.Undated {
		whole.Events.in(op.Attrs)
	}
	op.Remove = []string{"lanes"}
	ops := []table.Op{op}
	for _, lane := range lanes {
		ops = append(ops, table.Delete(lane.Key, table.Exists()))
	}
	err = s.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return record.ErrStale
	}
	if err != nil {
		return fmt.Errorf("gathering the lanes of a conversation: %w", err)
	}
	return nil
}

// Help finishes gathering if a writer's transaction was refused, with an error,
// because its lane is closed: whoever closed it may have died.
func (s Store) Help(ctx context.Context, workspace string, err error) error {
	failed := table.Failed(err)
	if failed == nil || !failed.Old.Found() || !strings.HasSuffix(failed.Old.PK, lanesList) {
		return nil
	}
	conversation, generation := laneOf(failed.Old)
	return s.Gather(ctx, record.In(workspace, conversation), Tally{lanes: generation})
}

func laneOf(lane table.Item) (conversation, generation string) {
	conversation, rest, _ := strings.Cut(lane.SK, "#")
	generation, _, _ = strings.Cut(rest, "#")
	return conversation, generation
}

// idleAfter is how long nobody must have added to lanes for Tidy to gather them.
const idleAfter = time.Minute

// Tidy gathers the lanes of conversations to which nobody adds any more.
func (s Store) Tidy(ctx context.Context, workspace string) error {
	lanes, err := s.read(ctx, workspace, "", table.Eventual)
	if err != nil {
		return err
	}
	bound := s.Now().Add(-idleAfter)
	for len(lanes) > 0 {
		conversation, generation := laneOf(lanes[0])
		idle, n := true, 0
		for ; n < len(lanes) && strings.HasPrefix(lanes[n].SK, conversation+"#"+generation+"#"); n++ {
			idle = idle && lanes[n].Time("made").Before(bound) && lanes[n].Time("activity").Before(bound)
		}
		lanes = lanes[n:]
		if !idle {
			continue
		}
		if err := s.Gather(ctx, record.In(workspace, conversation), Tally{lanes: generation}); err != nil {
			return err
		}
	}
	return nil
}
