package conversation

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/schema"
	"griot/internal/table"
)

func errNoMemory() error { return errs.New(errs.NotFound, "there is no such memory") }

// Memory returns a memory of the caller's workspace.
func (s *Service) Memory(ctx context.Context, p access.Principal, memoryID string) (memory.Memory, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return memory.Memory{}, err
	}
	return s.getMemory(ctx, p.Workspace, memoryID)
}

// MemoryByName returns the memory that has a name now.
func (s *Service) MemoryByName(ctx context.Context, p access.Principal, name string) (memory.Memory, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return memory.Memory{}, err
	}
	return s.byName(ctx, p.Workspace, name)
}

func (s *Service) byName(ctx context.Context, workspace, name string) (memory.Memory, error) {
	if !namePattern().MatchString(name) {
		return memory.Memory{}, errNoMemory()
	}
	item, err := s.Table.Get(ctx, memory.NameKey(workspace, name), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return memory.Memory{}, errNoMemory()
	}
	if err != nil {
		return memory.Memory{}, fmt.Errorf("looking a memory up by its name: %w", err)
	}
	return s.getMemory(ctx, workspace, item.Str("id"))
}

// Memories returns the memories with the given ids (1 to 100), in their
// order, and the ids that name none.
func (s *Service) Memories(ctx context.Context, p access.Principal, ids []string) (found []memory.Memory, missing []string, err error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return nil, nil, err
	}
	if err := schema.Check(MemoryIDs{ids}); err != nil {
		return nil, nil, err
	}
	all, err := s.getMemories(ctx, p.Workspace, ids)
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
		size += weight(m)
	}
	return found, missing, CheckPage(size)
}

// getMemory reads a memory whose conversation is there.
func (s *Service) getMemory(ctx context.Context, workspace, memoryID string) (memory.Memory, error) {
	located, err := s.store().Locate(ctx, workspace, []string{memoryID})
	if err != nil {
		return memory.Memory{}, err
	}
	m, _, err := s.memoryWith(ctx, workspace, located[0], tally.Key)
	return m, err
}

// held is a memory and its conversation, as a change finds them.
type held struct {
	memory.Memory
	tally  tally.Tally
	info   info
	scarce bool // the workspace has little room left
}

func (s *Service) getHeld(ctx context.Context, workspace, memoryID string) (held, error) {
	located, beside, err := s.store().LocateBeside(ctx, workspace, memoryID, clock.Key(workspace))
	if err != nil {
		return held{}, err
	}
	m, rows, err := s.memoryWith(ctx, workspace, located, tally.Key, infoKey)
	if err != nil {
		return held{}, err
	}
	t, ok, err := s.tallies().Whole(ctx, workspace, rows[0])
	if err == nil && !ok {
		err = errNoMemory()
	}
	return held{m, t, readInfo(rows[1]), clock.Scarce(beside)}, err
}

// memoryWith reads the memory that is located at a row and rows of its
// conversation, all of which have to be there.
func (s *Service) memoryWith(ctx context.Context, workspace string, located table.Key, rowsOf ...func(workspace, conversationID string) table.Key) (memory.Memory, []table.Item, error) {
	if located == (table.Key{}) {
		return memory.Memory{}, nil, errNoMemory()
	}
	keys := []table.Key{located}
	for _, key := range rowsOf {
		keys = append(keys, key(workspace, located.PK[len(workspace)+1:]))
	}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return memory.Memory{}, nil, fmt.Errorf("reading a memory: %w", err)
	}
	if slices.ContainsFunc(items, func(item table.Item) bool { return !item.Found() }) {
		return memory.Memory{}, nil, errNoMemory()
	}
	m, err := memory.Read(items[0])
	return m, items[1:], err
}

// getMemories reads memories by id, in order; those that are not there, or
// whose conversation is hidden, are zero.
func (s *Service) getMemories(ctx context.Context, workspace string, ids []string) ([]memory.Memory, error) {
	keys, err := s.store().Locate(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	return s.readRows(ctx, workspace, keys)
}

// readRows reads memories by their rows, in order; see getMemories. More than
// MaxPage of them are Malformed.
func (s *Service) readRows(ctx context.Context, workspace string, keys []table.Key) ([]memory.Memory, error) {
	out := make([]memory.Memory, 0, len(keys))
	size := 0
	for m, err := range s.rows(ctx, workspace, keys) {
		if err != nil {
			return nil, err
		}
		out = append(out, m)
		size += weight(m)
		if err := CheckPage(size); err != nil {
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
func (s *Service) rows(ctx context.Context, workspace string, keys []table.Key) iter.Seq2[memory.Memory, error] {
	return func(yield func(memory.Memory, error) bool) {
		for chunk := range slices.Chunk(keys, rowsAtOnce) {
			found, err := s.someRows(ctx, workspace, chunk)
			if err != nil {
				yield(memory.Memory{}, err)
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

func (s *Service) someRows(ctx context.Context, workspace string, keys []table.Key) (map[table.Key]memory.Memory, error) {
	found := make(map[table.Key]memory.Memory, len(keys))
	var wanted []table.Key
	var conversations []string
	for _, key := range keys {
		if _, twice := found[key]; !twice && key != (table.Key{}) {
			found[key] = memory.Memory{}
			wanted = append(wanted, key)
			conversations = append(conversations, key.PK[len(workspace)+1:])
		}
	}
	alive, err := s.alive(ctx, workspace, conversations)
	if err != nil {
		return nil, err
	}
	memories, err := s.readChunk(ctx, wanted)
	if err != nil {
		return nil, err
	}
	for i, m := range memories {
		if alive[m.Conversation] {
			found[wanted[i]] = m
		}
	}
	return found, nil
}

// readChunk reads memories in one call; those that are not there are zero.
func (s *Service) readChunk(ctx context.Context, keys []table.Key) ([]memory.Memory, error) {
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading memories: %w", err)
	}
	memories := make([]memory.Memory, len(items))
	for i, item := range items {
		if !item.Found() {
			continue
		}
		if memories[i], err = memory.Read(item); err != nil {
			return nil, err
		}
	}
	return memories, nil
}

// Siblings returns a memory and the others of its conversation, oldest first,
// or limit of them (0: all). They are read as they are consumed; an error ends
// them.
func (s *Service) Siblings(ctx context.Context, p access.Principal, memoryID string, limit int) (source memory.Memory, others iter.Seq2[memory.Memory, error], err error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return source, nil, err
	}
	if source, err = s.getMemory(ctx, p.Workspace, memoryID); err != nil {
		return source, nil, err
	}
	return source, part(s.but(ctx, p.Workspace, source), limit, 0), nil
}

// but walks the timeline of a memory without it.
func (s *Service) but(ctx context.Context, workspace string, source memory.Memory) iter.Seq2[memory.Memory, error] {
	return func(yield func(memory.Memory, error) bool) {
		for m, err := range s.store().Timeline(ctx, workspace, source.Conversation) {
			if (m.ID != source.ID || err != nil) && !yield(m, err) {
				return
			}
		}
	}
}
