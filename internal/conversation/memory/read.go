package memory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/cursor"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
)

// Service has the use cases of memories.
type Service struct {
	Conversations *conversation.Service
}

// Store reads memories without asking whether their conversations are hidden.
func (s *Service) Store() Store { return Store{Table: s.Conversations.Table} }

func (s *Service) topicIndex() topic.Index { return s.Conversations.Topics() }

func errNoMemory() error { return errs.New(errs.NotFound, "there is no such memory") }

// Get returns a memory of the caller's workspace, by its id or its name.
func (s *Service) Get(ctx context.Context, p access.Principal, idOrName string) (Memory, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Memory{}, err
	}
	return s.meant(ctx, p.Workspace, idOrName)
}

// meant reads the memory that an id or a name means.
func (s *Service) meant(ctx context.Context, workspace, idOrName string) (Memory, error) {
	memoryID, err := s.idOf(ctx, workspace, idOrName)
	if err != nil {
		return Memory{}, err
	}
	return s.get(ctx, record.In(workspace, memoryID))
}

// idOf returns the id of the memory that has a name now. What is an id, or nobody's
// name, is returned as it is.
func (s *Service) idOf(ctx context.Context, workspace, idOrName string) (string, error) {
	if id.ValidUUID(idOrName) {
		return idOrName, nil
	}
	memoryID, err := s.holder(ctx, workspace, idOrName)
	if errs.Is(err, errs.NotFound) {
		return idOrName, nil
	}
	return memoryID, err
}

// ByName returns the memory that has a name now.
func (s *Service) ByName(ctx context.Context, p access.Principal, name string) (Memory, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Memory{}, err
	}
	return s.byName(ctx, p.Workspace, name)
}

func (s *Service) byName(ctx context.Context, workspace, name string) (Memory, error) {
	memoryID, err := s.holder(ctx, workspace, name)
	if err != nil {
		return Memory{}, err
	}
	return s.get(ctx, record.In(workspace, memoryID))
}

// holder returns the id of the memory that has a name now.
func (s *Service) holder(ctx context.Context, workspace, name string) (memoryID string, err error) {
	if !namePattern().MatchString(name) {
		return "", errNoMemory()
	}
	item, err := s.Conversations.Table.Get(ctx, NameKey(workspace, name), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return "", errNoMemory()
	}
	if err != nil {
		return "", fmt.Errorf("looking a memory up by its name: %w", err)
	}
	return item.Str("id"), nil
}

// idsOf is idOf of some.
func (s *Service) idsOf(ctx context.Context, workspace string, idsOrNames []string) ([]string, error) {
	out := slices.Clone(idsOrNames)
	at := map[table.Key][]int{}
	var keys []table.Key
	for i, name := range idsOrNames {
		if id.ValidUUID(name) || !namePattern().MatchString(name) {
			continue
		}
		key := NameKey(workspace, name)
		if at[key] == nil {
			keys = append(keys, key)
		}
		at[key] = append(at[key], i)
	}
	for chunk := range slices.Chunk(keys, table.MaxBatchGet) {
		items, err := s.Conversations.Table.BatchGet(ctx, chunk, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("looking memories up by their names: %w", err)
		}
		for n, item := range items {
			for _, i := range at[chunk[n]] {
				if item.Found() {
					out[i] = item.Str("id")
				}
			}
		}
	}
	return out, nil
}

// Many returns the memories with the given ids or names (1 to 100), in their
// order, and those that name none.
func (s *Service) Many(ctx context.Context, p access.Principal, ids []string) (found []Memory, missing []string, err error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return nil, nil, err
	}
	if err := schema.Check(IDList{ids}); err != nil {
		return nil, nil, err
	}
	meant, err := s.idsOf(ctx, p.Workspace, ids)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.Present(ctx, p.Workspace, meant)
	if err != nil {
		return nil, nil, err
	}
	size := 0
	for i, m := range all {
		if m.ID == "" {
			missing = append(missing, ids[i])
			continue
		}
		found = append(found, m)
		size += m.Weight()
	}
	return found, missing, conversation.CheckPage(size)
}

