package memory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// LinkTypes are what one memory may be to another.
var LinkTypes = []string{supersedes, "FOLLOWS", "RESOLVES", contradicts, "REFERENCES", "DUPLICATES"}

const (
	supersedes  = "SUPERSEDES"
	contradicts = "CONTRADICTS"
)

// States of a memory: what others make of it.
const (
	Current      = "current"
	Superseded   = "superseded"
	Contradicted = "contradicted"
)

// States are all of them.
var States = []string{Current, Superseded, Contradicted}

// MaxRelationships is how many relationships a memory may have, in both directions:
// all of their other ends are told in the transaction that deletes it.
const MaxRelationships = 20

// Link is a relationship between two memories, which somebody stated. Both rows
// have a copy of it, so that it goes when either memory does.
type Link struct {
	ID         string    `json:"id"` // derived: stated twice, it is one
	Source     string    `json:"source"`
	Target     string    `json:"target"`
	Type       string    `json:"type"`
	Confidence float64   `json:"confidence"`
	Reason     string    `json:"reason,omitempty"`
	CreatedAt  time.Time `json:"created"`
}

// other is the end that is not a memory.
func (l Link) other(memoryID string) string {
	if l.Source == memoryID {
		return l.Target
	}
	return l.Source
}

// LinkInput is the body of POST /api/memories/{id}/relationships.
type LinkInput struct {
	// An id or a name.
	Target string `json:"targetMemoryId" is:"required"`
	// A memory that is superseded or contradicted says so in its `effectiveState`.
	Type string `json:"type" is:"required of:SUPERSEDES|FOLLOWS|RESOLVES|CONTRADICTS|REFERENCES|DUPLICATES"`
	// 1 unless given.
	Confidence *float64 `json:"confidence" is:"0..1"`
	Reason     string   `json:"reason" is:"..500"`
}

// Directions of relationships, seen from a memory.
const (
	Outgoing = "outgoing"
	Incoming = "incoming"
	Both     = "both"
)

// LinksInput selects the relationships of a memory.
type LinksInput struct {
	Direction string `json:"direction" is:"of:outgoing|incoming|both" default:"both"`
}

// EffectiveState is Current unless another memory supersedes or contradicts this
// one.
func (m Memory) EffectiveState() string {
	state := Current
	for _, l := range m.Links {
		switch {
		case l.Target != m.ID:
		case l.Type == supersedes:
			return Superseded
		case l.Type == contradicts:
			state = Contradicted
		}
	}
	return state
}

// Relationships are what memories are to each other.
type Relationships struct{ *Service }

// Link states a relationship from one memory to another, each by its id or its
// name. Stated again, it is
// the one that there is.
func (s Relationships) Link(ctx context.Context, p access.Principal, memoryID string, in LinkInput, claim *idempotency.Claim) (Link, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Link{}, err
	}
	if err := schema.Check(in); err != nil {
		return Link{}, err
	}
	for _, end := range []*string{&memoryID, &in.Target} {
		var err error
		if *end, err = s.idOf(ctx, p.Workspace, *end); err != nil {
			return Link{}, err
		}
	}
	link, err := in.link(p.Workspace, memoryID)
	if err != nil {
		return Link{}, err
	}
	err = record.Change(ctx, conversation.Tries, func() error {
		source, target, err := s.ends(ctx, p.Workspace, link)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(source.Links, link.is); i >= 0 {
			link = source.Links[i]
			return nil
		}
		if slices.ContainsFunc(source.Links, link.reverses) {
			return errs.New(errs.Conflict, "the other memory supersedes this one: take that back first")
		}
		for _, m := range []Memory{source, target} {
			if len(m.Links) >= MaxRelationships {
				return errs.New(errs.QuotaExceeded, "a memory has at most %d relationships", MaxRelationships)
			}
		}
		link.CreatedAt = s.Conversations.Time()
		with := func(m Memory) []Link { return append(slices.Clone(m.Links), link) }
		ops, err := relink(p.Workspace, with, source, target)
		if err != nil {
			return err
		}
		claimed, err := claim.Ops(link, conversation.PartitionKey(record.In(p.Workspace, source.Conversation)))
		if err != nil {
			return err
		}
		return s.relinked(ctx, append(ops, claimed...), claimed)
	})
	return link, err
}

func (in LinkInput) link(workspace, memoryID string) (Link, error) {
	var bad schema.Problems
	if in.Target == memoryID {
		bad.Invalid("targetMemoryId", "invalid", "must be another memory")
	}
	link := Link{
		ID:     id.DerivedUUID("relationship", workspace, memoryID, in.Target, in.Type),
		Source: memoryID, Target: in.Target, Type: in.Type, Confidence: 1, Reason: in.Reason,
	}
	if in.Confidence != nil {
		link.Confidence = *in.Confidence
	}
	return link, bad.Result()
}

// is reports whether another link says the same.
func (l Link) is(other Link) bool { return l.ID == other.ID }

// reverses reports whether two links say that each of two memories supersedes the
// other: then neither would be current.
func (l Link) reverses(other Link) bool {
	return l.Type == supersedes && other.Type == supersedes && l.Source == other.Target && l.Target == other.Source
}

// ends reads the memories of a link that is to be made.
func (s Relationships) ends(ctx context.Context, workspace string, l Link) (source, target Memory, err error) {
	found, err := s.Present(ctx, workspace, []string{l.Source, l.Target})
	switch {
	case err != nil:
		return Memory{}, Memory{}, err
	case found[0].ID == "" || found[1].ID == "":
		return Memory{}, Memory{}, errNoMemory()
	}
	return found[0], found[1], nil
}

