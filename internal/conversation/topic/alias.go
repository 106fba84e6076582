package topic

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
)

// Aliases map the ids of merged topics to those of the topics that took their
// place. They are one small row of ids. It holds no names, so a name is gone with
// the last memory that has it. Targets are never aliases themselves: one lookup
// resolves an id.
type Aliases struct {
	to      map[string]string
	rev     int64 // 0: there is no row
	written bool  // differs from the row that was read
}

// MaxAliases bounds the row: 320 KB.
const MaxAliases = 10_000

func aliasesKey(workspace string) table.Key { return MergesKey(workspace, "aliases") }

// Aliases reads the aliases of a workspace: a read unit per 125.
func (x Index) Aliases(ctx context.Context, workspace string) (Aliases, error) {
	item, err := x.Table.Get(ctx, aliasesKey(workspace), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return Aliases{}, fmt.Errorf("reading the aliases of topics: %w", err)
	}
	a := Aliases{rev: item.Int("rev"), to: map[string]string{}}
	for pair := range slices.Chunk(item.Bytes("pairs"), 32) {
		if len(pair) < 32 {
			return Aliases{}, errBroken
		}
		a.to[readID(pair[:16])] = readID(pair[16:])
	}
	return a, nil
}

// Of returns the topic that an id stands for: itself, unless it was merged.
func (a Aliases) Of(topicID string) string {
	if target, ok := a.to[topicID]; ok {
		return target
	}
	return topicID
}

// Merge returns the aliases after a merge: source, and everything that was merged
// into it, becomes an alias of target, and target stops being one.
func (a Aliases) Merge(source, target string) (Aliases, error) {
	next := a.changed()
	for alias, to := range next.to {
		if to == source {
			next.to[alias] = target
		}
	}
	next.to[source] = target
	delete(next.to, target)
	if len(next.to) > MaxAliases {
		full := errs.New(errs.Conflict, "a workspace has at most %d topics that were merged into others", MaxAliases)
		full.Code = "QUOTA_EXCEEDED"
		return a, full
	}
	return next, nil
}

// Without returns the aliases without those of target.
func (a Aliases) Without(target string) Aliases {
	next := a.changed()
	maps.DeleteFunc(next.to, func(_, to string) bool { return to == target })
	return next
}

func (a Aliases) changed() Aliases {
	a.to, a.written = maps.Clone(a.to), true
	return a
}

// Ops returns the write of the row if Merge or Without changed the aliases. It is
// refused when somebody else has changed the row since it was read.
func (a Aliases) Ops(workspace string) []table.Op {
	if !a.written {
		return nil
	}
	var pairs []byte
	for _, alias := range slices.Sorted(maps.Keys(a.to)) {
		pairs = append(append(pairs, rawID(alias)...), rawID(a.to[alias])...)
	}
	cond := table.Equal("rev", a.rev)
	if a.rev == 0 {
		cond = table.Absent()
	}
	return []table.Op{table.Put(aliasesKey(workspace), table.Attrs{"rev": a.rev + 1, "pairs": pairs}, cond)}
}

// rawID returns the 16 bytes of an id, which is a UUID.
func rawID(id string) []byte {
	raw, _ := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	return raw
}

func readID(raw []byte) string {
	h := hex.EncodeToString(raw)
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}

// Spelled returns the ids that a name may stand for, likeliest first. With orID, a
// name that is itself an id comes before them.
func Spelled(workspace string, orID bool, name string) []string {
	ids := IDs(workspace, name)
	if given := strings.ToLower(strings.TrimSpace(name)); orID && id.ValidUUID(given) {
		return slices.Insert(ids, 0, given)
	}
	return ids
}