// get reads a memory whose conversation is there.
func (s *Service) get(ctx context.Context, of record.Ref) (Memory, error) {
	located, err := s.Store().Locate(ctx, of.Workspace, []string{of.ID})
	if err != nil {
		return Memory{}, err
	}
	m, _, err := s.with(ctx, of.Workspace, located[0], tally.Key)
	return m, err
}

// held is a memory and its conversation, as a change finds them.
type held struct {
	Memory
	tally  tally.Tally
	info   conversation.Info
	scarce bool // the workspace has little room left
}

func (s *Service) held(ctx context.Context, of record.Ref) (held, error) {
	located, beside, err := s.Store().LocateBeside(ctx, of, clock.Key(of.Workspace))
	if err != nil {
		return held{}, err
	}
	m, rows, err := s.with(ctx, of.Workspace, located, tally.Key, conversation.InfoKey)
	if err != nil {
		return held{}, err
	}
	t, ok, err := s.Conversations.Tallies().Whole(ctx, of.Workspace, rows[0])
	if err == nil && !ok {
		err = errNoMemory()
	}
	return held{m, t, conversation.ReadInfo(rows[1]), clock.Scarce(beside)}, err
}

// with reads a memory from its row, and rows of its conversation. It is NotFound if
// one of them does not exist.
func (s *Service) with(ctx context.Context, workspace string, located table.Key, rowsOf ...func(record.Ref) table.Key) (Memory, []table.Item, error) {
	if located == (table.Key{}) {
		return Memory{}, nil, errNoMemory()
	}
	conversation := record.In(workspace, located.PK[len(workspace)+1:])
	keys := []table.Key{located}
	for _, key := range rowsOf {
		keys = append(keys, key(conversation))
	}
	items, err := s.Conversations.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return Memory{}, nil, fmt.Errorf("reading a memory: %w", err)
	}
	if slices.ContainsFunc(items, func(item table.Item) bool { return !item.Found() }) {
		return Memory{}, nil, errNoMemory()
	}
	m, err := Read(items[0])
	return m, items[1:], err
}

