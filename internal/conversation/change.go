package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/table"
)

// UpdateMemory changes a memory and counts its version up.
func (s *Service) UpdateMemory(ctx context.Context, p access.Principal, memoryID string, in MemoryChange) (memory.Memory, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return memory.Memory{}, err
	}
	if err := in.check(); err != nil {
		return memory.Memory{}, err
	}
	return s.change(ctx, changing{s: s, workspace: p.Workspace, bounded: true}, memoryID, in.apply)
}

// UpdateNamed changes the memory that has a name now. A conversation, if one
// is given, has to be the memory's own.
func (s *Service) UpdateNamed(ctx context.Context, p access.Principal, name string, in NamedChange) (memory.Memory, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return memory.Memory{}, err
	}
	if err := in.check(); err != nil {
		return memory.Memory{}, err
	}
	m, err := s.byName(ctx, p.Workspace, name)
	if err != nil {
		return memory.Memory{}, err
	}
	if in.Conversation != "" && in.Conversation != m.Conversation {
		return memory.Memory{}, errs.Invalid("conversationId", "invalid", "must be the memory's own: memories do not move")
	}
	return s.change(ctx, changing{s: s, workspace: p.Workspace, bounded: true}, m.ID, in.apply)
}

func (in MemoryChange) apply(m *memory.Memory) {
	for _, field := range []struct{ to, from *string }{
		{&m.Content, in.Content}, {&m.Type, in.Type}, {&m.Context, in.Context}, {&m.Name, in.Name}, {&m.Outcome, in.Outcome},
	} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	if in.Topics != nil {
		m.Topics = *in.Topics
	}
	if in.CodeContext != nil {
		m.CodeContext = in.CodeContext
	}
	*m = m.Edited()
}

// change applies a change to a memory as it is when it is written.
func (s *Service) change(ctx context.Context, c changing, memoryID string, apply func(*memory.Memory)) (memory.Memory, error) {
	err := table.Insist(ctx, conflictTries, func() error {
		old, err := s.getHeld(ctx, c.workspace, memoryID)
		if err != nil {
			return err
		}
		return c.try(ctx, old, apply)
	})
	if err != nil {
		return memory.Memory{}, err
	}
	s.written(ctx, c.workspace, c.ops)
	s.sometimesTidy(ctx, c.workspace, memoryID+c.next.UpdatedAt.String())
	return c.next, nil
}

// changing is one change with its attempts.
type changing struct {
	s         *Service
	workspace string
	holder    *table.Item // of the new name, if it is gone
	bounded   bool        // by the quotas
	only      []table.Op  // further conditions: when one does not hold, the change is errReplaced

	ops  []table.Op
	next memory.Memory
}

func (c *changing) try(ctx context.Context, old held, apply func(*memory.Memory)) error {
	ctx, cancel := context.WithTimeout(ctx, clock.Lifetime)
	defer cancel()
	c.next = old.Memory
	apply(&c.next)
	counted := old.Named(c.workspace)
	names, voided, err := c.s.placed(ctx, c.workspace, c.next.Topics, counted)
	if err != nil {
		return err
	}
	c.next = c.next.WithTopics(names)
	changes := topic.Changes(counted, c.next.Named(c.workspace))
	if c.bounded {
		if err := c.s.roomForTopics(ctx, c.workspace, changes); err != nil {
			return err
		}
	}
	if len(changes) > maxLinks {
		// All topics at once would not fit: first without the old ones.
		kept := keptTopics(c.workspace, old.Memory, c.next)
		if err := c.try(ctx, old, func(m *memory.Memory) { m.Topics = kept }); err != nil {
			return err
		}
		c.s.written(ctx, c.workspace, c.ops)
		old.Memory = c.next
		return c.try(ctx, old, apply)
	}
	c.next.Version, c.next.UpdatedAt = old.Version+1, c.s.now()
	c.next = c.next.AsCounted()
	ops, err := c.plan(ctx, old, changes)
	if err != nil {
		return err
	}
	a := addition{workspace: c.workspace, conversation: old.Conversation}
	if c.ops, err = c.s.withLinks(ctx, a, old.tally, false, changes, slices.Concat(ops, voided, c.only)); err != nil {
		return err
	}
	return c.commit(ctx)
}

