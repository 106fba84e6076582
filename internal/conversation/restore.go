package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/conversation/tally"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Archived is a conversation as an archive has it; see Told. Times are RFC 3339.
type Archived struct {
	// `conv_` and a ULID; its creation.
	ID      string `json:"id" is:"required as:conversation"`
	Title   string `json:"title" is:"filled line ..500"`
	Summary string `json:"summary" is:"..2000"`
	// Its creation, unless given.
	LastActivityAt string `json:"lastActivityAt" is:"as:past"`
	// Kept as it is said; the session need not be here.
	SourceSessionID string `json:"sourceSessionId" is:"line ..64"`
	// The id of a memory, `given` or `none`; `given` unless said.
	TitleFrom string `json:"titleFrom" is:"line ..64"`
	EditedAt  string `json:"editedAt" is:"as:past"`
}

// Outcome is what becomes of a part of an archive.
type Outcome string

// The outcomes of putting something in its place.
const (
	Imported Outcome = "imported" // it is there now
	Present  Outcome = "present"  // it was there already, as it is or changed since
	Deleted  Outcome = "deleted"  // it was there and was deleted, less than record.TombstoneKept ago
)

// restoration is a conversation on its way into its place.
type restoration struct {
	info  Info
	tally tally.Tally
}

// Check judges what an archive says of a conversation, which nobody has begun
// later than now.
func (a Archived) Check(bad *schema.Problems, at string, now time.Time) {
	a.read(bad, at, now)
}

func (a Archived) read(bad *schema.Problems, at string, now time.Time) restoration {
	created := id.Time(a.ID)
	if !id.Valid(id.Conversation, a.ID) || created.After(now) {
		bad.Invalid(at+"id", "invalid", "must be conv_ and a ULID of a time that has been")
	}
	past := func(member, value string) time.Time {
		t := bad.Time(at+member, value)
		if t.After(now) {
			bad.Invalid(at+member, "invalid", "must not be in the future")
		}
		return t
	}
	r := restoration{
		info:  Info{title: a.Title, summary: a.Summary, titled: a.TitleFrom, source: a.SourceSessionID, edited: past("editedAt", a.EditedAt)},
		tally: tally.Tally{Activity: past("lastActivityAt", a.LastActivityAt), Bridged: a.SourceSessionID != ""},
	}
	switch from := a.TitleFrom; {
	case from == "":
		r.info.titled = GivenTitle
	case from == NoTitle:
		r.tally.Titles = 1 // the next memory gives one
	case from != GivenTitle && !id.ValidUUID(from):
		bad.Invalid(at+"titleFrom", "invalid", "must be the id of a memory, %s or %s", GivenTitle, NoTitle)
	}
	if a.SourceSessionID != "" {
		r.info.cut = cutJoined
	}
	if r.tally.Activity.Before(created) {
		r.tally.Activity = created
	}
	return r
}

// Archive puts back what was taken out.
type Archive struct{ *Service }

// Restore puts a conversation of an archive, which Check found right, in its place: it
// keeps its id and times, whatever else there is. One that was deleted is not
// brought back as long as its tombstone is there.
func (s Archive) Restore(ctx context.Context, workspace string, a Archived) (out Outcome, err error) {
	of, ops := record.In(workspace, a.ID), []table.Op(nil)
	err = record.Change(ctx, Tries, func() (err error) {
		out, ops, err = s.tryRestore(ctx, of, a)
		return err
	})
	if err != nil || out != Imported {
		return out, err
	}
	s.Written(ctx, workspace, ops)
	s.SometimesTidy(ctx, workspace, a.ID)
	return out, nil
}

func (s Archive) tryRestore(ctx context.Context, of record.Ref, a Archived) (Outcome, []table.Op, error) {
	items, err := s.Table.BatchGet(ctx, []table.Key{tally.Key(of), HiddenKey(of), TombstoneKey(of)}, table.Consistent)
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("reading whether a conversation is there: %w", err)
	case items[0].Found():
		return Present, nil, nil
	case items[1].Found() || items[2].Found():
		return Deleted, nil, nil
	}
	counted, err := s.Fences().Insert(ctx, of)
	if err != nil {
		return "", nil, err
	}
	r := a.read(&schema.Problems{}, "", s.Time())
	ops := append(s.rowOps(of, r.info, r.tally), counted...)
	ops = append(ops, table.Check(HiddenKey(of), table.Absent()), table.Check(TombstoneKey(of), table.Absent()))
	err = s.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return "", nil, record.ErrStale
	}
	if err != nil {
		return "", nil, fmt.Errorf("writing a conversation: %w", err)
	}
	return Imported, ops, nil
}
