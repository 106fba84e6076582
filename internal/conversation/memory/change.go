package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Change is the body of PUT /api/memories/{id}; nil leaves as it is. ""
// removes a name, a context or an outcome.
type Change struct {
	Content *string   `json:"content" is:"filled ..50000"`
	Type    *string   `json:"memoryType" is:"of:episodic|semantic|procedural"`
	Context *string   `json:"context" is:"..200"`
	Topics  *[]string `json:"topics" is:"..50 each line ..100"`
	// Empty to take it away.
	Name *string `json:"name" is:"as:name-or-none"`
	// Null to take it away.
	Outcome *string `json:"outcome" is:"given nullable of:resolved|unresolved"`

	CodeContext *CodeContext `json:"codeContext"`

	// What else a memory has, here or in the clients' schema.
	_ struct{} `fixed:"id sessionId claudeSessionId version role timestamp eventTime validFrom validTo taskId createdAt updatedAt effectiveState"`
	_ struct{} `fixed:"confidenceScore extractionStatus summary userTopics extractedTopics entities visibility"`
}

func (in Change) check() error {
	var bad schema.Problems
	bad.Check(in)
	if in.Type != nil && *in.Type == "" {
		bad.Invalid("memoryType", "invalid", "must be one of %s", strings.Join(Types, ", "))
	}
	if in.Name != nil {
		checkName(&bad, "name", *in.Name)
	}
	return bad.Result()
}

// Update changes a memory, by its id or its name, and counts its version up.
func (s *Service) Update(ctx context.Context, p access.Principal, memoryID string, in Change) (Memory, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Memory{}, err
	}
	if err := in.check(); err != nil {
		return Memory{}, err
	}
	memoryID, err := s.idOf(ctx, p.Workspace, memoryID)
	if err != nil {
		return Memory{}, err
	}
	return s.change(ctx, &change{Service: s, workspace: p.Workspace, bounded: true}, memoryID, in.apply)
}

func (in Change) apply(m Memory) (Memory, error) {
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
	return m.Edited(), nil
}

var (
	// ErrKeep is what a function that is given to Edit returns to leave the
	// memory as it is.
	ErrKeep = errors.New("memory: to be left as it is")
	// ErrReplaced is what Edit returns when a further condition does not hold.
	ErrReplaced = errors.New("memory: a condition of the edit does not hold")
)

// Edit changes a memory on the server's own behalf, whatever the quotas are. The
// function edit may be called several times: its last result replaces the memory
// that it was given. The conditions in only have to hold at that time.
func (s *Service) Edit(ctx context.Context, of record.Ref, edit func(Memory) (Memory, error), only ...table.Op) error {
	_, err := s.change(ctx, &change{Service: s, workspace: of.Workspace, only: only}, of.ID, edit)
	if errors.Is(err, ErrKeep) {
		return nil
	}
	return err
}

// change applies a change to a memory as it is when it is written.
func (s *Service) change(ctx context.Context, c *change, memoryID string, apply func(Memory) (Memory, error)) (Memory, error) {
	err := record.Change(ctx, conversation.Tries, func() error {
		old, err := s.held(ctx, record.In(c.workspace, memoryID))
		if err != nil {
			return err
		}
		next, err := apply(old.Memory)
		if err != nil {
			return err
		}
		return c.try(ctx, old, next)
	})
	if err != nil {
		return Memory{}, err
	}
	s.Conversations.Written(ctx, c.workspace, c.ops)
	s.Conversations.SometimesTidy(ctx, c.workspace, memoryID+c.next.UpdatedAt.String())
	return c.next, nil
}

// change is one change with its attempts.
type change struct {
	*Service
	workspace string
	holder    *table.Item // of the new name, if that is a memory which is gone
	bounded   bool        // by the quotas
	only      []table.Op  // further conditions: when one does not hold, the change is ErrReplaced
	claim     *idempotency.Claim
	claimed   table.Key // the claim's record, if there is a claim

	ops  []table.Op
	next Memory
}

// maxLinks is how many topics one transaction may change, next to the other writes
// of a change.
const maxLinks = 76

// try makes one attempt to put next in the place of old.
func (c *change) try(ctx context.Context, old held, next Memory) error {
	ctx, cancel := context.WithTimeout(ctx, clock.Lifetime)
	defer cancel()
	counted := old.Named(c.workspace)
	names, voided, err := c.topicIndex().Resolve(ctx, c.workspace, next.Topics, counted)
	if err != nil {
		return err
	}
	c.next = next.WithTopics(names)
	changes := topic.Changes(counted, c.next.Named(c.workspace))
	if c.bounded {
		if err := c.room(ctx, c.workspace, changes); err != nil {
			return err
		}
	}
	if len(changes) > maxLinks {
		// Too many for one transaction: the topics that go are removed in one
		// before.
		before, without := *c, old.Memory
		before.claim = nil
		without.Topics = keptTopics(c.workspace, old.Memory, c.next)
		if err := before.try(ctx, old, without); err != nil {
			return err
		}
		c.Conversations.Written(ctx, c.workspace, before.ops)
		old.Memory = before.next
		return c.try(ctx, old, next)
	}
	c.next.Version, c.next.UpdatedAt = old.Version+1, c.Conversations.Time()
	kept, err := c.succeed(ctx, old.Memory)
	if err != nil {
		return err
	}
	c.next = c.next.AsCounted()
	ops, err := c.plan(ctx, old, changes)
	if err != nil {
		return err
	}
	of := record.In(c.workspace, old.Conversation)
	claimed, err := c.claim.Ops(c.next, conversation.PartitionKey(of))
	if err != nil {
		return err
	}
	if len(claimed) > 0 {
		c.claimed = claimed[0].Key
	}
	if c.ops, err = c.withLinks(ctx, of, old.tally, false, changes, slices.Concat(ops, kept, claimed, voided, c.only)); err != nil {
		return err
	}
	return c.commit(ctx)
}

