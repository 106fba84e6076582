package conversation

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/conversation/topic"
	"griot/internal/table"
)

// foldsKey is the row that says by which folding of names the topics of a
// workspace are told apart.
func foldsKey(workspace string) table.Key { return topic.MergesKey(workspace, "folds") }

// folds counts up when topic.Fold changes.
const folds = 1

// refold merges topics whose ids are of an earlier folding, in which "a  b" and
// "a b" were two, into those that their names name today. It looks at all
// topics of a workspace once; where no name folds differently none changes its
// id.
func (s *Service) refold(ctx context.Context, workspace string) error {
	key := foldsKey(workspace)
	item, err := s.Table.Get(ctx, key, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return fmt.Errorf("reading how topics are folded: %w", err)
	}
	if item.Int("n") == folds {
		return nil
	}
	all, _, err := s.topics().All(ctx, workspace)
	if err != nil {
		return err
	}
	for _, t := range all {
		into := topic.Topic{ID: topic.ID(workspace, t.Name), Name: topic.Clean(t.Name)}
		if into.ID == t.ID {
			continue
		}
		err := table.Insist(ctx, conflictTries, func() error {
			aliases, err := s.topics().Aliases(ctx, workspace)
			if err == nil {
				_, err = s.writeMerge(ctx, workspace, aliases, t.ID, into)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return table.Retry(ctx, conflictTries, func() error {
		_, err := s.Table.Write(ctx, table.Put(key, table.Attrs{"n": int64(folds)}))
		return err
	})
}
