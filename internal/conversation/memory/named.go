package memory

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// NamedChange is the body of PUT /api/memories/named/{name}.
type NamedChange struct {
	Change
	// The memory's own.
	Conversation string `json:"conversationId" is:"given"`

	_ struct{} `fixed:"name" needs:"content"`
}

// Appended is the body of POST /api/memories/named/{name}/append.
type Appended struct {
	// What comes behind the content that the memory has when it is written.
	Block string `json:"block" is:"required filled ..50000"`
	// What stands in between; two line feeds unless given.
	Separator   *string      `json:"separator" is:"..100"`
	Type        *string      `json:"memoryType" is:"of:episodic|semantic|procedural"`
	Context     *string      `json:"context" is:"..200"`
	Topics      *[]string    `json:"topics" is:"..50 each line ..100"`
	CodeContext *CodeContext `json:"codeContext"`
	// The memory's own.
	Conversation string `json:"conversationId" is:"given"`
}

// UpdateNamed changes the memory that has a name now. A conversation, if one
// is given, has to be the memory's own.
func (s Versions) UpdateNamed(ctx context.Context, p access.Principal, name string, in NamedChange) (Memory, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Memory{}, err
	}
	if err := in.check(); err != nil {
		return Memory{}, err
	}
	return s.changeNamed(ctx, p, name, in.Conversation, &change{}, in.apply)
}

// Append puts a block of text behind what the memory that has a name says. Of
// blocks that come at once none is lost: each is put behind what is there when it
// is written.
func (s Versions) Append(ctx context.Context, p access.Principal, name string, in Appended, claim *idempotency.Claim) (Memory, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Memory{}, err
	}
	if err := in.check(); err != nil {
		return Memory{}, err
	}
	return s.changeNamed(ctx, p, name, in.Conversation, &change{claim: claim}, in.apply)
}

func (in Appended) change() Change {
	return Change{Type: in.Type, Context: in.Context, Topics: in.Topics, CodeContext: in.CodeContext}
}

func (in Appended) check() error {
	if err := schema.Check(in); err != nil {
		return err
	}
	return in.change().check()
}

func (in Appended) apply(m Memory) (Memory, error) {
	between := "\n\n"
	if in.Separator != nil {
		between = *in.Separator
	}
	whole := m.Content + between + in.Block
	if n := utf8.RuneCountInString(whole); n > MaxContent {
		e := errs.New(errs.TooLarge, "the memory would have %d characters, and may have %d: begin another one", n, MaxContent)
		e.Code = "NAMED_MEMORY_APPEND_EXHAUSTED"
		return Memory{}, e
	}
	next, err := in.change().apply(m)
	next.Content = whole
	return next, err
}

func (s Versions) changeNamed(ctx context.Context, p access.Principal, name, conversation string, c *change, apply func(Memory) (Memory, error)) (Memory, error) {
	m, err := s.byName(ctx, p.Workspace, name)
	if err != nil {
		return Memory{}, err
	}
	if conversation != "" && conversation != m.Conversation {
		return Memory{}, errs.Invalid("conversationId", "invalid", "must be the memory's own: memories do not move")
	}
	c.Service, c.workspace, c.bounded = s.Service, p.Workspace, true
	m, err = s.change(ctx, c, m.ID, func(m Memory) (Memory, error) {
		if m.Name != name { // not any more
			return Memory{}, errNoMemory()
		}
		return apply(m)
	})
	if errors.Is(err, record.ErrStale) || table.Retryable(err) { // nothing was written
		e := errs.Wrap(errs.ResourceExhausted, err, "too many write this memory at once: try again")
		e.Code, e.RetryAfter = "NAMED_WRITE_CONCURRENCY_LIMIT", time.Second
		return Memory{}, e
	}
	return m, err
}
