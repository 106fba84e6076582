package topic

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/table"
)

// Spelled returns the ids that a name may have, likeliest first, and the id
// that it is itself, where an id will do.
func Spelled(workspace string, orID bool, name string) []string {
	ids := IDs(workspace, name)
	if given := strings.ToLower(strings.TrimSpace(name)); orID && id.ValidUUID(given) {
		return slices.Insert(ids, 0, given)
	}
	return ids
}

// Meant returns the ids of the topics that names may stand for, or ids where
// those will do, likeliest first for each: what was merged stands for what it
// was merged into.
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

// Find returns the topic with a name or an id, by the aliases of its workspace.
func (x Index) Find(ctx context.Context, workspace string, aliases Aliases, idOrName string) (Topic, error) {
	for _, topicID := range aliases.meant(workspace, true, idOrName) {
		t, ok, err := x.Get(ctx, workspace, topicID)
		if err != nil || ok {
			return t, err
		}
	}
	return Topic{}, errs.New(errs.NotFound, "there is no such topic")
}

// Selected returns the ids of the topics that a list selects by names, and of
// those that it leaves out.
func (x Index) Selected(ctx context.Context, workspace string, topics, excluded []string) (wanted, unwanted []string, err error) {
	if wanted, err = x.Meant(ctx, workspace, false, topics...); err != nil {
		return nil, nil, err
	}
	unwanted, err = x.Meant(ctx, workspace, false, excluded...)
	return wanted, unwanted, err
}

// Renamed are the names of the topics that others were merged into, by the ids
// of those.
type Renamed map[string]string

// Of returns the names of topics, with those of merged ones replaced.
func (r Renamed) Of(topics []Named) []string {
	out := make([]string, len(topics))
	for i, t := range topics {
		if out[i] = t.Name; r[t.ID] != "" {
			out[i] = r[t.ID]
		}
	}
	return out
}

// Resolve returns names for a memory, with those of merged topics replaced by
// the names of the topics that they were merged into. Those of topics that the
// memory had stay. Ops belong into the memory's transaction; see Renames.
func (x Index) Resolve(ctx context.Context, workspace string, names []string, had []Named) ([]string, []table.Op, error) {
	wanted := Names(workspace, names)
	added := slices.DeleteFunc(slices.Clone(wanted), func(t Named) bool { return Has(had, t.ID) })
	renamed, ops, err := x.Renames(ctx, workspace, added)
	return renamed.Of(wanted), ops, err
}

// Renames returns which of some topics were merged, and into what. Where no
// memory has the target any more its merges are void, and ops say so; they are
// refused when somebody merges meanwhile.
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
		if out[t.ID], err = x.nameOf(ctx, workspace, target); err != nil {
			return nil, nil, err
		}
		if out[t.ID] == "" {
			aliases = aliases.Without(target)
		}
	}
	return out, aliases.Ops(workspace), nil
}

// nameOf returns what a topic is called, or is going to be by a merge that is
// under way; "" when nobody has it.
func (x Index) nameOf(ctx context.Context, workspace, topicID string) (string, error) {
	t, ok, err := x.Get(ctx, workspace, topicID)
	if err != nil || ok {
		return t.Name, err
	}
	open, err := x.OpenMerges(ctx, workspace)
	for _, m := range open {
		if m.Target == topicID {
			return m.Name, nil
		}
	}
	return "", err
}

// MergeDue begins the ids of merges, which are those of their due rows, too.
const MergeDue = "merge_"

// MergesKey is a row about the merges of a workspace: those that are under way,
// and where the stored answers to requests for them are.
func MergesKey(workspace, sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#merges", SK: sk}
}

// Merge is one topic taking another's place. It is written down until no
// change of a memory can still be running that began without knowing of it.
type Merge struct {
	ID, Source, Target string // Source and Target: ids of topics
	Name               string // of the target
	Due                time.Time
	Walked             bool // all that had the source when it was written down has been changed
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
