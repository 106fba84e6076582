// Package bridge makes finished sessions conversations: passages of the
// transcript become memories, what was found in them their topics.
package bridge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/bridge/passage"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/transcript"
)

// Service makes conversations of sessions.
type Service struct {
	Conversations *conversation.Service
}

func (s *Service) memories() *memory.Service { return &memory.Service{Conversations: s.Conversations} }

// Input is a completed session as a conversation is made from it.
type Input struct {
	Session      string
	ArtifactURI  string // mnemos://artifact/art_…
	Title        string
	At           time.Time // when it was recorded, else started
	Conversation string    // as the session remembers it; "" is none yet
	Segments     iter.Seq2[transcript.Segment, error]
	Result       extraction.Result
	Missing      bool     // passages may have to be added
	Changed      bool     // what is there may rest on an earlier result
	Stands       table.Op // the condition that Result is still the session's
}

// Record commits the creation of a session's conversation, ops, together with
// the session's own note of it, which only a session without one admits. It
// returns the conversation that the session has afterwards: a twin's when
// that was faster, "" when there is no session any more.
type Record func(ctx context.Context, conversationID string, ops []table.Op) (string, error)

// Bridge makes a completed session a conversation: passages of its transcript
// are the memories, the entities found in each its topics. Where another result
// has taken the place of the first, topics and summary follow. It may be
// repeated at any time, also while it runs; what was deleted or edited stays so.
func (s *Service) Bridge(ctx context.Context, workspace string, in Input, commit Record) error {
	b := bridge{Input: in, Service: s, of: record.In(workspace, in.Conversation)}
	if b.of.ID == "" {
		if err := b.create(ctx, commit); err != nil {
			return err
		}
	}
	err := b.fill(ctx)
	if err == nil {
		err = b.follow(ctx)
	}
	if errors.Is(err, errGone) || errors.Is(err, memory.ErrReplaced) {
		return nil // of another result a job is on its way
	}
	return err
}

// errGone is a conversation that was deleted while it was filled.
var errGone = errors.New("bridge: the conversation was deleted meanwhile")

// bridge is a Bridge under way.
type bridge struct {
	Input
	*Service
	of      record.Ref // the conversation; no ID: there is none
	created time.Time  // the conversation's
	offset  int64      // milliseconds from At to the passage, as far as known
}

// create makes the conversation, or finds the one that a twin made.
func (b *bridge) create(ctx context.Context, commit Record) error {
	return b.Conversations.Clock().Within(ctx, b.of.Workspace, func(ctx context.Context, at time.Time) error {
		info := conversation.FromSession(b.Session, b.Title, passage.Summary(b.Result))
		c, ops, err := b.Conversations.New(b.of.Workspace, at, info, nil)
		if err != nil {
			return err
		}
		if b.of.ID, err = commit(ctx, c.ID, ops); err != nil {
			return fmt.Errorf("recording the conversation of a session: %w", err)
		}
		if b.of.ID == c.ID {
			b.Conversations.Written(ctx, b.of.Workspace, ops)
			b.Conversations.SometimesTidy(ctx, b.of.Workspace, c.ID)
		}
		return nil
	})
}

// Bounds of one transaction of passages.
const (
	batchPassages = 12
	batchOps      = 90      // without the topics' hints
	batchBytes    = 1 << 20 // of text, which the index may keep as well
)

// passages cuts the transcript as it was cut when the conversation was made.
func (b *bridge) passages(ctx context.Context) (iter.Seq2[passage.Passage, error], error) {
	i, err := b.Conversations.Info(ctx, b.of)
	if errs.Is(err, errs.NotFound) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	cut := passage.Cut(b.Segments)
	if i.Joined() {
		cut = passage.Join(cut)
	}
	return cut, nil
}

// fill adds the passages that the conversation lacks.
func (b *bridge) fill(ctx context.Context) error {
	if b.of.ID == "" {
		return errGone
	}
	if !b.Missing {
		return nil
	}
	passages, err := b.passages(ctx)
	if err != nil {
		return err
	}
	b.created = id.Time(b.of.ID)
	found := passage.Entities(b.Result.Entities)
	var batch []memory.Memory
	topics, bytes, i := map[string]bool{}, 0, 0
	for p, err := range passages {
		if err != nil {
			return fmt.Errorf("reading the transcript to bridge: %w", err)
		}
		if start := p.First().StartMS; start != nil {
			b.offset = *start
		}
		m := b.memory(p, i, found)
		i++
		more := 0
		for _, name := range m.Topics {
			if !topics[name] {
				more++
			}
		}
		if len(batch) == batchPassages || 4*(len(batch)+1)+2*(len(topics)+more) > batchOps || bytes+len(m.Content) > batchBytes {
			if err := b.add(ctx, batch); err != nil {
				return err
			}
			batch, topics, bytes = nil, map[string]bool{}, 0
		}
		batch, bytes = append(batch, m), bytes+len(m.Content)
		for _, name := range m.Topics {
			topics[name] = true
		}
	}
	return b.add(ctx, batch)
}

