package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/tally"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/search"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/text"
)

// A conversation has two rows, each in a list of the workspace in the order of
// creation: its info here, and its tally of memories. Memories and topics are in
// a partition of the conversation's own.

// InfoKey is the row of a conversation's Info.
func InfoKey(of record.Ref) table.Key { return row(of.Workspace, "convs", of.ID) }

// PartitionKey is a key in the partition of a conversation, in which the
// pointers to stored answers are listed.
func PartitionKey(of record.Ref) table.Key { return row(of.Workspace, of.ID, "-") }

func row(workspace, list, sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#" + list, SK: sk}
}

// Untitled is the title of a conversation whose title was that of a memory
// that is gone, until it has another memory.
const Untitled = "Untitled"

// What gave a title, beside memories, which are noted by their ids. A title
// that a person or a session gave does not change with memories.
const (
	GivenTitle = "given"
	NoTitle    = "none" // it is Untitled
)

// cutJoined is Info.cut of a conversation whose passages of nothing but
// backchannels were joined to others. Those of another, 0, are as they were cut.
const cutJoined = 1

// Info is what a conversation is called and where it comes from.
type Info struct {
	title, summary string
	titled         string // what gave the title; see TitledBy
	source         string
	edited         time.Time // by a person; zero: never
	claim          string    // sort key of the pointer to the stored answer that has it; see idempotency
	cut            int64     // how a session was cut into its memories; see Joined
	rev            int64     // of the row, as it was read; see record.Head
}

// FromSession returns what a conversation is called that is made from a session.
func FromSession(session, title, summary string) Info {
	return Info{title: title, summary: summary, titled: GivenTitle, source: session, cut: cutJoined}
}

// Joined reports whether the passages of the conversation's session were joined
// where they have nothing but backchannels.
func (i Info) Joined() bool { return i.cut == cutJoined }

// Edited reports whether a person gave the title or the summary.
func (i Info) Edited() bool { return !i.edited.IsZero() }

// WithSummary returns the info with another summary.
func (i Info) WithSummary(summary string) Info {
	i.summary = summary
	return i
}

// TitledBy reports whether a memory gave a conversation its title. Older rows
// do not say what did: their title was given, or is that of the memory that was
// created with them, in the very same millisecond, which no other memory has.
func (i Info) TitledBy(conversationID, memoryID string, created time.Time) bool {
	if i.titled == "" {
		return i.source == "" && created.Equal(id.Time(conversationID))
	}
	return i.titled == memoryID
}

// WithTitleOf returns the info with the title that a memory gives.
func (i Info) WithTitleOf(memoryID, content string) Info {
	i.title, i.titled = deriveTitle(content), memoryID
	return i
}

// Titleless reports whether the memory that gave the title is gone, and no other
// one was there to give another.
func (i Info) Titleless() bool { return i.titled == NoTitle }

// WithoutTitle returns the info of a conversation whose title went with the last
// memory.
func (i Info) WithoutTitle() Info {
	i.title, i.titled = Untitled, NoTitle
	return i
}

// maxDerivedTitle bounds the title that a memory gives (contract D 36).
const maxDerivedTitle = 80

// deriveTitle returns the first line of a text that is not blank, shortened at
// a word.
func deriveTitle(content string) string {
	breaks := func(r rune) bool { return strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", r) }
	withoutControls := func(r rune) rune { // which a title may not have
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}
	for line := range strings.FieldsFuncSeq(content, breaks) {
		if text.Blank(line) {
			continue
		}
		line = strings.TrimSpace(strings.Map(withoutControls, line))
		if utf8.RuneCountInString(line) <= maxDerivedTitle {
			return line
		}
		cut := string([]rune(line)[:maxDerivedTitle-1])
		if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
			cut = cut[:i]
		}
		return strings.TrimSpace(cut) + "…"
	}
	return Untitled // no memory's content is blank
}

