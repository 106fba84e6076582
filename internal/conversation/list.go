package conversation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/fence"
	"griot/internal/conversation/tally"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/table"
)

// Values of SortBy and Order in lists.
const (
	SortCreated  = "createdAt"
	SortActivity = "lastActivityAt"
	SortMemories = "memoryCount"
	SortUpdated  = "updatedAt"
	SortEvent    = "eventTime"
	SortName     = "name"
	Ascending    = "asc"
	Descending   = "desc"
)

// List returns a part of the conversations and the number of all that match.
// A Limit out of 1 to 1,000 is Malformed, and so is a page over MaxPage.
//
// By creation, an offset of any depth costs three reads, and a fourth with
// Since. Other orders and MinMemories walk all rows of what changes: a read
// unit per about 27 conversations.
func (s *Service) List(ctx context.Context, p access.Principal, in ListInput) (Page, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return Page{}, err
	}
	since, err := in.check()
	if err != nil {
		return Page{}, err
	}
	page, err := s.list(ctx, p.Workspace, in, lowest(since))
	if err != nil {
		return Page{}, err
	}
	size := 0
	for _, c := range page.Conversations {
		size += len(c.Title) + len(c.Summary) + 400
	}
	return page, CheckPage(size)
}

func (in ListInput) check() (since time.Time, err error) {
	if err := checkQuery(in); err != nil {
		return since, err
	}
	created, err := queryTimes("since", in.Since, "", "")
	return created.From, err
}

// lowest is the lowest id of a conversation created after a time; the zero
// time has "".
func lowest(since time.Time) string {
	switch {
	case since.IsZero():
		return ""
	case since.UnixMilli() < 0:
		since = time.UnixMilli(-1)
	}
	return id.Lowest(id.Conversation, since.Add(time.Millisecond))
}

func (s *Service) list(ctx context.Context, workspace string, in ListInput, from string) (Page, error) {
	if in.MinMemories > 0 || in.SortBy != "" && in.SortBy != SortCreated {
		return s.walk(ctx, workspace, in, from)
	}
	spans, err := s.spans(ctx, workspace, from)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: fence.Total(spans)}
	place, ok := fence.Find(spans, in.Offset, in.Order != Ascending)
	if !ok {
		return page, nil
	}
	found, err := s.talliesFrom(ctx, workspace, place, in, from)
	if err != nil || len(found) == 0 {
		return page, err
	}
	page.Conversations, err = s.fillRange(ctx, workspace, found)
	return page, err
}

// manyUnsealed is how many recent rows make a reader ask for sealing, if they
// are old enough.
const manyUnsealed = 8 * fence.Size

// spans returns the spans of the conversations from an id on.
func (s *Service) spans(ctx context.Context, workspace, from string) ([]fence.Span, error) {
	spans, err := s.fences().Spans(ctx, workspace)
	if err != nil {
		return nil, err
	}
	if n := len(spans) - manyUnsealed; n >= 0 && spans[n].First == spans[n].Last &&
		id.Time(spans[n+fence.Size].Last).Before(s.now().Add(-fence.SealAfter)) {
		s.send(ctx, queue.Tidy, Job{Workspace: workspace})
	}
	if from == "" {
		return spans, nil
	}
	spans, cut := fence.From(spans, from)
	if !cut {
		return spans, nil
	}
	first := &spans[0]
	first.N = 0
	err = s.each(ctx, table.Query{
		Table: table.Conversations, PK: tally.Key(workspace, "").PK, From: from, To: first.Last,
		Consistency: table.Consistent,
	}, func(table.Item) bool { first.N++; return true })
	return spans, err
}

// listed is a conversation's place in a list.
type listed struct {
	id string
	tally.Tally
}

// eachTally calls fn for the conversations whose tallies a query has, until it
// returns false.
func (s *Service) eachTally(ctx context.Context, workspace string, q table.Query, fn func(listed) bool) error {
	var failed error
	err := s.each(ctx, q, func(row table.Item) bool {
		t, ok, err := s.tallies().Whole(ctx, workspace, row)
		if err != nil {
			failed = err
			return false
		}
		return !ok || fn(listed{row.SK, t})
	})
	return cmp.Or(err, failed)
}

// talliesFrom reads the page's tallies, from its place on.
func (s *Service) talliesFrom(ctx context.Context, workspace string, place fence.Place, in ListInput, from string) ([]listed, error) {
	q := table.Query{
		Table: table.Conversations, PK: tally.Key(workspace, "").PK, Limit: place.Skip + in.Limit,
		Consistency: table.Consistent, From: from,
	}
	switch {
	case in.Order == Ascending:
		q.From = place.First
	case in.Offset > 0:
		q.Reverse, q.To = true, place.Last
	default: // from the very top, also what came after the spans were read
		q.Reverse = true
	}
	var found []listed
	err := s.eachTally(ctx, workspace, q, func(l listed) bool {
		found = append(found, l)
		return len(found) < q.Limit
	})
	return found[min(place.Skip, len(found)):], err
}

// fillRange reads the titles of conversations that follow each other.
func (s *Service) fillRange(ctx context.Context, workspace string, found []listed) ([]Conversation, error) {
	first, last := found[0].id, found[len(found)-1].id
	infos := make(map[string]info, len(found))
	err := s.each(ctx, table.Query{
		Table: table.Conversations, PK: infoKey(workspace, "").PK, From: min(first, last), To: max(first, last),
		Consistency: table.Consistent,
	}, func(item table.Item) bool { infos[item.SK] = readInfo(item); return true })
	if err != nil {
		return nil, err
	}
	out := make([]Conversation, 0, len(found))
	for _, l := range found {
		if i, ok := infos[l.id]; ok { // else it was deleted in between
			out = append(out, build(l.id, i, l.Tally))
		}
	}
	return out, nil
}

// walk lists in an order that no row is in.
func (s *Service) walk(ctx context.Context, workspace string, in ListInput, from string) (Page, error) {
	var all []listed
	err := s.eachTally(ctx, workspace, table.Query{
		Table: table.Conversations, PK: tally.Key(workspace, "").PK, From: from, Consistency: table.Consistent,
	}, func(l listed) bool {
		if l.Memories >= in.MinMemories {
			all = append(all, l)
		}
		return true
	})
	if err != nil {
		return Page{}, err
	}
	slices.SortFunc(all, in.compare)
	ids := make([]string, 0, in.Limit)
	for _, l := range window(all, in.Limit, in.Offset) {
		ids = append(ids, l.id)
	}
	conversations, err := s.getMany(ctx, workspace, ids)
	return Page{Conversations: conversations, Total: len(all)}, err
}

// compare orders a list, ties by id in the same direction.
func (in ListInput) compare(a, b listed) int {
	c := 0
	switch in.SortBy {
	case SortActivity:
		c = a.Activity.Compare(b.Activity)
	case SortMemories:
		c = cmp.Compare(a.Memories, b.Memories)
	}
	c = cmp.Or(c, cmp.Compare(a.id, b.id))
	if in.Order == Ascending {
		return c
	}
	return -c
}

// window returns the part of a list that limit and offset name.
func window[T any](all []T, limit, offset int) []T {
	offset = min(offset, len(all))
	return all[offset:min(offset+limit, len(all))]
}
