package memory

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Input is the body of POST /api/memories; "" means not given. Times
// are RFC 3339.
type Input struct {
	Content string `json:"content" is:"filled ..50000"`
	// An id or `NEW`; without it one is chosen.
	Conversation string `json:"conversationId" is:"given"`
	// Groups memories whose conversation is chosen.
	ClaudeSession string   `json:"claudeSessionId" is:"given ..200"`
	Name          string   `json:"name" is:"given as:name"`
	Type          string   `json:"memoryType" is:"given of:episodic|semantic|procedural"`
	Role          string   `json:"role" is:"given of:user|assistant|system"`
	Context       string   `json:"context" is:"..200"`
	Topics        []string `json:"topics" is:"..50 each line ..100"`
	// When it happened.
	EventTime   string       `json:"eventTime" is:"given as:day"`
	ValidFrom   string       `json:"validFrom" is:"given as:day"`
	ValidTo     string       `json:"validTo" is:"given as:day"`
	CodeContext *CodeContext `json:"codeContext"`
	TaskID      string       `json:"taskId" is:"..200"`
	Outcome     string       `json:"outcome" is:"given of:resolved|unresolved"`
}

// NewConversation as Input.Conversation asks for a new one.
const NewConversation = "NEW"

// Created is a new memory and where it went.
type Created struct {
	Memory              Memory
	ConversationCreated bool
	SessionCreated      bool // the memory session, see Memory.Session
}