// maxLinks is how many topics may change in one transaction beside the other
// writes of a change.
const maxLinks = 80

// keptTopics returns the topics of old that next has too.
func keptTopics(workspace string, old, next memory.Memory) []string {
	var kept []string
	topics := next.Named(workspace)
	for _, t := range old.Named(workspace) {
		if topic.Has(topics, t.ID) {
			kept = append(kept, t.Name)
		}
	}
	return kept
}

func (c *changing) plan(ctx context.Context, old held, changes []topic.Change) ([]table.Op, error) {
	ops, err := c.next.Update(c.workspace)
	if err != nil {
		return nil, err
	}
	d := changed(old.tally, old.Memory, c.next, old.scarce)
	counted, err := c.s.countOps(ctx, counting{
		workspace: c.workspace, id: c.next.ID, Delta: d, bounded: c.bounded && old.scarce && d.Bytes > 0,
	})
	if err != nil {
		return nil, err
	}
	ops = append(ops, counted...)
	words, err := c.wordOps(ctx, old)
	if err != nil {
		return nil, err
	}
	ops = append(ops, old.tally.Touch(c.workspace, old.Conversation, d), c.s.Index.Put(c.workspace, doc(c.next)))
	ops = slices.Concat(ops, words, c.nameOps(old.Memory))
	return append(ops, topic.Deltas(c.workspace, c.next.UpdatedAt, changes)...), nil
}

// wordOps returns the writes by which what the memory said before goes from
// wherever else it stands: the title, a stored answer and, later, the index.
func (c *changing) wordOps(ctx context.Context, old held) ([]table.Op, error) {
	if c.next.SaysTheSame(old.Memory) {
		return nil, nil
	}
	ops, err := c.s.withdraw(ctx, c.workspace, old.Memory)
	if err != nil {
		return nil, err
	}
	if c.next.Content != old.Content && old.info.titledBy(old.Conversation, old.Memory) {
		ops = append(ops, c.s.renameOps(c.workspace, old.Conversation, old.info, old.info.after(c.next))...)
	}
	if c.next.Content != old.Content || !slices.Equal(c.next.Topics, old.Topics) {
		ops = append(ops, c.s.renewLater(c.workspace, old.Conversation))
	}
	return ops, nil
}

func (c *changing) nameOps(old memory.Memory) (ops []table.Op) {
	if old.Name == c.next.Name {
		return nil
	}
	if old.Name != "" {
		ops = append(ops, old.DropName(c.workspace))
	}
	switch {
	case c.next.Name == "":
		return ops
	case c.holder != nil:
		return append(ops, c.next.SeizeName(c.workspace, *c.holder))
	}
	return append(ops, c.next.TakeName(c.workspace))
}

func (c *changing) commit(ctx context.Context) error {
	err := c.s.Table.Transact(ctx, c.ops)
	if !errors.Is(err, table.ErrCondition) {
		if err != nil {
			return fmt.Errorf("writing the memory: %w", err)
		}
		return nil
	}
	failed := failedKey(err, c.ops)
	if slices.ContainsFunc(c.only, func(op table.Op) bool { return op.Key == failed }) {
		return errReplaced
	}
	if name := c.next.Name; name != "" && failed == memory.NameKey(c.workspace, name) {
		holder := table.Failed(err).Old
		if err := c.s.checkHolder(ctx, c.workspace, holder); err != nil {
			return err
		}
		if c.holder = nil; holder.Found() {
			c.holder = &holder
		}
	}
	return c.s.lost(ctx, c.workspace, err)
}
