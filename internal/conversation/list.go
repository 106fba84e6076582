package conversation

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"griot/internal/conversation/fence"
	"griot/internal/conversation/tally"
	"griot/internal/cursor"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// LowestAfter is the lowest id of a conversation created after a time; the zero
// time has "".
func LowestAfter(since time.Time) string {
	switch {
	case since.IsZero():
		return ""
	case since.UnixMilli() < 0:
		since = time.UnixMilli(-1)
	}
	return id.Lowest(id.Conversation, since.Add(time.Millisecond))
}

// listing is a List that is being read.
type listing struct {
	*Service
	workspace string
	in        ListInput
	from      string // the lowest id; "" is all
}

// listed is a conversation's place in a list.
type listed struct {
	id string
	tally.Tally
}

func (l listing) read(ctx context.Context) (Page, error) {
	if l.in.MinMemories > 0 || l.in.SortBy != "" && l.in.SortBy != SortCreated {
		return l.sorted(ctx)
	}
	spans, err := l.spans(ctx)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: fence.Total(spans)}
	place, ok := fence.Find(spans, l.in.Offset, l.in.Order != cursor.Ascending)
	if !ok {
		return page, nil
	}
	found, err := l.tallies(ctx, place)
	if err != nil || len(found) == 0 {
		return page, err
	}
	page.Conversations, err = l.withInfos(ctx, found)
	return page, err
}

// manyUnsealed is how many recent rows make a reader ask for sealing, if they
// are old enough.
const manyUnsealed = 8 * fence.Size

// spans returns the spans of the conversations from an id on.
func (l listing) spans(ctx context.Context) ([]fence.Span, error) {
	spans, err := l.Fences().Spans(ctx, l.workspace)
	if err != nil {
		return nil, err
	}
	if n := len(spans) - manyUnsealed; n >= 0 && spans[n].First == spans[n].Last &&
		id.Time(spans[n+fence.Size].Last).Before(l.Time().Add(-fence.SealAfter)) {
		l.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: l.workspace})
	}
	if l.from == "" {
		return spans, nil
	}
	spans, cut := fence.From(spans, l.from)
	if !cut {
		return spans, nil
	}
	rows, err := table.ReadAll(ctx, l.Table, table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(l.workspace, "")).PK, From: l.from, To: spans[0].Last,
		Consistency: table.Consistent,
	})
	if err != nil {
		return nil, fmt.Errorf("counting the conversations of a span: %w", err)
	}
	spans[0].N = len(rows)
	return spans, nil
}

// tallies reads the page's tallies, from its place on.
func (l listing) tallies(ctx context.Context, place fence.Place) ([]listed, error) {
	q := table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(l.workspace, "")).PK, Limit: place.Skip + l.in.Limit,
		Consistency: table.Consistent, From: l.from,
	}
	switch {
	case l.in.Order == cursor.Ascending:
		q.From = place.First
	case l.in.Offset > 0:
		q.Reverse, q.To = true, place.Last
	default: // from the very top, also what came after the spans were read
		q.Reverse = true
	}
	var found []listed
	for c, err := range l.all(ctx, q) {
		if err != nil {
			return nil, err
		}
		if found = append(found, c); len(found) == q.Limit {
			break
		}
	}
	return found[min(place.Skip, len(found)):], nil
}

// withInfos returns conversations, which follow each other, with their infos.
func (l listing) withInfos(ctx context.Context, found []listed) ([]Conversation, error) {
	first, last := found[0].id, found[len(found)-1].id
	infos, err := l.infos(ctx, l.workspace, min(first, last), max(first, last))
	if err != nil {
		return nil, err
	}
	out := make([]Conversation, 0, len(found))
	for _, c := range found {
		if i, ok := infos[c.id]; ok { // else it was deleted in between
			out = append(out, build(c.id, i, c.Tally))
		}
	}
	return out, nil
}

// sorted lists in an order that no rows are in.
func (l listing) sorted(ctx context.Context) (Page, error) {
	var all []listed
	for c, err := range l.all(ctx, table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(l.workspace, "")).PK, From: l.from, Consistency: table.Consistent,
	}) {
		if err != nil {
			return Page{}, err
		}
		if c.Memories >= l.in.MinMemories {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, l.in.compare)
	ids := make([]string, 0, l.in.Limit)
	for _, c := range cursor.Window(all, l.in.Limit, l.in.Offset) {
		ids = append(ids, c.id)
	}
	conversations, err := l.Many(ctx, l.workspace, ids)
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
	if in.Order == cursor.Ascending {
		return c
	}
	return -c
}

// all yields the conversations whose tallies a query has; an error ends it.
func (l listing) all(ctx context.Context, q table.Query) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		for row, err := range table.All(ctx, l.Table, q) {
			if err != nil {
				yield(listed{}, fmt.Errorf("listing conversations: %w", err))
				return
			}
			t, ok, err := l.Tallies().Whole(ctx, l.workspace, row)
			if (err != nil || ok) && (!yield(listed{row.SK, t}, err) || err != nil) {
				return
			}
		}
	}
}
