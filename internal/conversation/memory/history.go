package memory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
)

// A memory that has, or had, a name keeps what it said before: a change of its
// content writes the content that goes into a row of its own, in the transaction
// of the change. The rows are a ring of MaxVersions places, so that the oldest
// version makes room for the newest and nothing has to be removed. They lie in the
// partition of the conversation, and go with the memory or the conversation; the
// search index never has them.
//
// What is appended to costs no copies: a version that its successor begins with is
// kept as so many bytes of that. Versions are therefore read from the newest on.

// MaxVersions is how many versions before the present one are kept of a memory.
const MaxVersions = 100

// versionPrefix begins the sort keys of versions: v#<memory>#<place>.
const versionPrefix = "v#"

// Attributes of the row of a memory, and of what is left of it.
const (
	keptAttr      = "kept"
	keptBytesAttr = "kept_bytes"
)

// Attributes of a version's row. One of content and first is there.
const (
	contentAttr = "content"
	firstAttr   = "first" // bytes of the version after it that it consists of
)

// Version is what a memory said from a time on.
type Version struct {
	Number  int64
	Content string
	At      time.Time // when it became so
	Current bool
}

// versionKey is the row of the version of which there were n before.
func (m Memory) versionKey(workspace string, n int64) table.Key {
	row := rowKey(workspace, m)
	row.SK = fmt.Sprintf("%s%s#%03d", versionPrefix, m.ID, n%MaxVersions)
	return row
}

// versionRows finds the rows from one place of the ring to another.
func (m Memory) versionRows(workspace string, from, to int64) table.Query {
	first, last := m.versionKey(workspace, from), m.versionKey(workspace, to)
	return table.Query{Table: first.Table, PK: first.PK, From: first.SK, To: last.SK, Reverse: true, Consistency: table.Consistent}
}

// remembers reports whether what the memory says is kept when it is changed.
func (m Memory) remembers() bool { return m.Name != "" || m.kept > 0 }

// succeed makes the next version count those before it, and returns the write
// that keeps what the old one said.
func (c *change) succeed(ctx context.Context, old Memory) ([]table.Op, error) {
	c.next.kept, c.next.keptBytes = old.kept, old.keptBytes
	if !old.remembers() || c.next.Content == old.Content {
		return nil, nil
	}
	row := old.versionKey(c.workspace, old.kept)
	if old.kept >= MaxVersions {
		oldest, err := c.Conversations.Table.Get(ctx, row, table.Consistent)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return nil, fmt.Errorf("reading the oldest version of a memory: %w", err)
		}
		c.next.keptBytes -= int64(len(oldest.Str(contentAttr)))
	}
	attrs := table.Attrs{"version": old.Version, "at": old.UpdatedAt.UnixMilli()}
	if strings.HasPrefix(c.next.Content, old.Content) {
		attrs[firstAttr] = int64(len(old.Content))
	} else {
		attrs[contentAttr] = old.Content
		c.next.keptBytes += int64(len(old.Content))
	}
	c.next.kept++
	return []table.Op{table.Put(row, attrs)}, nil
}

// Versions are what memories with names said before, and how the next is made.
type Versions struct{ *Service }

// History returns the memory that has a name now, and its versions, the newest
// first: limit of them (0: all that are kept), read as they are consumed. Changes
// of anything but the content make no version of their own. An error ends them.
func (s Versions) History(ctx context.Context, p access.Principal, name string, limit int) (Memory, iter.Seq2[Version, error], error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Memory{}, nil, err
	}
	m, err := s.byName(ctx, p.Workspace, name)
	if err != nil {
		return Memory{}, nil, err
	}
	return m, func(yield func(Version, error) bool) {
		n := 0
		for v, err := range s.versions(ctx, p.Workspace, m) {
			if n++; !yield(v, err) || n == limit {
				return
			}
		}
	}, nil
}

// versions walks the versions of a memory from the one that was read on. A row
// that has been used again since then is not one of them any more.
func (s Versions) versions(ctx context.Context, workspace string, m Memory) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		after := Version{Number: m.Version, Content: m.Content, At: m.UpdatedAt, Current: true}
		if !yield(after, nil) {
			return
		}
		for item, err := range s.versionRows(ctx, workspace, m) {
			if err != nil {
				yield(Version{}, fmt.Errorf("reading the versions of a memory: %w", err))
				return
			}
			if item.Int("version") >= after.Number {
				return
			}
			v := Version{Number: item.Int("version"), Content: item.Str(contentAttr), At: item.Time("at")}
			if v.Content == "" {
				v.Content = after.Content[:min(item.Int(firstAttr), int64(len(after.Content)))]
			}
			if after = v; !yield(v, nil) {
				return
			}
		}
	}
}

// versionRows walks the rows of a memory's versions, the newest first.
func (s Versions) versionRows(ctx context.Context, workspace string, m Memory) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		if m.kept == 0 {
			return
		}
		parts := []table.Query{m.versionRows(workspace, 0, m.kept-1)}
		if m.kept > MaxVersions && m.kept%MaxVersions != 0 {
			parts = append(parts, m.versionRows(workspace, m.kept, MaxVersions-1))
		}
		for _, q := range parts {
			for item, err := range table.All(ctx, s.Conversations.Table, q) {
				if !yield(item, err) || err != nil {
					return
				}
			}
		}
	}
}

// AsOf returns a memory with what it said in a version, if that is still kept, to
// who wrote that.
func (s Versions) AsOf(ctx context.Context, p access.Principal, memoryID string, version int64) (Memory, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Memory{}, err
	}
	m, err := s.get(ctx, record.In(p.Workspace, memoryID))
	if err != nil || m.Version == version {
		return m, err
	}
	for v, err := range s.versions(ctx, p.Workspace, m) {
		switch {
		case err != nil:
			return Memory{}, err
		case v.Number < version: // which another change than one of the content made
			return m, nil
		}
		m.Content, m.UpdatedAt, m.Version = v.Content, v.At, version
		if v.Number == version {
			return m, nil
		}
	}
	if m.kept <= MaxVersions {
		return m, nil
	}
	return Memory{}, errs.New(errs.NotFound, "the memory's version is not kept any more")
}

// Forget removes the rows of versions of a memory that is gone. It may be
// repeated, and run beside the purge of the conversation.
func (s Store) Forget(ctx context.Context, of record.Ref, memoryID string) error {
	q := Memory{ID: memoryID, Conversation: of.ID}.versionRows(of.Workspace, 0, MaxVersions-1)
	for item, err := range table.All(ctx, s.Table, q) {
		if err != nil {
			return fmt.Errorf("reading the versions of a deleted memory: %w", err)
		}
		err := table.Retry(ctx, record.Tries, func() error {
			_, err := s.Table.Write(ctx, table.Repeatable(table.Delete(item.Key)))
			return err
		})
		if err != nil {
			return fmt.Errorf("removing a version of a deleted memory: %w", err)
		}
	}
	return nil
}
