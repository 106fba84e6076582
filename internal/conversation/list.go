package conversation

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"griot/internal/conversation/board"
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
	from      string       // the lowest id; "" is all
	after     *board.Place // where the page before ended; nil: there was none
}

// listed is a conversation that is in a list.
type listed struct {
	id string
	tally.Tally
}

func (in ListInput) order() board.Order {
	switch in.SortBy {
	case SortActivity:
		return board.ByActivity
	case SortMemories:
		return board.ByMemories
	case SortEvent, sortEvent:
		return board.ByEvent
	}
	return board.ByCreation
}

func (in ListInput) ascending() bool { return in.Order == cursor.Ascending }

// kind names the list's order in its cursors, which are good for no other one.
func (in ListInput) kind() string {
	return fmt.Sprint("conversations ", in.order(), in.ascending())
}

// next returns the cursor of what follows a place.
func (l listing) next(at board.Place) string {
	return cursor.Encode(l.workspace, l.in.kind(), strconv.FormatInt(at.By, 10)+"#"+id.Unpack(id.Conversation, at.ID))
}

// begin reads the cursor, if there is one.
func (in ListInput) begin(workspace string) (*board.Place, error) {
	position, err := cursor.Decode(workspace, in.kind(), in.Cursor)
	if err != nil || position == "" {
		return nil, err
	}
	by, conversation, _ := strings.Cut(position, "#")
	n, err := strconv.ParseInt(by, 10, 64)
	packed, ok := id.Pack(conversation)
	if err != nil || !ok || in.Offset > 0 {
		e := errs.Invalid("cursor", "invalid", "cursor must be a nextCursor of this list, without an offset")
		e.Kind = errs.Malformed
		return nil, e
	}
	return &board.Place{By: n, ID: packed}, nil
}

func (l listing) read(ctx context.Context) (Page, error) {
	if l.in.MinMemories > 0 || l.in.order() != board.ByCreation {
		return l.sorted(ctx)
	}
	at, total, ok, err := l.find(ctx)
	page := Page{Total: total}
	if err != nil || !ok {
		return page, err
	}
	found, err := l.tallies(ctx, at)
	if err != nil || len(found) == 0 {
		return page, err
	}
	if len(found) > l.in.Limit {
		found = found[:l.in.Limit]
		page.Next = l.next(board.ByCreation.Place(board.NewEntry(found[l.in.Limit-1].id, found[l.in.Limit-1].Tally)))
	}
	page.Conversations, err = l.withInfos(ctx, found)
	return page, err
}

// manySpans is how many rows a reader reads of fences and recent conversations,
// before it takes the board.
const manySpans = 512

// find returns where the page begins, and the number of all; ok is false past the end.
func (l listing) find(ctx context.Context) (at fence.Place, total int, ok bool, err error) {
	spans, whole, err := l.Fences().Spans(ctx, l.workspace, manySpans)
	if err != nil {
		return at, 0, false, err
	}
	if unsealed := len(spans) > manySpans/2 && l.sealable(spans); unsealed || !whole {
		l.Jobs.Send(ctx, task.Tidy, task.Message{Workspace: l.workspace, Board: !whole})
	}
	if !whole {
		b, err := Lists{l.Service}.current(ctx, l.workspace, false)
		if err != nil {
			return at, 0, false, err
		}
		if b != nil {
			at, total, ok = l.place(b)
			return at, total, ok, nil
		}
		if spans, _, err = l.Fences().Spans(ctx, l.workspace, 0); err != nil {
			return at, 0, false, err
		}
	}
	if spans, err = l.within(ctx, spans); err != nil {
		return at, 0, false, err
	}
	at, ok = fence.Find(spans, l.in.Offset, !l.in.ascending())
	return at, fence.Total(spans), ok, nil
}

// place finds the page's beginning in a board.
func (l listing) place(b *board.Board) (at fence.Place, total int, ok bool) {
	s := board.Selection{Ascending: l.in.ascending(), Offset: l.in.Offset, Limit: 1}
	s.From, _ = id.Pack(l.from)
	found, total := b.Select(s)
	if len(found) == 0 {
		return at, total, false
	}
	first := found[0].Conversation()
	return fence.Place{Span: fence.Span{First: first, Last: first, N: 1}}, total, true
}

// sealable reports whether recent conversations are old enough for another fence.
func (l listing) sealable(spans []fence.Span) bool {
	recent := slices.IndexFunc(spans, func(s fence.Span) bool { return s.First == s.Last })
	return recent >= 0 && recent+manySpans/2 < len(spans) && id.Time(spans[recent+fence.Size].Last).Before(l.Time().Add(-fence.SealAfter))
}

// within returns the spans of the conversations from the lowest id on.
func (l listing) within(ctx context.Context, spans []fence.Span) ([]fence.Span, error) {
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
	after := ""
	if l.after != nil {
		after = id.Unpack(id.Conversation, l.after.ID)
	}
	switch {
	case after != "" && l.in.ascending():
		q.From = max(q.From, after)
	case after != "":
		q.To = after
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
	for c, err := range l.walk(ctx, l.workspace, q) {
		if err != nil {
			return nil, err
		}
		if c.id == after {
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

// sorted lists in an order that no rows are in, or those with so many memories.
func (l listing) sorted(ctx context.Context) (Page, error) {
	b, err := Lists{l.Service}.board(ctx, l.workspace)
	if err != nil {
		return Page{}, err
	}
	s := board.Selection{
		Order: l.in.order(), Ascending: l.in.ascending(), MinMemories: l.in.MinMemories,
		Offset: l.in.Offset, After: l.after, Limit: l.in.Limit + 1,
	}
	s.From, _ = id.Pack(l.from)
	found, total := b.Select(s)
	page := Page{Total: total}
	if len(found) > l.in.Limit {
		found = found[:l.in.Limit]
		page.Next = l.next(s.Order.Place(found[l.in.Limit-1]))
	}
	page.Conversations, err = l.called(ctx, found)
	return page, err
}

// called returns conversations with what they are called.
func (l listing) called(ctx context.Context, found []board.Entry) ([]Conversation, error) {
	out := make([]Conversation, 0, len(found))
	for chunk := range slices.Chunk(found, table.MaxBatchGet) {
		keys := make([]table.Key, len(chunk))
		for i, e := range chunk {
			keys[i] = InfoKey(record.In(l.workspace, e.Conversation()))
		}
		items, err := l.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading what conversations are called: %w", err)
		}
		for i, item := range items {
			if item.Found() { // else it was deleted in between
				out = append(out, build(keys[i].SK, ReadInfo(item), chunk[i].Tally()))
			}
		}
	}
	return out, nil
}

// walk yields the conversations whose tallies a query has; an error ends it.
func (s *Service) walk(ctx context.Context, workspace string, q table.Query) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		for row, err := range table.All(ctx, s.Table, q) {
			if err != nil {
				yield(listed{}, fmt.Errorf("listing conversations: %w", err))
				return
			}
			t, ok, err := s.Tallies().Whole(ctx, workspace, row)
			if (err != nil || ok) && (!yield(listed{row.SK, t}, err) || err != nil) {
				return
			}
		}
	}
}