// attrs are all but the revision, which [record.Head] writes.
func (i Info) attrs() table.Attrs {
	a := table.Attrs{"title": i.title}
	for name, value := range map[string]string{"summary": i.summary, "titled": i.titled, "source": i.source, "claim": i.claim} {
		if value != "" {
			a[name] = value
		}
	}
	if !i.edited.IsZero() {
		a["edited"] = i.edited.UnixMilli()
	}
	if i.cut != 0 {
		a["cut"] = i.cut
	}
	return a
}

// ReadInfo decodes the row of an Info.
func ReadInfo(item table.Item) Info {
	return Info{
		title: item.Str("title"), summary: item.Str("summary"), titled: item.Str("titled"), source: item.Str("source"),
		edited: item.Time("edited"), claim: item.Str("claim"),
		cut: item.Int("cut"), rev: item.Int("rev"),
	}
}

func build(conversationID string, i Info, t tally.Tally) Conversation {
	updated := t.Activity
	if i.edited.After(updated) {
		updated = i.edited
	}
	return Conversation{
		ID: conversationID, Title: i.title, Summary: i.summary, SourceSession: i.source,
		CreatedAt: id.Time(conversationID), UpdatedAt: updated, ActiveAt: t.Activity, Memories: t.Memories,
		FirstEvent: t.Events.First, LastEvent: t.Events.Last,
	}
}

// Create makes an empty conversation.
func (s *Service) Create(ctx context.Context, p access.Principal, in CreateInput, claim *idempotency.Claim) (Conversation, error) {
	if err := p.Require(access.ConversationsWrite); err != nil {
		return Conversation{}, err
	}
	if err := schema.Check(in); err != nil {
		return Conversation{}, err
	}
	var c Conversation
	var ops []table.Op
	err := s.Clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
		return record.Change(ctx, Tries, func() (err error) { // each attempt has an id of its own
			c, ops, err = s.New(p.Workspace, at, Info{title: in.Title, summary: in.Summary, titled: GivenTitle}, claim)
			if err != nil {
				return err
			}
			if err := s.Table.Transact(ctx, ops); err != nil {
				return fmt.Errorf("writing the new conversation: %w", err)
			}
			return nil
		})
	})
	if err != nil {
		return Conversation{}, err
	}
	s.Written(ctx, p.Workspace, ops)
	s.SometimesTidy(ctx, p.Workspace, c.ID)
	return c, nil
}

// New returns an empty conversation and its writes, with those of a claim, which
// may be nil. They are valid as long as at, a time of the workspace's clock, is.
func (s *Service) New(workspace string, at time.Time, i Info, claim *idempotency.Claim) (Conversation, []table.Op, error) {
	t := tally.Tally{Activity: at, Bridged: i.source != ""}
	c := build(id.At(id.Conversation, at), i, t)
	claimed, err := claim.Ops(c, PartitionKey(record.In(workspace, c.ID)))
	if err != nil {
		return Conversation{}, nil, err
	}
	if len(claimed) > 1 {
		i.claim = claimed[1].Key.SK
	}
	return c, append(s.CreateOps(record.In(workspace, c.ID), i, t), claimed...), nil
}

// CreateOps returns the writes of a new conversation's own rows.
func (s *Service) CreateOps(of record.Ref, i Info, t tally.Tally) []table.Op {
	return append(s.rowOps(of, i, t), fence.Add(of))
}

// rowOps are those of CreateOps but for what counts the conversation.
func (s *Service) rowOps(of record.Ref, i Info, t tally.Tally) []table.Op {
	ops := []table.Op{
		table.Put(InfoKey(of), i.attrs(), table.Absent()),
		t.Create(of),
		s.indexName(of, i),
	}
	if id.Time(of.ID).Before(s.Time().Add(-clock.Lifetime / 2)) {
		ops = append(ops, s.Moved(of)) // among those that are long there
	}
	return ops
}

