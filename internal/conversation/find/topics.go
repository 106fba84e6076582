package find

import (
	"context"
	"fmt"
	"slices"

	"griot/internal/conversation/topic"
	"griot/internal/record"
	"griot/internal/search"
	"griot/internal/table"
)

// maxFew is how many conversations of topics are few: to read that they may
// have one costs some 30 read units.
const maxFew = 1000

// few returns the conversations that may have one of some topics, or nil if
// there are more than maxFew.
func (s *Service) few(ctx context.Context, workspace string, topics []string) (map[string]bool, error) {
	found := map[string]bool{}
	for _, topicID := range topics {
		for ids, err := range s.Conversations.Topics().Hinted(ctx, record.In(workspace, topicID), maxFew) {
			if err != nil {
				return nil, err
			}
			for _, conversationID := range ids {
				found[conversationID] = true
			}
			if len(found) > maxFew {
				return nil, nil
			}
		}
	}
	return found, nil
}

// withTopics returns the hits that have one of the topics, or all hits if no topics
// are asked for.
func (s *Service) withTopics(ctx context.Context, workspace string, found []search.Hit, topics []string) ([]search.Hit, error) {
	if len(topics) == 0 {
		return found, nil
	}
	var keys []table.Key
	for _, hit := range found {
		for _, topicID := range topics {
			keys = append(keys, topic.LinkKey(record.In(workspace, hit.Conversation), topicID))
		}
	}
	var links []table.Item
	for chunk := range slices.Chunk(keys, table.MaxBatchGet) {
		items, err := s.Conversations.Table.BatchGet(ctx, chunk, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading the topics of conversations: %w", err)
		}
		links = append(links, items...)
	}
	var out []search.Hit
	for i, hit := range found {
		of := links[i*len(topics) : (i+1)*len(topics)]
		for _, link := range of {
			has, err := s.Conversations.Topics().Has(ctx, link)
			if err != nil {
				return nil, err
			}
			if has {
				out = append(out, hit)
				break
			}
		}
	}
	return out, nil
}
