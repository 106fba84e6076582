package conversation

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"griot/internal/conversation/fence"
	"griot/internal/conversation/tally"
	"griot/internal/cursor"
	"griot/internal/errs"
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
	after     *place // where the page before ended; nil: there was none
}

// listed is a conversation that is in a list.
type listed struct {
	id string
	tally.Tally
}

// place is where a conversation stands in a list: by a number first, then by
// its id, both in the list's direction.
type place struct {
	by int64
	id string
}

func (in ListInput) place(c listed) place {
	switch in.SortBy {
	case SortActivity:
		return place{c.Activity.UnixMilli(), c.id}
	case SortMemories:
		return place{c.Memories, c.id}
	case SortEvent, sortEvent:
		if c.Events == (tally.Events{}) {
			return place{id.Time(c.id).UnixMilli(), c.id}
		}
		return place{c.Events.Last.UnixMilli(), c.id}
	}
	return place{0, c.id}
}

func (in ListInput) byCreation() bool { return in.SortBy == "" || in.SortBy == SortCreated }

func (in ListInput) ascending() bool { return in.Order == cursor.Ascending }

func (in ListInput) compare(a, b place) int {
	c := cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.id, b.id))
	if in.ascending() {
		return c
	}
	return -c
}

// kind names the list's order in its cursors, which are good for no other one.
func (in ListInput) kind() string {
	by := cmp.Or(in.SortBy, SortCreated)
	if by == sortEvent {
		by = SortEvent
	}
	return "conversations " + by + " " + cmp.Or(in.Order, cursor.Descending)
}

// next returns the cursor of what follows a conversation.
func (l listing) next(c listed) string {
	at := l.in.place(c)
	return cursor.Encode(l.workspace, l.in.kind(), strconv.FormatInt(at.by, 10)+"#"+at.id)
}

// begin reads the cursor, if there is one.
func (in ListInput) begin(workspace string) (*place, error) {
	position, err := cursor.Decode(workspace, in.kind(), in.Cursor)
	if err != nil || position == "" {
		return nil, err
	}
	by, conversation, _ := strings.Cut(position, "#")
	n, err := strconv.ParseInt(by, 10, 64)
	if err != nil || in.Offset > 0 || !id.Valid(id.Conversation, conversation) {
		e := errs.Invalid("cursor", "invalid", "cursor must be a nextCursor of this list, without an offset")
		e.Kind = errs.Malformed
		return nil, e
	}
	return &place{n, conversation}, nil
}

func (l listing) read(ctx context.Context) (Page, error) {
	if l.in.MinMemories > 0 || !l.in.byCreation() {
		return l.sorted(ctx)
	}
	spans, err := l.spans(ctx)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: fence.Total(spans)}
	at, ok := fence.Find(spans, l.in.Offset, !l.in.ascending())
	if !ok {
		return page, nil
	}
	found, err := l.tallies(ctx, at)
	if err != nil || len(found) == 0 {
		return page, err
	}
	if len(found) > l.in.Limit {
		found = found[:l.in.Limit]
		page.Next = l.next(found[l.in.Limit-1])
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

// tallies reads the tallies of the page, from its place on, and one more if there
// is one.
func (l listing) tallies(ctx context.Context, at fence.Place) ([]listed, error) {
	q := table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(l.workspace, "")).PK, Limit: at.Skip + l.in.Limit + 1,
		Reverse: !l.in.ascending(), Consistency: table.Consistent, From: l.from,
	}
	switch {
	case l.after != nil && l.in.ascending():
		q.From = max(q.From, l.after.id)
	case l.after != nil:
		q.To = l.after.id
	case l.in.ascending():
		q.From = at.First
	case l.in.Offset > 0:
		q.To = at.Last
	default: // from the very top, also what came after the spans were read
	}
	if q.To != "" && q.From > q.To {
		return nil, nil
	}
	var found []listed
	for c, err := range l.all(ctx, q) {
		if err != nil {
			return nil, err
		}
		if l.after != nil && c.id == l.after.id {
			continue
		}
		if found = append(found, c); len(found) == at.Skip+l.in.Limit+1 {
			break
		}
	}
	return found[min(at.Skip, len(found)):], nil
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
	if slices.ContainsFunc(all, func(c listed) bool { return c.Undated }) {
		l.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: l.workspace})
	}
	slices.SortFunc(all, func(a, b listed) int { return l.in.compare(l.in.place(a), l.in.place(b)) })
	begin := min(l.in.Offset, len(all))
	if l.after != nil {
		begin, _ = slices.BinarySearchFunc(all, *l.after, func(c listed, after place) int {
			return cmp.Or(l.in.compare(l.in.place(c), after), -1) // behind it
		})
	}
	page := Page{Total: len(all)}
	found := all[begin:]
	if len(found) > l.in.Limit {
		found = found[:l.in.Limit]
		page.Next = l.next(found[l.in.Limit-1])
	}
	ids := make([]string, len(found))
	for i, c := range found {
		ids[i] = c.id
	}
	var err error
	page.Conversations, err = l.Many(ctx, l.workspace, ids)
	return page, err
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
