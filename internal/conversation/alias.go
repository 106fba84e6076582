package conversation

import (
	"context"
	"slices"
	"strings"

	"griot/internal/conversation/topic"
	"griot/internal/id"
	"griot/internal/table"
)

// meant returns the ids of the topics that names may stand for, or ids where
// those will do, likeliest first for each: what was merged stands for what it
// was merged into.
func (s *Service) meant(ctx context.Context, workspace string, orIDs bool, names ...string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	aliases, err := s.topics().Aliases(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return meantBy(aliases, workspace, orIDs, names...), nil
}

func meantBy(aliases topic.Aliases, workspace string, orIDs bool, names ...string) []string {
	var ids []string
	for _, name := range names {
		for _, topicID := range spelled(workspace, orIDs, name) {
			if target := aliases.Of(topicID); !slices.Contains(ids, target) {
				ids = append(ids, target)
			}
		}
	}
	return ids
}

// selected returns the ids of the topics that a list selects by names, and of
// those that it leaves out.
func (s *Service) selected(ctx context.Context, workspace string, topics, excluded []string) (wanted, unwanted []string, err error) {
	if wanted, err = s.meant(ctx, workspace, false, topics...); err != nil {
		return nil, nil, err
	}
	unwanted, err = s.meant(ctx, workspace, false, excluded...)
	return wanted, unwanted, err
}

// spelled returns the ids that a name may have, or that it is.
func spelled(workspace string, orID bool, name string) []string {
	ids := topic.IDs(workspace, name)
	if given := strings.ToLower(strings.TrimSpace(name)); orID && id.ValidUUID(given) {
		return slices.Insert(ids, 0, given)
	}
	return ids
}

// placed returns names for a memory with those of merged topics replaced by
// the names of the topics that they were merged into. Those of topics that the
// memory had stay. Ops belong into the memory's transaction; see renames.
func (s *Service) placed(ctx context.Context, workspace string, names []string, had []topic.Named) ([]string, []table.Op, error) {
	wanted := topic.Names(workspace, names)
	fresh := slices.DeleteFunc(slices.Clone(wanted), func(t topic.Named) bool { return topic.Has(had, t.ID) })
	renamed, ops, err := s.renames(ctx, workspace, fresh)
	return renamed.of(wanted), ops, err
}

// renamed are the names of the topics that others were merged into, by the ids
// of those.
type renamed map[string]string

func (r renamed) of(topics []topic.Named) []string {
	out := make([]string, len(topics))
	for i, t := range topics {
		if out[i] = t.Name; r[t.ID] != "" {
			out[i] = r[t.ID]
		}
	}
	return out
}

// renames returns which of some topics were merged, and into what. Where
// nobody has such a topic any more its merges are void, and ops say so; they
// are refused when somebody merges meanwhile.
func (s *Service) renames(ctx context.Context, workspace string, topics []topic.Named) (renamed, []table.Op, error) {
	if len(topics) == 0 {
		return nil, nil, nil
	}
	aliases, err := s.topics().Aliases(ctx, workspace)
	if err != nil {
		return nil, nil, err
	}
	out := renamed{}
	for _, t := range topics {
		target := aliases.Of(t.ID)
		if target == t.ID || out[t.ID] != "" {
			continue
		}
		if out[t.ID], err = s.nameOf(ctx, workspace, target); err != nil {
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
func (s *Service) nameOf(ctx context.Context, workspace, topicID string) (string, error) {
	t, ok, err := s.topics().Get(ctx, workspace, topicID)
	if err != nil || ok {
		return t.Name, err
	}
	open, err := s.openMerges(ctx, workspace)
	for _, m := range open {
		if m.target == topicID {
			return m.name, nil
		}
	}
	return "", err
}
