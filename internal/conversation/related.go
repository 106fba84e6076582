package conversation

import (
	"cmp"
	"context"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation/topic"
	"griot/internal/record"
	"griot/internal/schema"
)

// RelatedInput is the body of POST /api/topics/discover-related.
type RelatedInput struct {
	// An id or a name.
	Topic string `json:"topicId" is:"filled ..32768"`
	Limit int    `json:"limit" is:"1..100" default:"20"`
}

// RelatedTopic is a topic that is talked of where another one is.
type RelatedTopic struct {
	topic.Topic
	Share float64 // of the conversations that were looked at, from 0 to 1
}

// Bounds of what is read to relate topics.
const (
	relatedConversations = 20    // the newest that have the topic
	relatedTopics        = 2_000 // of theirs
)

// RelatedTopics returns the topics that are in most of the newest conversations
// that have a topic; of those that are in as many, the rarer ones first.
func (s *Service) RelatedTopics(ctx context.Context, p access.Principal, in RelatedInput) ([]RelatedTopic, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return nil, err
	}
	if err := schema.Check(in); err != nil {
		return nil, err
	}
	aliases, err := s.Topics().Aliases(ctx, p.Workspace)
	if err != nil {
		return nil, err
	}
	of, err := s.Topics().Find(ctx, p.Workspace, aliases, in.Topic)
	if err != nil {
		return nil, err
	}
	shared, looked, err := s.beside(ctx, record.In(p.Workspace, of.ID))
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(shared))
	for topicID := range shared {
		ids = append(ids, topicID)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(a, b)) })
	topics, err := s.Topics().Some(ctx, p.Workspace, ids[:min(len(ids), 2*in.Limit)])
	if err != nil {
		return nil, err
	}
	slices.SortFunc(topics, func(a, b topic.Topic) int {
		return cmp.Or(cmp.Compare(shared[b.ID], shared[a.ID]), cmp.Compare(a.Memories, b.Memories), cmp.Compare(a.Name, b.Name))
	})
	var out []RelatedTopic
	for _, t := range topics[:min(len(topics), in.Limit)] {
		out = append(out, RelatedTopic{t, float64(shared[t.ID]) / float64(looked)})
	}
	return out, nil
}

// beside counts, for each topic beside another one, the conversations that have
// both among the newest that have that, and says how many those are.
func (s *Service) beside(ctx context.Context, of record.Ref) (shared map[string]int, looked int, err error) {
	shared = map[string]int{}
	counted := 0
	for c, err := range s.WithTopic(ctx, of, relatedConversations) {
		if err != nil {
			return nil, 0, err
		}
		topics, err := s.Topics().Of(ctx, record.In(of.Workspace, c.ID))
		if err != nil {
			return nil, 0, err
		}
		for _, t := range topics {
			if t.ID != of.ID {
				shared[t.ID]++
			}
		}
		looked++
		if counted += len(topics); looked == relatedConversations || counted >= relatedTopics {
			break
		}
	}
	return shared, looked, nil
}
