package conversation

import (
	"context"
	"fmt"

	"griot/internal/access"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/schema"
	"griot/internal/table"
)

// ByTopic returns the conversations that have a memory with a topic, newest
// first. An unknown topic has none.
func (s *Service) ByTopic(ctx context.Context, p access.Principal, in TopicInput) ([]Conversation, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return nil, err
	}
	if err := schema.Check(in); err != nil {
		return nil, err
	}
	topics, err := s.meant(ctx, p.Workspace, true, in.Topic)
	if err != nil {
		return nil, err
	}
	for _, topicID := range topics {
		found, err := s.byTopic(ctx, p.Workspace, topicID, in.Limit)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// topicChunk is how many conversations are verified by one BatchGet.
const topicChunk = table.MaxBatchGet / 3

func (s *Service) byTopic(ctx context.Context, workspace, topicID string, limit int) ([]Conversation, error) {
	var out []Conversation
	for ids, err := range s.topics().Hinted(ctx, workspace, topicID, min(topicChunk, limit)) {
		if err != nil {
			return nil, err
		}
		found, err := s.verify(ctx, workspace, topicID, ids)
		if err != nil {
			return nil, err
		}
		if out = append(out, found...); len(out) >= limit {
			return out[:limit], nil
		}
	}
	return out, nil
}

// verify returns those of the conversations that are there and have the topic.
func (s *Service) verify(ctx context.Context, workspace, topicID string, ids []string) ([]Conversation, error) {
	keys := make([]table.Key, 0, 3*len(ids))
	for _, conversationID := range ids {
		keys = append(keys, infoKey(workspace, conversationID), tally.Key(workspace, conversationID),
			topic.LinkKey(workspace, conversationID, topicID))
	}
	items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading the conversations of a topic: %w", err)
	}
	var out []Conversation
	for i, conversationID := range ids {
		of := items[3*i : 3*i+3]
		has, err := s.topics().Has(ctx, of[2])
		if err != nil {
			return nil, err
		}
		if !has {
			continue
		}
		c, ok, err := s.built(ctx, workspace, conversationID, of[0], of[1])
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, c)
		}
	}
	return out, nil
}