// namePattern is compiled when it is first needed: functions start without.
var namePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`)
})

func checkName(bad *schema.Problems, member, name string) {
	if name != "" && !namePattern().MatchString(name) {
		bad.Invalid(member, "invalid", "must have 2 to 64 lower-case letters, digits and hyphens, no hyphen first or last")
	}
}

// check returns the memory that a body describes, without what the server
// gives it.
func (in Input) check() (Memory, error) {
	var bad schema.Problems
	bad.Check(in)
	m := in.read(&bad, "")
	return m, bad.Result()
}

// read returns the memory that a body describes, and says what is wrong with it
// beside what its tags say.
func (in Input) read(bad *schema.Problems, at string) Memory {
	checkName(bad, at+"name", in.Name)
	m := Memory{
		Content: in.Content, Type: in.Type, Role: in.Role, Name: in.Name, Context: in.Context,
		Outcome: in.Outcome, TaskID: in.TaskID, Topics: in.Topics, CodeContext: in.CodeContext, Version: 1,
		EventTime: bad.Time(at+"eventTime", in.EventTime),
		ValidFrom: bad.Time(at+"validFrom", in.ValidFrom), ValidTo: bad.Time(at+"validTo", in.ValidTo),
	}
	if m.Type == "" {
		m.Type = Types[0]
	}
	return m
}

// Create adds a memory to a conversation, or to a new one.
func (s *Service) Create(ctx context.Context, p access.Principal, in Input, claim *idempotency.Claim) (Created, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Created{}, err
	}
	m, err := in.check()
	if err != nil {
		return Created{}, err
	}
	c := &creation{Service: s, workspace: p.Workspace, in: in, draft: m, claim: claim}
	err = s.Conversations.Clock().WithinScarce(ctx, p.Workspace, func(ctx context.Context, at time.Time, scarce bool) error {
		c.scarce = scarce
		return record.Change(ctx, conversation.Tries, func() error { return c.try(ctx, at) })
	})
	if err != nil {
		return Created{}, err
	}
	s.Conversations.Written(ctx, p.Workspace, c.ops)
	s.Conversations.SometimesTidy(ctx, p.Workspace, c.out.Memory.ID)
	return c.out, nil
}

// creation is one Create with its attempts.
type creation struct {
	*Service
	workspace string
	in        Input
	draft     Memory
	claim     *idempotency.Claim
	holder    *table.Item // of the name, if it is gone
	scarce    bool        // the workspace has little room left
	conflicts int         // with other writers

	ops []table.Op
	out Created
}

// crowded is how many others a request meets before its conversation gets lanes.
const crowded = 3

// try makes one attempt.
func (c *creation) try(ctx context.Context, at time.Time) error {
	to, err := c.choose(ctx, at)
	if err != nil {
		return err
	}
	if err := c.plan(ctx, to, at); err != nil {
		return err
	}
	err = c.Conversations.Table.Transact(ctx, c.ops)
	switch failed := table.FailedKey(err, c.ops); {
	case err == nil:
		return nil
	case errors.Is(err, table.ErrConflict):
		c.conflicts++
		if c.conflicts == crowded && !to.fresh && to.tally.Lane() == "" {
			if err := c.Conversations.Tallies().Split(ctx, record.In(c.workspace, to.id)); err != nil {
				return err
			}
		}
		return fmt.Errorf("writing the memory: %w", err)
	case quota.Contested(err):
		return record.ErrStale
	case failed == table.Key{}:
		return fmt.Errorf("writing the memory: %w", err)
	case c.draft.Name != "" && failed == NameKey(c.workspace, c.draft.Name):
		if c.holder, err = c.departed(ctx, c.workspace, table.Failed(err).Old); err != nil {
			return err
		}
		return record.ErrStale
	case c.claim != nil && failed.Table == table.Sessions: // the claim's record
		return fmt.Errorf("writing the memory: %w", err)
	default:
		return c.Conversations.Lost(ctx, c.workspace, err)
	}
}

// plan makes the transaction of an attempt.
func (c *creation) plan(ctx context.Context, to target, at time.Time) error {
	names, voided, err := c.topicIndex().Resolve(ctx, c.workspace, c.draft.Topics, nil)
	if err != nil {
		return err
	}
	m := c.draft.WithTopics(names)
	m.ID, m.Conversation, m.CreatedAt, m.UpdatedAt = id.NewUUID(), to.id, at, at
	var begun bool
	m.Session, begun = to.continueSession(at)
	c.out = Created{Memory: m, ConversationCreated: to.fresh, SessionCreated: begun}
	claimed, err := c.claim.Ops(c.out, conversation.PartitionKey(record.In(c.workspace, to.id)))
	if err != nil {
		return err
	}
	if len(claimed) > 1 {
		m = m.Claimed(claimed[1].Key)
	}
	a := addition{of: record.In(c.workspace, to.id), at: at, memories: []Memory{m}}
	added, err := c.additionOps(a)
	if err != nil {
		return err
	}
	d := tally.Delta{Memories: 1, Bytes: m.Bytes(), Told: to.tally.Untold() + m.Bytes(), Events: Events(m)}
	counted, err := c.Conversations.CountOps(ctx, conversation.Counting{Workspace: c.workspace, ID: m.ID, Delta: d, Bounded: c.scarce})
	if err != nil {
		return err
	}
	own, err := c.conversationOps(ctx, to, m, d)
	if err != nil {
		return err
	}
	changes := a.changes()
	if err := c.room(ctx, c.workspace, changes); err != nil {
		return err
	}
	ops := slices.Concat(own, added, counted, to.client, m.nameOps(c.workspace, c.holder), claimed, voided)
	c.ops, err = c.withLinks(ctx, a.of, to.tally, to.fresh, changes, ops)
	return err
}

// conversationOps returns the writes of the conversation itself. Its first
// memory gives it a title, and so does the first one after all were deleted.
func (c *creation) conversationOps(ctx context.Context, to target, m Memory, d tally.Delta) ([]table.Op, error) {
	if to.fresh {
		t := tally.Tally{Activity: m.CreatedAt, Memories: 1, Session: m.Session, Bytes: d.Bytes, Told: d.Told, Events: d.Events}
		return c.Conversations.CreateOps(record.In(c.workspace, to.id), conversation.Info{}.WithTitleOf(m.ID, m.Content), t), nil
	}
	ops := []table.Op{to.tally.Grow(record.In(c.workspace, to.id), m.CreatedAt, m.Session, d)}
	if to.tally.Memories > 0 || to.tally.Titles == 0 {
		return ops, nil
	}
	i, err := c.Conversations.Info(ctx, record.In(c.workspace, to.id))
	if err == nil && i.Titleless() {
		ops = append(ops, c.Conversations.RenameOps(record.In(c.workspace, to.id), i, i.WithTitleOf(m.ID, m.Content))...)
	}
	return ops, err
}

// departed returns the row of a name that a writer was refused, if whoever has
// the name is gone with a hidden conversation; nil if nobody has it. A memory
// that is there is a Conflict.
func (s *Service) departed(ctx context.Context, workspace string, holder table.Item) (*table.Item, error) {
	if !holder.Found() {
		return nil, nil
	}
	there, err := s.Conversations.Present(ctx, workspace, []string{holder.Str("conv")})
	if err != nil {
		return nil, err
	}
	if !there[holder.Str("conv")] {
		return &holder, nil
	}
	taken := errs.New(errs.Conflict, "another memory has the name")
	taken.Code = "MEMORY_NAME_CONFLICT"
	return nil, taken
}

// Add adds those of some memories that are not there and never were to a
// conversation, in one transaction, and is NotFound when that is gone. They have
// everything that Create gives a memory, and at most as many rows and topics as
// one transaction holds.
func (s *Service) Add(ctx context.Context, of record.Ref, memories []Memory) error {
	return s.add(ctx, of, func(ctx context.Context) (addition, error) {
		missing, err := s.missing(ctx, of.Workspace, memories)
		return addition{of: of, memories: missing}, err
	})
}

// add adds the memories that choose finds missing, in one transaction. It may be
// called several times.
func (s *Service) add(ctx context.Context, of record.Ref, choose func(ctx context.Context) (addition, error)) error {
	var ops []table.Op
	var a addition
	err := record.Change(ctx, conversation.Tries, func() error {
		ctx, cancel := context.WithTimeout(ctx, clock.Lifetime)
		defer cancel()
		var err error
		if a, err = choose(ctx); err != nil || len(a.memories) == 0 {
			return err
		}
		ops, err = s.tryAdd(ctx, a)
		return err
	})
	if err == nil && len(a.memories) > 0 {
		s.Conversations.Written(ctx, of.Workspace, ops)
		s.Conversations.SometimesTidy(ctx, of.Workspace, a.memories[0].ID)
	}
	return err
}

func (s *Service) tryAdd(ctx context.Context, a addition) ([]table.Op, error) {
	of := a.of
	old, err := s.Conversations.Tally(ctx, of)
	if err != nil {
		return nil, err
	}
	var topics []topic.Named
	for _, m := range a.memories {
		topics = append(topics, m.Named(of.Workspace)...)
	}
	renamed, voided, err := s.topicIndex().Renames(ctx, of.Workspace, topics)
	if err != nil {
		return nil, err
	}
	for i, m := range a.memories {
		a.memories[i] = m.WithTopics(renamed.Of(m.Named(of.Workspace)))
	}
	a.at = s.Conversations.Time()
	ops, err := s.additionOps(a)
	if err != nil {
		return nil, err
	}
	changes := a.changes()
	if a.bounded {
		if err := s.room(ctx, of.Workspace, changes); err != nil {
			return nil, err
		}
	}
	d := a.counts(old)
	counted, err := s.Conversations.CountOps(ctx, conversation.Counting{Workspace: of.Workspace, ID: a.memories[0].ID, Delta: d, Bounded: a.scarce})
	if err != nil {
		return nil, err
	}
	at, session := a.last()
	if old.Session != "" {
		session = old.Session // somebody added to it already
	}
	ops = slices.Concat(ops, []table.Op{old.Grow(of, at, session, d), s.Conversations.Moved(of)}, counted, a.names, voided)
	if ops, err = s.withLinks(ctx, of, old, false, changes, ops); err != nil {
		return nil, err
	}
	err = s.Conversations.Table.Transact(ctx, ops)
	switch {
	case quota.Contested(err):
		return nil, record.ErrStale
	case errors.Is(err, table.ErrCondition):
		return nil, s.Conversations.Lost(ctx, of.Workspace, err)
	case err != nil:
		return nil, fmt.Errorf("writing memories: %w", err)
	}
	return ops, nil
}

// Events are the first and the last time that memories are about.
func Events(memories ...Memory) tally.Events {
	times := make([]time.Time, len(memories))
	for i, m := range memories {
		times[i] = m.At()
	}
	return tally.EventsOf(times...)
}

// missing returns those of the memories that are not there and never were.
func (s *Service) missing(ctx context.Context, workspace string, memories []Memory) ([]Memory, error) {
	keys := make([]table.Key, len(memories))
	for i, m := range memories {
		keys[i] = IDKey(record.In(workspace, m.ID))
	}
	items, err := s.Conversations.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading which memories are there: %w", err)
	}
	var out []Memory
	for i, item := range items {
		if !item.Found() {
			out = append(out, memories[i])
		}
	}
	return out, nil
}

// addition is memories on their way into one conversation.
type addition struct {
	of       record.Ref // the conversation
	at       time.Time
	memories []Memory
	names    []table.Op // that give them their names
	bounded  bool       // by the quotas
	scarce   bool       // the workspace has little room left
}

// counts is what the memories count in a conversation whose tally was read as t.
func (a addition) counts(t tally.Tally) tally.Delta {
	d := tally.Delta{Memories: int64(len(a.memories)), Events: Events(a.memories...)}
	for _, m := range a.memories {
		d.Bytes += m.Bytes()
	}
	d.Told = t.Untold() + d.Bytes
	return d
}

// last returns when the last of the memories was made, and its session.
func (a addition) last() (at time.Time, session string) {
	for _, m := range a.memories {
		if !m.CreatedAt.Before(at) {
			at, session = m.CreatedAt, m.Session
		}
	}
	return at, session
}

// additionOps returns the writes of the memories, of the rows by which they are
// found and of everything that counts them, but for the conversation's own rows.
func (s *Service) additionOps(a addition) ([]table.Op, error) {
	var ops []table.Op
	for _, m := range a.memories {
		rows, err := m.Create(a.of.Workspace)
		if err != nil {
			return nil, err
		}
		ops = append(ops, rows...)
		ops = append(ops, s.Conversations.Index.Put(a.of.Workspace, m.doc()))
	}
	return append(ops, topic.Deltas(a.of.Workspace, a.at, a.changes())...), nil
}

// changes returns how the memories change their conversation's topics.
func (a addition) changes() []topic.Change {
	var out []topic.Change
	at := map[string]int{}
	for _, m := range a.memories {
		for _, c := range topic.Changes(nil, m.Named(a.of.Workspace)) {
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
// to it. Where the list rows do not fit the transaction they are written before
// it: a reader verifies them.
func (s *Service) withLinks(ctx context.Context, of record.Ref, t tally.Tally, fresh bool, changes []topic.Change, ops []table.Op) ([]table.Op, error) {
	var links, hints []table.Op
	if fresh {
		links, hints = topic.Links(of, changes), topic.Hints(of, changes)
	} else {
		var err error
		if links, hints, err = s.topicIndex().Link(ctx, of, t.Lane(), changes); err != nil {
			return nil, err
		}
	}
	ops = slices.Concat(ops, links)
	if len(ops)+len(hints) <= table.MaxTransactItems {
		return slices.Concat(ops, hints), nil
	}
	if err := s.Conversations.Table.Transact(ctx, hints); err != nil {
		return nil, fmt.Errorf("listing a conversation under its topics: %w", err)
	}
	return ops, nil
}

// room refuses changes that bring more topics into a workspace than it may have.
func (s *Service) room(ctx context.Context, workspace string, changes []topic.Change) error {
	c := s.Conversations
	topics := topic.Service{Table: c.Table, Jobs: c.Jobs, Now: c.Now}
	return topics.Room(ctx, workspace, changes)
}