// Unlink takes a relationship of a memory back.
func (s Relationships) Unlink(ctx context.Context, p access.Principal, memoryID, linkID string) error {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return err
	}
	return record.Change(ctx, conversation.Tries, func() error {
		m, err := s.meant(ctx, p.Workspace, memoryID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(m.Links, Link{ID: linkID}.is)
		if i < 0 {
			return errs.New(errs.NotFound, "there is no such relationship")
		}
		others, err := s.Store().others(ctx, p.Workspace, m.ID, m.Links[i])
		if err != nil {
			return err
		}
		without := func(m Memory) []Link { return slices.DeleteFunc(slices.Clone(m.Links), Link{ID: linkID}.is) }
		ops, err := relink(p.Workspace, without, append(others, m)...)
		if err != nil {
			return err
		}
		return s.relinked(ctx, ops, nil)
	})
}

// Links returns a memory with its relationships, in the order in which they were stated,
// but those with memories whose conversation is hidden.
func (s Relationships) Links(ctx context.Context, p access.Principal, memoryID string, in LinksInput) (Memory, []Link, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Memory{}, nil, err
	}
	if err := schema.CheckQuery(in); err != nil {
		return Memory{}, nil, err
	}
	m, err := s.meant(ctx, p.Workspace, memoryID)
	if err != nil {
		return Memory{}, nil, err
	}
	var links []Link
	var ids []string
	for _, l := range m.Links {
		if in.Direction == Outgoing && l.Source != m.ID || in.Direction == Incoming && l.Target != m.ID {
			continue
		}
		links, ids = append(links, l), append(ids, l.other(m.ID))
	}
	rows, err := s.Store().Locate(ctx, p.Workspace, ids)
	if err != nil {
		return Memory{}, nil, err
	}
	conversations := make([]string, len(rows))
	for i, row := range rows {
		conversations[i] = conversationOf(p.Workspace, row)
	}
	present, err := s.Conversations.Present(ctx, p.Workspace, slices.DeleteFunc(slices.Clone(conversations), func(c string) bool { return c == "" }))
	if err != nil {
		return Memory{}, nil, err
	}
	var out []Link
	for i, l := range links {
		if present[conversations[i]] {
			out = append(out, l)
		}
	}
	return m, out, nil
}

// conversationOf is the conversation of a memory's row, "" for none.
func conversationOf(workspace string, row table.Key) string {
	if row == (table.Key{}) {
		return ""
	}
	return row.PK[len(workspace)+1:]
}

// relinked writes the rows of memories whose links have changed.
func (s Relationships) relinked(ctx context.Context, ops, claimed []table.Op) error {
	err := s.Conversations.Table.Transact(ctx, ops)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, table.ErrCondition):
		return fmt.Errorf("writing relationships: %w", err)
	case len(claimed) > 0 && table.FailedKey(err, ops) == claimed[0].Key: // a twin was faster
		return fmt.Errorf("writing relationships: %w", err)
	}
	return record.ErrStale
}

// relink returns the writes that give memories other links; each is refused when
// the memory, or its links, have changed since.
func relink(workspace string, links func(Memory) []Link, memories ...Memory) ([]table.Op, error) {
	ops := make([]table.Op, len(memories))
	for i, m := range memories {
		data, err := json.Marshal(links(m))
		if err != nil {
			return nil, fmt.Errorf("encoding relationships: %w", err)
		}
		ops[i] = table.Update(rowKey(workspace, m), table.Attrs{linksAttr: data, linkedAttr: m.linked + 1}, append(m.unchanged(m.Version), table.Exists())...)
	}
	return ops, nil
}

// others reads the other ends of a memory's links, but those that are gone.
func (s Store) others(ctx context.Context, workspace, memoryID string, links ...Link) ([]Memory, error) {
	ids := make([]string, 0, len(links))
	for _, l := range links {
		if other := l.other(memoryID); !slices.Contains(ids, other) {
			ids = append(ids, other)
		}
	}
	rows, err := s.Locate(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(row table.Key) bool { return row == (table.Key{}) })
	items, err := s.Table.BatchGet(ctx, rows, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading related memories: %w", err)
	}
	var out []Memory
	for _, item := range items {
		if !item.Found() {
			continue
		}
		m, err := Read(item)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// Part returns the writes that remove the links of a memory, which goes, from their
// other ends.
func (s Store) Part(ctx context.Context, workspace string, m Memory) ([]table.Op, error) {
	if len(m.Links) == 0 {
		return nil, nil
	}
	others, err := s.others(ctx, workspace, m.ID, m.Links...)
	if err != nil {
		return nil, err
	}
	without := func(other Memory) []Link {
		return slices.DeleteFunc(slices.Clone(other.Links), func(l Link) bool { return l.Source == m.ID || l.Target == m.ID })
	}
	return relink(workspace, without, others...)
}

// PartOutside removes the links of a memory, whose conversation goes, from their
// ends in other conversations. Done again, it does nothing.
func (s Store) PartOutside(ctx context.Context, workspace string, m Memory) error {
	if len(m.Links) == 0 {
		return nil
	}
	return record.Change(ctx, conversation.Tries, func() error {
		ops, err := s.Part(ctx, workspace, m)
		if err != nil {
			return err
		}
		own := rowKey(workspace, m).PK
		ops = slices.DeleteFunc(ops, func(op table.Op) bool { return op.Key.PK == own })
		if len(ops) == 0 {
			return nil
		}
		err = s.Table.Transact(ctx, ops)
		if errors.Is(err, table.ErrCondition) {
			return record.ErrStale
		}
		if err != nil {
			return fmt.Errorf("removing relationships: %w", err)
		}
		return nil
	})
}