// Meant returns the ids of the topics that names may stand for, likeliest first
// for each name. With orIDs, names may be ids, too. Merged topics are replaced by
// the topics that they were merged into.
func (x Index) Meant(ctx context.Context, workspace string, orIDs bool, names ...string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	aliases, err := x.Aliases(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return aliases.meant(workspace, orIDs, names...), nil
}

func (a Aliases) meant(workspace string, orIDs bool, names ...string) []string {
	var ids []string
	for _, name := range names {
		for _, topicID := range Spelled(workspace, orIDs, name) {
			if target := a.Of(topicID); !slices.Contains(ids, target) {
				ids = append(ids, target)
			}
		}
	}
	return ids
}

// Find returns the topic with a name or an id; aliases are those of its workspace.
func (x Index) Find(ctx context.Context, workspace string, aliases Aliases, idOrName string) (Topic, error) {
	for _, topicID := range aliases.meant(workspace, true, idOrName) {
		t, ok, err := x.Get(ctx, record.In(workspace, topicID))
		if err != nil || ok {
			return t, err
		}
	}
	return Topic{}, errs.New(errs.NotFound, "there is no such topic")
}

// Selected returns the ids of the topics that a filter names: those that it asks
// for, and those that it excludes.
func (x Index) Selected(ctx context.Context, workspace string, topics, excluded []string) (wanted, unwanted []string, err error) {
	if wanted, err = x.Meant(ctx, workspace, false, topics...); err != nil {
		return nil, nil, err
	}
	unwanted, err = x.Meant(ctx, workspace, false, excluded...)
	return wanted, unwanted, err
}

// Renamed maps the ids of merged topics to the names of their targets.
type Renamed map[string]string

// Of returns the names of topics, those of merged ones replaced.
func (r Renamed) Of(topics []Named) []string {
	out := make([]string, len(topics))
	for i, t := range topics {
		if out[i] = t.Name; r[t.ID] != "" {
			out[i] = r[t.ID]
		}
	}
	return out
}

// Resolve returns the names that a memory's topics are kept under: those of merged
// topics are replaced by the names of their targets, unless the memory already
// had the topic. The ops go into the memory's transaction; see Renames.
func (x Index) Resolve(ctx context.Context, workspace string, names []string, had []Named) ([]string, []table.Op, error) {
	wanted := Names(workspace, names)
	added := slices.DeleteFunc(slices.Clone(wanted), func(t Named) bool { return Has(had, t.ID) })
	renamed, ops, err := x.Renames(ctx, workspace, added)
	return renamed.Of(wanted), ops, err
}

// Renames returns which of some topics were merged, and into what. A target that
// no memory has any more has lost its name, which voids the merges into it: the
// ops remove them, and are refused when somebody merges topics at the same time.
func (x Index) Renames(ctx context.Context, workspace string, topics []Named) (Renamed, []table.Op, error) {
	if len(topics) == 0 {
		return nil, nil, nil
	}
	aliases, err := x.Aliases(ctx, workspace)
	if err != nil {
		return nil, nil, err
	}
	out := Renamed{}
	for _, t := range topics {
		target := aliases.Of(t.ID)
		if target == t.ID || out[t.ID] != "" {
			continue
		}
		if out[t.ID], err = x.nameOf(ctx, record.In(workspace, target)); err != nil {
			return nil, nil, err
		}
		if out[t.ID] == "" {
			aliases = aliases.Without(target)
		}
	}
	return out, aliases.Ops(workspace), nil
}

// nameOf returns the name of a topic, which may come from a merge that is still
// running; "" when no memory has the topic.
func (x Index) nameOf(ctx context.Context, of record.Ref) (string, error) {
	t, ok, err := x.Get(ctx, of)
	if err != nil || ok {
		return t.Name, err
	}
	open, err := x.OpenMerges(ctx, of.Workspace)
	for _, m := range open {
		if m.Target == of.ID {
			return m.Name, nil
		}
	}
	return "", err
}

// MergeDue begins the ids of merges, which are also the ids of their due rows.
const MergeDue = "merge_"

// MergesKey is a row in the partition of a workspace's merges. It holds those that
// are under way, the aliases, and pointers to the stored answers to requests.
func MergesKey(workspace, sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#merges", SK: sk}
}

// Merge is one topic replacing another. Its row stays until no change of a memory
// can still be running that started before the row was written.
type Merge struct {
	ID, Source, Target string // Source and Target: ids of topics
	Name               string // of the target
	Due                time.Time
	Walked             bool // every memory that had the source at the beginning has been changed
}

// Attrs encodes the merge's row when it is written down.
func (m Merge) Attrs() table.Attrs {
	return table.Attrs{"source": m.Source, "target": m.Target, "name": m.Name, "due": m.Due.UnixMilli()}
}

// ReadMerge decodes the row of a merge.
func ReadMerge(item table.Item) Merge {
	return Merge{
		ID: item.SK, Source: item.Str("source"), Target: item.Str("target"), Name: item.Str("name"),
		Due: time.UnixMilli(item.Int("due")).UTC(), Walked: item.Int("walked") != 0,
	}
}

// OpenMerges returns the merges that are under way.
func (x Index) OpenMerges(ctx context.Context, workspace string) ([]Merge, error) {
	key := MergesKey(workspace, MergeDue)
	var open []Merge
	for item, err := range table.All(ctx, x.Table, table.Query{Table: key.Table, PK: key.PK, Prefix: key.SK, Consistency: table.Consistent}) {
		if err != nil {
			return nil, fmt.Errorf("reading the merges of topics: %w", err)
		}
		open = append(open, ReadMerge(item))
	}
	return open, nil
}
