package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/passage"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/table"
	"griot/internal/transcript"
)

// follow brings topics and summary in line with a result that has taken the
// place of an earlier one. Memories stay as they were cut, and whatever somebody
// has edited stays as it is. It may be repeated: what is in line is not written.
func (b *bridge) follow(ctx context.Context) error {
	if !b.Changed {
		return nil
	}
	if err := b.summarise(ctx); err != nil {
		return err
	}
	memories, err := b.unedited(ctx)
	if err != nil {
		return err
	}
	found := passage.Entities(b.Result.Entities)
	for p, err := range passage.Again(b.Segments, func(seg transcript.Segment) (int64, bool) {
		m, ok := memories[b.memoryID(seg)]
		return m.last, ok
	}) {
		if err != nil {
			return fmt.Errorf("reading the transcript to bridge again: %w", err)
		}
		memoryID, names := b.memoryID(p.First()), p.Topics(found)
		if slices.Equal(names, memories[memoryID].topics) {
			continue
		}
		if err := b.retopic(ctx, memoryID, names); err != nil {
			return err
		}
	}
	return nil
}

// bridged is a memory that was made of a passage.
type bridged struct {
	last   int64 // byte of the transcript
	topics []string
}

// unedited returns those of the conversation's memories that were made of
// passages, as their citations say, and that nobody has edited, by their ids.
// Among them may be some that somebody made.
func (b *bridge) unedited(ctx context.Context) (map[string]bridged, error) {
	out := map[string]bridged{}
	for m, err := range b.s.store().Timeline(ctx, b.workspace, b.conversation) {
		if err != nil {
			return nil, err
		}
		cited, ok := strings.CutPrefix(m.Context, b.ArtifactURI+"?range=")
		_, end, _ := strings.Cut(cited, "-")
		last, err := strconv.ParseInt(end, 10, 64)
		if ok && err == nil && m.Unedited() {
			out[m.ID] = bridged{last, m.Topics}
		}
	}
	return out, nil
}

// retopic gives the memory of a passage other topics, unless somebody has edited
// it, or deleted it or its conversation.
func (b *bridge) retopic(ctx context.Context, memoryID string, names []string) error {
	c := changing{s: b.s, workspace: b.workspace, only: []table.Op{b.Stands}}
	written := false
	err := table.Insist(ctx, conflictTries, func() error {
		written = false
		old, err := b.s.getHeld(ctx, b.workspace, memoryID)
		if errs.Is(err, errs.NotFound) || err == nil && !old.Unedited() {
			return nil
		}
		if err != nil {
			return err
		}
		placed, _, err := b.s.placed(ctx, b.workspace, names, old.Named(b.workspace))
		if err != nil || slices.Equal(topic.Distinct(placed), old.Topics) {
			return err
		}
		written = true
		return c.try(ctx, old, func(m *memory.Memory) {
			*m = m.AsPassage()
			m.Topics = names
		})
	})
	if err == nil && written {
		b.s.written(ctx, b.workspace, c.ops)
		b.s.sometimesTidy(ctx, b.workspace, memoryID)
	}
	return err
}

// summarise gives the conversation the summary of the result, unless somebody
// has given it another title or summary.
func (b *bridge) summarise(ctx context.Context) error {
	var ops []table.Op
	err := table.Insist(ctx, conflictTries, func() (err error) {
		ops, err = b.trySummarise(ctx)
		return err
	})
	if err == nil && len(ops) > 0 {
		b.s.written(ctx, b.workspace, ops)
	}
	return err
}

func (b *bridge) trySummarise(ctx context.Context) ([]table.Op, error) {
	old, err := b.s.getInfo(ctx, b.workspace, b.conversation)
	if errs.Is(err, errs.NotFound) {
		return nil, errGone
	}
	next := old
	next.summary = passage.Summary(b.Result)
	if err != nil || !old.edited.IsZero() || next == old {
		return nil, err
	}
	ops, err := b.s.editOps(ctx, b.workspace, b.conversation, old, next)
	if err != nil {
		return nil, err
	}
	ops = append(ops, b.Stands)
	err = b.s.Table.Transact(ctx, ops)
	if failedKey(err, ops) == b.Stands.Key {
		return nil, errReplaced
	}
	if errors.Is(err, table.ErrCondition) {
		return nil, table.ErrLost
	}
	if err != nil {
		return nil, fmt.Errorf("writing a summary: %w", err)
	}
	return ops, nil
}
