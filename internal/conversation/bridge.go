package conversation

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"griot/internal/clock"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/passage"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/table"
	"griot/internal/transcript"
)

// BridgeInput is a completed session as a conversation is made from it.
type BridgeInput struct {
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
func (s *Service) Bridge(ctx context.Context, workspace string, in BridgeInput, record Record) error {
	b := bridge{BridgeInput: in, s: s, workspace: workspace, conversation: in.Conversation}
	if b.conversation == "" {
		if err := b.create(ctx, record); err != nil {
			return err
		}
	}
	err := b.fill(ctx)
	if err == nil {
		err = b.follow(ctx)
	}
	if errors.Is(err, errGone) || errors.Is(err, errReplaced) {
		return nil
	}
	return err
}

var (
	// errGone is a conversation that was deleted while it was filled.
	errGone = errors.New("conversation: deleted meanwhile")
	// errReplaced is a result that is not the session's any more. A job for
	// the other one is on its way.
	errReplaced = errors.New("conversation: another result has taken the place of this one")
)

// bridge is a Bridge under way.
type bridge struct {
	BridgeInput
	s            *Service
	workspace    string
	conversation string
	created      time.Time // the conversation's
	offset       int64     // milliseconds from At to the passage, as far as known
}

// create makes the conversation, or finds the one that a twin made.
func (b *bridge) create(ctx context.Context, record Record) error {
	return b.s.clock().Within(ctx, b.workspace, func(ctx context.Context, at time.Time) error {
		return b.createAt(ctx, at, record)
	})
}

func (b *bridge) createAt(ctx context.Context, at time.Time, record Record) error {
	c, ops, err := b.s.newConversation(b.workspace, at, info{
		title: b.Title, summary: passage.Summary(b.Result), titled: givenTitle, source: b.Session, cut: cutJoined,
	}, nil)
	if err != nil {
		return err
	}
	if b.conversation, err = record(ctx, c.ID, ops); err != nil {
		return fmt.Errorf("recording the conversation of a session: %w", err)
	}
	if b.conversation == c.ID {
		b.s.written(ctx, b.workspace, ops)
		b.s.sometimesTidy(ctx, b.workspace, c.ID)
	}
	return nil
}

// Bounds of one transaction of passages.
const (
	batchPassages = 12
	batchOps      = 90      // without the topics' hints
	batchBytes    = 1 << 20 // of text, which the index may keep as well
)

// cutJoined is info.cut of a conversation whose passages of nothing but
// backchannels were joined to others. Those of another, 0, are as they were cut.
const cutJoined = 1

// passages cuts the transcript as it was cut when the conversation was made.
func (b *bridge) passages(ctx context.Context) (iter.Seq2[passage.Passage, error], error) {
	i, err := b.s.getInfo(ctx, b.workspace, b.conversation)
	if errs.Is(err, errs.NotFound) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	cut := passage.Cut(b.Segments)
	if i.cut == cutJoined {
		cut = passage.Join(cut)
	}
	return cut, nil
}

// fill adds the passages that are not there yet.
func (b *bridge) fill(ctx context.Context) error {
	if b.conversation == "" {
		return errGone
	}
	if !b.Missing {
		return nil
	}
	passages, err := b.passages(ctx)
	if err != nil {
		return err
	}
	b.created = id.Time(b.conversation)
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

// memory returns a passage as a memory: always the same one.
func (b *bridge) memory(p passage.Passage, i int, entities []passage.Entity) memory.Memory {
	// Passages without times keep their order by creation.
	at := b.created.Add(time.Duration(i+1) * time.Millisecond)
	return memory.Memory{
		ID:           b.memoryID(p.First()),
		Conversation: b.conversation,
		Session:      id.MemorySession + strings.TrimPrefix(b.conversation, id.Conversation),
		Content:      p.Text, Type: memory.Types[0], Role: p.Role(), Version: 1,
		Context:   fmt.Sprintf("%s?range=%d-%d", b.ArtifactURI, p.First().Range[0], p.Last().Range[1]),
		Topics:    p.Topics(entities),
		CreatedAt: at, UpdatedAt: at,
		EventTime: b.At.Add(time.Duration(b.offset) * time.Millisecond),
	}.AsPassage()
}

// memoryID is that of the passage which begins with a segment.
func (b *bridge) memoryID(first transcript.Segment) string {
	return id.DerivedUUID("passage", b.workspace, b.Session, strconv.FormatInt(first.Seq, 10))
}

// add writes those of the memories that never were there, in one transaction.
func (b *bridge) add(ctx context.Context, batch []memory.Memory) error {
	var ops []table.Op
	err := table.Insist(ctx, conflictTries, func() (err error) {
		ops, err = b.tryAdd(ctx, batch)
		return err
	})
	if err == nil && len(ops) > 0 {
		b.s.written(ctx, b.workspace, ops)
		b.s.sometimesTidy(ctx, b.workspace, batch[0].ID)
	}
	return err
}

func (b *bridge) tryAdd(ctx context.Context, batch []memory.Memory) ([]table.Op, error) {
	ctx, cancel := context.WithTimeout(ctx, clock.Lifetime)
	defer cancel()
	fresh, err := b.missing(ctx, batch)
	if err != nil || len(fresh) == 0 {
		return nil, err
	}
	old, err := b.s.getTally(ctx, b.workspace, b.conversation)
	if errs.Is(err, errs.NotFound) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	voided, err := b.place(ctx, fresh)
	if err != nil {
		return nil, err
	}
	last := fresh[len(fresh)-1]
	a := addition{workspace: b.workspace, conversation: b.conversation, at: b.s.now(), memories: fresh}
	ops, err := b.s.additionOps(a)
	if err != nil {
		return nil, err
	}
	added := tally.Delta{Memories: int64(len(fresh)), Told: old.Untold()}
	counted, err := b.s.countOps(ctx, counting{workspace: b.workspace, id: fresh[0].ID, Delta: added})
	if err != nil {
		return nil, err
	}
	session := last.Session
	if old.Session != "" {
		session = old.Session // somebody added to it already
	}
	ops = append(ops, old.Grow(b.workspace, b.conversation, last.CreatedAt, session, added))
	ops = append(ops, counted...)
	ops = append(ops, voided...)
	if ops, err = b.s.withLinks(ctx, a, old, false, a.changes(), ops); err != nil {
		return nil, err
	}
	err = b.s.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return nil, b.s.lost(ctx, b.workspace, err)
	}
	if err != nil {
		return nil, fmt.Errorf("writing passages: %w", err)
	}
	return ops, nil
}

// place gives memories the topics that theirs were merged into.
func (b *bridge) place(ctx context.Context, memories []memory.Memory) ([]table.Op, error) {
	var topics []topic.Named
	for _, m := range memories {
		topics = append(topics, m.Named(b.workspace)...)
	}
	renamed, ops, err := b.s.renames(ctx, b.workspace, topics)
	for i, m := range memories {
		memories[i] = m.WithTopics(renamed.of(m.Named(b.workspace)))
	}
	return ops, err
}

// missing returns those of the memories that are not there and never were.
func (b *bridge) missing(ctx context.Context, batch []memory.Memory) ([]memory.Memory, error) {
	keys := make([]table.Key, len(batch))
	for i, m := range batch {
		keys[i] = memory.IDKey(b.workspace, m.ID)
	}
	items, err := b.s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading which passages are there: %w", err)
	}
	var out []memory.Memory
	for i, item := range items {
		if !item.Found() {
			out = append(out, batch[i])
		}
	}
	return out, nil
}