// Rename gives a conversation another title or summary, which from then on do
// not change with its memories. A change of nothing is no error.
func (s *Service) Rename(ctx context.Context, p access.Principal, conversationID string, in Change) (Conversation, error) {
	if err := p.Require(access.ConversationsWrite); err != nil {
		return Conversation{}, err
	}
	if err := schema.Check(in); err != nil {
		return Conversation{}, err
	}
	if !id.Valid(id.Conversation, conversationID) {
		return Conversation{}, errNotFound()
	}
	var c Conversation
	var ops []table.Op
	err := record.Change(ctx, Tries, func() (err error) {
		c, ops, err = s.tryRename(ctx, record.In(p.Workspace, conversationID), in)
		return err
	})
	if err == nil {
		s.Written(ctx, p.Workspace, ops)
	}
	return c, err
}

func (in Change) apply(i Info) Info {
	if in.Title != nil {
		i.title, i.titled = *in.Title, GivenTitle
	}
	if in.Summary != nil {
		i.summary = *in.Summary
	}
	return i
}

func (s *Service) tryRename(ctx context.Context, of record.Ref, in Change) (Conversation, []table.Op, error) {
	keys := []table.Key{InfoKey(of), tally.Key(of)}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return Conversation{}, nil, fmt.Errorf("reading a conversation: %w", err)
	}
	t, ok, err := s.Tallies().Whole(ctx, of.Workspace, items[1])
	if err == nil && !(ok && items[0].Found()) {
		err = errNotFound()
	}
	if err != nil {
		return Conversation{}, nil, err
	}
	old := ReadInfo(items[0])
	next := in.apply(old)
	if next == old {
		return build(of.ID, old, t), nil, nil
	}
	next.edited = s.Time()
	ops, err := s.EditOps(ctx, of, old, next)
	if err != nil {
		return Conversation{}, nil, err
	}
	err = s.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return Conversation{}, nil, record.ErrStale
	}
	if err != nil {
		return Conversation{}, nil, fmt.Errorf("renaming a conversation: %w", err)
	}
	return build(of.ID, next, t), ops, nil
}

// EditOps returns the writes that replace a title and a summary, and remove
// every other trace of the old ones: now the stored answer that has them, later
// what the index keeps.
func (s *Service) EditOps(ctx context.Context, of record.Ref, old, next Info) ([]table.Op, error) {
	ops := append(s.RenameOps(of, old, next), s.RenewLater(of))
	if old.claim == "" {
		return ops, nil
	}
	pointer := PartitionKey(of)
	pointer.SK = old.claim
	answer, err := idempotency.Withdraw(ctx, s.Table, of.Workspace, pointer)
	return slices.Concat(ops, answer), err
}

// RenameOps returns the writes that replace a title and a summary. They are
// refused when the info has changed since old was read.
func (s *Service) RenameOps(of record.Ref, old, next Info) []table.Op {
	if next == old {
		return nil
	}
	head := record.Head{Key: InfoKey(of), Rev: old.rev}
	ops := []table.Op{head.Replace(next.attrs())}
	if next.title != old.title || next.summary != old.summary {
		ops = append(ops, s.indexName(of, next))
	}
	return ops
}

// indexName returns the write that makes a conversation's title and summary
// findable. When something happened is what its memories say.
func (s *Service) indexName(of record.Ref, i Info) table.Op {
	return s.Index.Put(of.Workspace, search.Doc{Conversation: of.ID, Title: i.title, Summary: i.summary})
}

// Reindex returns the writes that index a conversation's title and summary
// anew, refused when it has been renamed or deleted since its info was read.
func (s *Service) Reindex(of record.Ref, i Info) []table.Op {
	return []table.Op{record.Head{Key: InfoKey(of), Rev: i.rev}.Check(), s.indexName(of, i)}
}

// RenewalDue begins the ids of due rows that have a conversation renewed in the
// index.
const RenewalDue = "renewal_"

// renewWait is how long the index may keep what a memory or a title said
// before: until no merge that has read it can still be running.
const renewWait = search.RenewAfter + 2*time.Minute

// RenewLater returns the write that has a conversation's old words removed from
// the index. All changes within a minute write the same row.
func (s *Service) RenewLater(of record.Ref) table.Op {
	at := s.Time().Add(renewWait).Truncate(time.Minute)
	return task.Due(at, record.In(of.Workspace, RenewalDue+of.ID))
}
