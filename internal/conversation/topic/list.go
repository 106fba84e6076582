package topic

import (
	"cmp"
	"context"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/cursor"
	"griot/internal/quota"
	"griot/internal/schema"
	"griot/internal/table"
	"griot/internal/task"
)

// Service has the use cases of topics, except merging them. All fields are
// required.
type Service struct {
	Table table.Store
	Jobs  task.Queues
	Now   func() time.Time
}

func (s *Service) index() Index { return Index{Table: s.Table} }

// ListInput selects topics; the zero SortBy and Order are memoryCount
// and desc.
type ListInput struct {
	Limit  int    `json:"limit" is:"1..100" default:"20"`
	Offset int    `json:"offset" is:"0..1099511627776" default:"0"`
	SortBy string `json:"sortBy" is:"of:memoryCount|name" default:"memoryCount"`
	// Unless given desc by count and asc by name.
	Order string `json:"order" is:"of:asc|desc"`
}

// SearchInput is the body of POST /api/topics/search. Topics have all
// words of the query in their names, or words that begin like them.
type SearchInput struct {
	Query  string `json:"query" is:"filled ..32768"`
	Limit  int    `json:"limit" is:"1..100" default:"20"`
	Offset int    `json:"offset" is:"0..1099511627776" default:"0"`
}

// Page is a part of a list; Total counts all that match.
type Page struct {
	Topics []Topic
	Total  int
}

// Values of SortBy in lists.
const (
	SortName  = "name"
	SortCount = "memoryCount"
)

// List returns a part of the topics that have memories. It reads all of them: a
// read unit per about 25, beside the deltas that are not folded yet.
func (s *Service) List(ctx context.Context, p access.Principal, in ListInput) (Page, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Page{}, err
	}
	if err := schema.CheckQuery(in); err != nil {
		return Page{}, err
	}
	return s.page(ctx, p.Workspace, in, "")
}

// Search returns the topics whose names have all words of in.Query, or words
// that begin with them. A Limit out of 1 to 100 is InvalidArgument.
func (s *Service) Search(ctx context.Context, p access.Principal, in SearchInput) (Page, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Page{}, err
	}
	if err := schema.Check(in); err != nil {
		return Page{}, err
	}
	return s.page(ctx, p.Workspace, ListInput{Limit: in.Limit, Offset: in.Offset}, in.Query)
}

// manyDeltas is how many deltas make a reader ask for folding.
const manyDeltas = 200

func (s *Service) page(ctx context.Context, workspace string, in ListInput, query string) (Page, error) {
	topics, waiting, err := s.index().All(ctx, workspace)
	if err != nil {
		return Page{}, err
	}
	all := fold(topics, words(Fold(query)))
	slices.SortFunc(all, in.compare)
	page := Page{Total: len(all)}
	for _, t := range cursor.Window(all, in.Limit, in.Offset) {
		page.Topics = append(page.Topics, t.Topic)
	}
	earlier := func(t Topic) bool { return ID(workspace, t.Name) != t.ID }
	if waiting > manyDeltas || slices.ContainsFunc(page.Topics, earlier) {
		s.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: workspace})
	}
	return page, nil
}

// folded is a topic with its name as it is compared.
type folded struct {
	Topic
	name string
}

// fold folds the names of topics, once each, and returns those that have the words.
func fold(topics []Topic, words []string) []folded {
	out := make([]folded, 0, len(topics))
	for _, t := range topics {
		if f := (folded{t, Fold(t.Name)}); hasAll(f.name, words) {
			out = append(out, f)
		}
	}
	return out
}

// compare orders topics: by count the largest first, by name alphabetically,
// unless an order is given; ties by name.
func (in ListInput) compare(a, b folded) int {
	byName := cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.ID, b.ID))
	if in.SortBy == SortName {
		if in.Order == cursor.Descending {
			return -byName
		}
		return byName
	}
	byCount := cmp.Compare(a.Memories, b.Memories)
	if in.Order != cursor.Ascending {
		byCount = -byCount
	}
	return cmp.Or(byCount, byName)
}

// Get returns a topic by its id or its name.
func (s *Service) Get(ctx context.Context, p access.Principal, idOrName string) (Topic, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Topic{}, err
	}
	aliases, err := s.index().Aliases(ctx, p.Workspace)
	if err != nil {
		return Topic{}, err
	}
	return s.index().Find(ctx, p.Workspace, aliases, idOrName)
}

// Room refuses changes of a memory that bring new topics into a workspace whose
// quota of topics is used up. It reads the totals only. So deltas that are not
// folded yet may exceed the quota by a few topics, and a topic that is a moment
// old may be refused as a new one.
func (s *Service) Room(ctx context.Context, workspace string, changes []Change) error {
	var ids []string
	for _, c := range changes {
		if c.N > 0 {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	state, err := quota.Book{Table: s.Table, Now: s.Now}.Read(ctx, workspace)
	if err != nil {
		return err
	}
	if state.Used(quota.Topics) < state.Limit(quota.Topics) {
		return nil
	}
	known, err := s.index().Known(ctx, workspace, ids)
	if err != nil || known {
		return err
	}
	s.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: workspace})
	return quota.Exceeded(quota.Topics, state.Limit(quota.Topics))
}