// keptTopics returns the topics of old that next has too.
func keptTopics(workspace string, old, next Memory) []string {
	var kept []string
	topics := next.Named(workspace)
	for _, t := range old.Named(workspace) {
		if topic.Has(topics, t.ID) {
			kept = append(kept, t.Name)
		}
	}
	return kept
}

// plan returns the writes of a change, except those of link rows.
func (c *change) plan(ctx context.Context, old held, changes []topic.Change) ([]table.Op, error) {
	ops, err := c.next.Update(c.workspace)
	if err != nil {
		return nil, err
	}
	d := changed(old.tally, old.Memory, c.next, old.scarce)
	counted, err := c.Conversations.CountOps(ctx, conversation.Counting{
		Workspace: c.workspace, ID: c.next.ID, Delta: d, Bounded: c.bounded && old.scarce && d.Bytes > 0,
	})
	if err != nil {
		return nil, err
	}
	ops = append(ops, counted...)
	words, err := c.wordOps(ctx, old)
	if err != nil {
		return nil, err
	}
	ops = append(ops, old.tally.Touch(record.In(c.workspace, old.Conversation), d), c.Conversations.Index.Put(c.workspace, c.next.doc()))
	ops = append(ops, words...)
	if old.Name != c.next.Name {
		if old.Name != "" {
			ops = append(ops, old.DropName(c.workspace))
		}
		ops = append(ops, c.next.nameOps(c.workspace, c.holder)...)
	}
	return append(ops, topic.Deltas(c.workspace, c.next.UpdatedAt, changes)...), nil
}

// wordOps returns the writes that remove what the memory said before from
// wherever else it stands: the title, a stored answer and, later, the index.
func (c *change) wordOps(ctx context.Context, old held) ([]table.Op, error) {
	if c.next.SaysTheSame(old.Memory) {
		return nil, nil
	}
	ops, err := c.withdraw(ctx, c.workspace, old.Memory)
	if err != nil {
		return nil, err
	}
	if c.next.Content != old.Content && old.info.TitledBy(old.Conversation, old.ID, old.CreatedAt) {
		retitled := old.info.WithTitleOf(c.next.ID, c.next.Content)
		ops = append(ops, c.Conversations.RenameOps(record.In(c.workspace, old.Conversation), old.info, retitled)...)
	}
	if c.next.Content != old.Content || !slices.Equal(c.next.Topics, old.Topics) {
		ops = append(ops, c.Conversations.RenewLater(record.In(c.workspace, old.Conversation)))
	}
	return ops, nil
}

func (c *change) commit(ctx context.Context) error {
	err := c.Conversations.Table.Transact(ctx, c.ops)
	if !errors.Is(err, table.ErrCondition) {
		if err != nil {
			return fmt.Errorf("writing the memory: %w", err)
		}
		return nil
	}
	failed := table.FailedKey(err, c.ops)
	if failed == c.claimed && failed != (table.Key{}) { // a twin was faster
		return fmt.Errorf("writing the memory: %w", err)
	}
	if slices.ContainsFunc(c.only, func(op table.Op) bool { return op.Key == failed }) {
		return ErrReplaced
	}
	if name := c.next.Name; name != "" && failed == NameKey(c.workspace, name) {
		var taken error
		if c.holder, taken = c.departed(ctx, c.workspace, table.Failed(err).Old); taken != nil {
			return taken
		}
	}
	return c.Conversations.Lost(ctx, c.workspace, err)
}

// mostUntold is how many bytes a conversation may have more, or less, by changes
// of its memories, than the workspace knows. A change does not write the
// workspace's count otherwise, and one of so many bytes costs what that does.
const mostUntold = 1 << 10

// changed is what counts when a memory is changed in a conversation whose tally
// was read as t.
func changed(t tally.Tally, old, next Memory, scarce bool) tally.Delta {
	d := tally.Delta{Bytes: next.Bytes() - old.Counted()}
	untold := t.Untold() + d.Bytes
	if d.Bytes != 0 && (scarce || max(untold, -untold) >= mostUntold) {
		d.Told = untold
	}
	return d
}