func (b *bridge) add(ctx context.Context, batch []memory.Memory) error {
	err := b.memories().Add(ctx, b.of, batch)
	if errs.Is(err, errs.NotFound) {
		return errGone
	}
	return err
}

// memory returns the memory of a passage. It is the same however often the session
// is bridged.
func (b *bridge) memory(p passage.Passage, i int, entities []passage.Entity) memory.Memory {
	// Passages without times keep their order by creation.
	at := b.created.Add(time.Duration(i+1) * time.Millisecond)
	return memory.Memory{
		ID:           b.memoryID(p.First()),
		Conversation: b.of.ID,
		Session:      id.MemorySession + strings.TrimPrefix(b.of.ID, id.Conversation),
		Content:      p.Text, Type: memory.Types[0], Role: p.Role(), Version: 1,
		Context:   fmt.Sprintf("%s?range=%d-%d", b.ArtifactURI, p.First().Range[0], p.Last().Range[1]),
		Topics:    p.Topics(entities),
		CreatedAt: at, UpdatedAt: at,
		EventTime: b.At.Add(time.Duration(b.offset) * time.Millisecond),
	}.AsPassage()
}

// memoryID is the id of the memory whose passage begins with a segment.
func (b *bridge) memoryID(first transcript.Segment) string {
	return id.DerivedUUID("passage", b.of.Workspace, b.Session, strconv.FormatInt(first.Seq, 10))
}

// follow updates topics and summary when another result has replaced the one that
// they come from. Passages stay as they were cut, and what somebody has edited is
// left alone. It may be repeated: only what differs is written.
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

// unedited returns, by id, the memories that cite a passage and that nobody has
// edited. A client may have created some of them.
func (b *bridge) unedited(ctx context.Context) (map[string]bridged, error) {
	out := map[string]bridged{}
	for m, err := range b.memories().Store().Timeline(ctx, b.of) {
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

// retopic replaces the topics of a passage's memory, unless somebody has edited the
// memory, or deleted it or its conversation.
func (b *bridge) retopic(ctx context.Context, memoryID string, names []string) error {
	err := b.memories().Edit(ctx, record.In(b.of.Workspace, memoryID), func(of memory.Memory) (memory.Memory, error) {
		if !of.Unedited() {
			return of, memory.ErrKeep
		}
		resolved, _, err := b.Conversations.Topics().Resolve(ctx, b.of.Workspace, names, of.Named(b.of.Workspace))
		if err != nil {
			return of, err
		}
		if slices.Equal(topic.Distinct(resolved), of.Topics) {
			return of, memory.ErrKeep
		}
		of = of.AsPassage()
		of.Topics = names
		return of, nil
	}, b.Stands)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// summarise gives the conversation the summary of the result, unless somebody
// has given it another title or summary.
func (b *bridge) summarise(ctx context.Context) error {
	var ops []table.Op
	err := record.Change(ctx, conversation.Tries, func() (err error) {
		ops, err = b.trySummarise(ctx)
		return err
	})
	if err == nil && len(ops) > 0 {
		b.Conversations.Written(ctx, b.of.Workspace, ops)
	}
	return err
}

func (b *bridge) trySummarise(ctx context.Context) ([]table.Op, error) {
	old, err := b.Conversations.Info(ctx, b.of)
	if errs.Is(err, errs.NotFound) {
		return nil, errGone
	}
	next := old.WithSummary(passage.Summary(b.Result))
	if err != nil || old.Edited() || next == old {
		return nil, err
	}
	ops, err := b.Conversations.EditOps(ctx, b.of, old, next)
	if err != nil {
		return nil, err
	}
	ops = append(ops, b.Stands)
	err = b.Conversations.Table.Transact(ctx, ops)
	if table.FailedKey(err, ops) == b.Stands.Key {
		return nil, memory.ErrReplaced
	}
	if errors.Is(err, table.ErrCondition) {
		return nil, record.ErrStale
	}
	if err != nil {
		return nil, fmt.Errorf("writing a summary: %w", err)
	}
	return ops, nil
}