// Present reads memories by id, in order; those that are not there, or
// whose conversation is hidden, are zero.
func (s *Service) Present(ctx context.Context, workspace string, ids []string) ([]Memory, error) {
	keys, err := s.Store().Locate(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	return s.readRows(ctx, workspace, keys)
}

// readRows reads memories by their rows, in order; see Present. More than
// conversation.MaxPage of them are Malformed.
func (s *Service) readRows(ctx context.Context, workspace string, keys []table.Key) ([]Memory, error) {
	out := make([]Memory, 0, len(keys))
	size := 0
	for m, err := range s.rows(ctx, workspace, keys) {
		if err != nil {
			return nil, err
		}
		out = append(out, m)
		size += m.Weight()
		if err := conversation.CheckPage(size); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rowsAtOnce are read by one call: 16 MB of items is the most of one, which
// would be more than so many of the longest.
const rowsAtOnce = table.MaxBatchGet / 2

// rows reads memories by their rows as they are consumed, in order; see
// getMemories.
func (s *Service) rows(ctx context.Context, workspace string, keys []table.Key) iter.Seq2[Memory, error] {
	return func(yield func(Memory, error) bool) {
		for chunk := range slices.Chunk(keys, rowsAtOnce) {
			found, err := s.someRows(ctx, workspace, chunk)
			if err != nil {
				yield(Memory{}, err)
				return
			}
			for _, key := range chunk {
				if !yield(found[key], nil) {
					return
				}
			}
		}
	}
}

func (s *Service) someRows(ctx context.Context, workspace string, keys []table.Key) (map[table.Key]Memory, error) {
	found := make(map[table.Key]Memory, len(keys))
	var wanted []table.Key
	var conversations []string
	for _, key := range keys {
		if _, twice := found[key]; !twice && key != (table.Key{}) {
			found[key] = Memory{}
			wanted = append(wanted, key)
			conversations = append(conversations, key.PK[len(workspace)+1:])
		}
	}
	there, err := s.Conversations.Present(ctx, workspace, conversations)
	if err != nil {
		return nil, err
	}
	memories, err := s.readChunk(ctx, wanted)
	if err != nil {
		return nil, err
	}
	for i, m := range memories {
		if there[m.Conversation] {
			found[wanted[i]] = m
		}
	}
	return found, nil
}

// readChunk reads memories in one call; those that are not there are zero.
func (s *Service) readChunk(ctx context.Context, keys []table.Key) ([]Memory, error) {
	items, err := s.Conversations.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading memories: %w", err)
	}
	memories := make([]Memory, len(items))
	for i, item := range items {
		if !item.Found() {
			continue
		}
		if memories[i], err = Read(item); err != nil {
			return nil, err
		}
	}
	return memories, nil
}

// Siblings returns a memory and the others of its conversation, oldest first,
// or limit of them (0: all). They are read as they are consumed; an error ends
// them.
func (s *Service) Siblings(ctx context.Context, p access.Principal, memoryID string, limit int) (source Memory, others iter.Seq2[Memory, error], err error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return source, nil, err
	}
	if source, err = s.meant(ctx, p.Workspace, memoryID); err != nil {
		return source, nil, err
	}
	return source, cursor.Part(s.but(ctx, p.Workspace, source), limit, 0), nil
}

// but walks the timeline of a memory without it.
func (s *Service) but(ctx context.Context, workspace string, source Memory) iter.Seq2[Memory, error] {
	return func(yield func(Memory, error) bool) {
		for m, err := range s.Store().Timeline(ctx, record.In(workspace, source.Conversation)) {
			if (m.ID != source.ID || err != nil) && !yield(m, err) {
				return
			}
		}
	}
}

// Timeline is a conversation's memories in the order of what they tell
// (contract D 32). Count is the number of all of them; Memories yields those
// that were asked for, page by page as they are consumed. An error ends it.
type Timeline struct {
	Conversation conversation.Conversation
	Count        int64
	Memories     iter.Seq2[Memory, error]
}

// Timeline returns all memories of a conversation, or limit of them (0: all)
// behind offset. What is skipped is read.
func (s *Service) Timeline(ctx context.Context, p access.Principal, conversationID string, limit, offset int) (Timeline, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return Timeline{}, err
	}
	if limit < 0 || offset < 0 {
		return Timeline{}, errs.New(errs.Malformed, "limit and offset must not be negative")
	}
	c, err := s.Conversations.Get(ctx, p, conversationID)
	if err != nil {
		return Timeline{}, err
	}
	all := s.Store().Timeline(ctx, record.In(p.Workspace, conversationID))
	return Timeline{Conversation: c, Count: c.Memories, Memories: cursor.Part(all, limit, offset)}, nil
}

// List returns a part of the memories and the number of all that match. A Limit
// out of 1 to 1,000 is Malformed.
//
// By creation and without a filter it walks the compact rows up to the page's
// end, else all of them: a read unit per about 20. In a conversation it walks
// the memories themselves.
func (s *Service) List(ctx context.Context, p access.Principal, in ListInput) (Page, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Page{}, err
	}
	l, err := newList(ctx, s, p.Workspace, in)
	if err != nil {
		return Page{}, err
	}
	entries, total, err := l.read(ctx)
	if err != nil {
		return Page{}, err
	}
	keys := make([]table.Key, len(entries))
	for i, e := range entries {
		keys[i] = e.Row(p.Workspace)
	}
	return Page{Memories: there(s.rows(ctx, p.Workspace, keys)), Total: total, From: l.created.From, To: l.created.To}, nil
}
