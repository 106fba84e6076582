package conversation

import (
	"cmp"
	"context"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/schema"
)

// manyDeltas is how many deltas make a reader ask for folding.
const manyDeltas = 200

// Topics returns a part of the topics that have memories. It reads all of
// them: a read unit per about 25, beside the deltas that are not folded yet.
func (s *Service) Topics(ctx context.Context, p access.Principal, in TopicListInput) (TopicPage, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return TopicPage{}, err
	}
	if err := checkQuery(in); err != nil {
		return TopicPage{}, err
	}
	return s.listTopics(ctx, p.Workspace, in, "")
}

// SearchTopics returns the topics whose names have all words of in.Query, or
// beginnings like them. A Limit out of 1 to 100 is InvalidArgument.
func (s *Service) SearchTopics(ctx context.Context, p access.Principal, in TopicSearchInput) (TopicPage, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return TopicPage{}, err
	}
	if err := schema.Check(in); err != nil {
		return TopicPage{}, err
	}
	return s.listTopics(ctx, p.Workspace, TopicListInput{Limit: in.Limit, Offset: in.Offset}, in.Query)
}

func (s *Service) listTopics(ctx context.Context, workspace string, in TopicListInput, query string) (TopicPage, error) {
	all, waiting, err := s.topics().All(ctx, workspace)
	if err != nil {
		return TopicPage{}, err
	}
	if query != "" {
		all = slices.DeleteFunc(all, func(t topic.Topic) bool { return !topic.Matches(t.Name, query) })
	}
	slices.SortFunc(all, in.compare)
	page := TopicPage{Topics: window(all, in.Limit, in.Offset), Total: len(all)}
	earlier := func(t topic.Topic) bool { return topic.ID(workspace, t.Name) != t.ID }
	if waiting > manyDeltas || slices.ContainsFunc(page.Topics, earlier) {
		s.send(ctx, queue.Tidy, Job{Workspace: workspace})
	}
	return page, nil
}

// compare orders topics: by count the largest first, by name alphabetically,
// unless an order is given; ties by name.
func (in TopicListInput) compare(a, b topic.Topic) int {
	byName := cmp.Or(cmp.Compare(topic.Fold(a.Name), topic.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	if in.SortBy == SortName {
		if in.Order == Descending {
			return -byName
		}
		return byName
	}
	byCount := cmp.Compare(a.Memories, b.Memories)
	if in.Order != Ascending {
		byCount = -byCount
	}
	return cmp.Or(byCount, byName)
}

// Topic returns a topic by its id or its name.
func (s *Service) Topic(ctx context.Context, p access.Principal, idOrName string) (topic.Topic, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return topic.Topic{}, err
	}
	aliases, err := s.topics().Aliases(ctx, p.Workspace)
	if err != nil {
		return topic.Topic{}, err
	}
	return s.getTopic(ctx, p.Workspace, aliases, idOrName)
}

func (s *Service) getTopic(ctx context.Context, workspace string, aliases topic.Aliases, idOrName string) (topic.Topic, error) {
	for _, topicID := range meantBy(aliases, workspace, true, idOrName) {
		t, ok, err := s.topics().Get(ctx, workspace, topicID)
		if err != nil || ok {
			return t, err
		}
	}
	return topic.Topic{}, errs.New(errs.NotFound, "there is no such topic")
}
