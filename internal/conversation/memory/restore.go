package memory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/clock"
	"griot/internal/conversation"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Archived is a memory as an archive has it: one that is made, with what the
// server had given it. Times are RFC 3339.
type Archived struct {
	Input
	// A UUID.
	ID string `json:"id" is:"required as:uuid"`
	// Made from its id unless given.
	SessionID string `json:"sessionId" is:"given as:sitting"`
	// 1 unless given; 2^52 at most is kept.
	Version   *int64 `json:"version" is:"1..9007199254740991"`
	CreatedAt string `json:"createdAt" is:"required as:past"`
	// `createdAt` unless given.
	UpdatedAt string `json:"updatedAt" is:"given as:past"`

	_ struct{} `needs:"conversationId"`
}

// maxRestored is the highest version that a memory of an archive begins with.
// Changes count on from there, and beyond 2^53-1 an archive could not be read in
// again.
const maxRestored = 1 << 52

// Read returns the memory of an archive, which nobody has made later than now,
// and says what is wrong with it; what its tags say was judged before.
func (a Archived) Read(bad *schema.Problems, at string, now time.Time) Memory {
	m := a.Input.read(bad, at)
	m.ID, m.Conversation, m.Session, m.Version, m.taken = a.ID, a.Conversation, a.SessionID, 1, true
	if a.Version != nil {
		m.Version = min(*a.Version, maxRestored)
	}
	if !id.ValidUUID(a.ID) {
		bad.Invalid(at+"id", "invalid", "must be a UUID in lower case")
	}
	m.CreatedAt = bad.Time(at+"createdAt", a.CreatedAt).Truncate(time.Millisecond)
	if m.CreatedAt.After(now) || m.CreatedAt.UnixMilli() < 0 {
		bad.Invalid(at+"createdAt", "invalid", "must be a time since 1970 that has been")
	}
	if m.UpdatedAt = bad.Time(at+"updatedAt", a.UpdatedAt).Truncate(time.Millisecond); m.UpdatedAt.Before(m.CreatedAt) {
		m.UpdatedAt = m.CreatedAt
	}
	switch {
	case a.SessionID == "":
		m.Session = id.Derived(id.MemorySession, m.CreatedAt, a.ID)
	case !id.Valid(id.MemorySession, a.SessionID):
		bad.Invalid(at+"sessionId", "invalid", "must be session_ and a ULID")
	}
	return m
}

// Restored says what became of a memory of an archive.
type Restored struct {
	conversation.Outcome
	Nameless bool // another memory has its name: it has none
}

// Archive puts back what was taken out.
type Archive struct{ *Service }

// Restore puts memories of an archive, all of one conversation, in their places:
// they keep their ids and times. It is NotFound if the conversation is not there.
// One whose id is known stays as it is, or deleted. They are as many as Add takes.
func (s Archive) Restore(ctx context.Context, of record.Ref, memories []Memory) ([]Restored, error) {
	var out []Restored
	err := s.add(ctx, of, func(ctx context.Context) (addition, error) {
		a := addition{of: of, bounded: true}
		var err error
		if out, err = s.outcomes(ctx, of.Workspace, memories); err != nil {
			return a, err
		}
		for i, m := range memories {
			if out[i].Outcome == conversation.Imported {
				a.memories = append(a.memories, m)
			}
		}
		if len(a.memories) == 0 {
			return a, nil
		}
		row, err := s.Conversations.Table.Get(ctx, clock.Key(of.Workspace), table.Eventual)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return a, fmt.Errorf("reading whether there is room: %w", err)
		}
		a.scarce = clock.Scarce(row)
		return a, s.giveNames(ctx, &a, func(memoryID string) {
			for i, m := range memories {
				if m.ID == memoryID {
					out[i].Nameless = true
				}
			}
		})
	})
	return out, err
}

// outcomes returns what is to become of memories, by what is known of their ids.
// Of two with the same id the second is present.
func (s Archive) outcomes(ctx context.Context, workspace string, memories []Memory) ([]Restored, error) {
	ids := make([]string, len(memories))
	for i, m := range memories {
		ids[i] = m.ID
	}
	rows, err := s.Store().idRows(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	var of []string
	for _, row := range rows {
		if row.Found() && row.Str("conv") != "" {
			of = append(of, row.Str("conv"))
		}
	}
	there, err := s.Conversations.Present(ctx, workspace, of)
	if err != nil {
		return nil, err
	}
	out := make([]Restored, len(memories))
	seen := map[string]bool{}
	for i, m := range memories {
		switch row := rows[m.ID]; {
		case seen[m.ID], row.Found() && there[row.Str("conv")]:
			out[i].Outcome = conversation.Present
		case row.Found():
			out[i].Outcome = conversation.Deleted
		default:
			out[i].Outcome = conversation.Imported
		}
		seen[m.ID] = true
	}
	return out, nil
}

// giveNames adds what gives the memories their names, and takes those away that
// somebody else has.
func (s Archive) giveNames(ctx context.Context, a *addition, nameless func(memoryID string)) error {
	var keys []table.Key
	taken := map[string]bool{}
	for i, m := range a.memories {
		if taken[m.Name] {
			a.memories[i].Name = ""
			nameless(m.ID)
		} else if m.Name != "" {
			taken[m.Name] = true
			keys = append(keys, NameKey(a.of.Workspace, m.Name))
		}
	}
	holders, err := s.Conversations.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return fmt.Errorf("reading who has the names of memories: %w", err)
	}
	n := 0
	for i, m := range a.memories {
		if m.Name == "" {
			continue
		}
		holder := holders[n]
		n++
		gone, err := s.departed(ctx, a.of.Workspace, holder)
		if errs.Is(err, errs.Conflict) {
			a.memories[i].Name = ""
			nameless(m.ID)
			continue
		}
		if err != nil {
			return err
		}
		a.names = append(a.names, m.nameOps(a.of.Workspace, gone)...)
	}
	return nil
}
