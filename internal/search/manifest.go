package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"griot/internal/search/segment"
	"griot/internal/table"
)

// manifest is the row that says what the segments of a workspace are, from
// the oldest to the newest. Every change raises rev and depends on it.
type manifest struct {
	rev      int64
	Segments []ref    `json:"segments"`
	Purging  []target `json:"purging,omitempty"`

	// replaced reports whether there is a newer version of a unit; nil: of
	// none. See remake.
	replaced func(conversation, memory string) bool
}

// ref names a segment's object.
type ref struct {
	Key  string `json:"key"`
	Size int64  `json:"size"`
	Meta int64  `json:"meta"` // where its segment.Meta begins
}

// target is what a purge removes: named memories of a conversation, or all of
// it when there are none. From when it stands in the manifest, no merge takes
// a word of it along.
type target struct {
	Conversation string   `json:"conversation"`
	Memories     []string `json:"memories,omitempty"`
}

func (t target) covers(conversation, memory string) bool {
	return t.Conversation == conversation && (len(t.Memories) == 0 || slices.Contains(t.Memories, memory))
}

func (t target) equal(o target) bool {
	return t.Conversation == o.Conversation && slices.Equal(t.Memories, o.Memories)
}

// touches reports whether a segment has a unit of the target.
func (t target) touches(m *segment.Meta) bool {
	conv, found := m.Find(t.Conversation)
	if !found || len(t.Memories) == 0 {
		return found
	}
	return slices.ContainsFunc(t.Memories, func(memory string) bool {
		_, found := m.FindUnit(conv, segment.Hash(memory))
		return found
	})
}

// keeps reports whether a unit is nobody's target, nor replaced.
func (m manifest) keeps(conversation, memory string) bool {
	if m.replaced != nil && m.replaced(conversation, memory) {
		return false
	}
	return !slices.ContainsFunc(m.Purging, func(t target) bool { return t.covers(conversation, memory) })
}

const (
	manifestAttr = "manifest"
	revAttr      = "rev"
)

func manifestKey(workspace string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#search", SK: "manifest"}
}

func (x *Index) readManifest(ctx context.Context, workspace string) (manifest, error) {
	item, err := x.Table.Get(ctx, manifestKey(workspace), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return manifest{}, nil
	}
	if err != nil {
		return manifest{}, fmt.Errorf("reading the search manifest: %w", err)
	}
	return parseManifest(item.Int(revAttr), item.Bytes(manifestAttr))
}

func parseManifest(rev int64, data []byte) (manifest, error) {
	m := manifest{rev: rev}
	if err := json.Unmarshal(data, &m); err != nil {
		return manifest{}, fmt.Errorf("decoding the search manifest: %w", err)
	}
	for _, r := range m.Segments {
		if r.Key == "" || r.Meta < 0 || r.Meta > r.Size {
			return manifest{}, fmt.Errorf("the search manifest has a segment %q of %d bytes, its end at %d", r.Key, r.Size, r.Meta)
		}
	}
	return m, nil
}

// errRaced is a change of a manifest that is not what it was any more.
var errRaced = errors.New("search: the manifest has changed")

// commit replaces the manifest that old was, together with other writes.
func (x *Index) commit(ctx context.Context, workspace string, old, m manifest, others ...table.Op) (manifest, error) {
	m.rev = old.rev + 1
	data, err := json.Marshal(m)
	if err != nil {
		return manifest{}, fmt.Errorf("encoding the search manifest: %w", err)
	}
	cond := table.Equal(revAttr, old.rev)
	if old.rev == 0 {
		cond = table.Absent()
	}
	put := table.Put(manifestKey(workspace), table.Attrs{revAttr: m.rev, manifestAttr: data}, cond)
	err = table.Retry(ctx, tries, func() error {
		return x.Table.Transact(ctx, append([]table.Op{put}, others...))
	})
	if failed := table.Failed(err); failed != nil && failed.Index == 0 {
		return manifest{}, errRaced
	}
	if err != nil {
		return manifest{}, fmt.Errorf("changing the search manifest: %w", err)
	}
	return m, nil
}

// tries is how often something is begun anew because others were faster.
const tries = 8
