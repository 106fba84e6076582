// Package fence counts conversations, so that a list has an exact total and
// finds an offset of any depth without reading what it skips. It keeps a row
// per conversation of late and a fence per 96 older ones, in one small
// partition (decision 0006).
package fence

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
)

// Size is how many conversations a fence replaces: their rows and the fence fit
// into one transaction.
const Size = 96

// SealAfter is the age at which conversations may be sealed. It is well above
// clock.Lifetime, so no older id can appear after that.
const SealAfter = 5 * time.Minute

// Recent rows sort before fences. A query is no snapshot: one that runs while
// conversations are sealed may see them twice, but cannot miss them.
const (
	recentPrefix = "new#"
	fencePrefix  = "old#"
)

func key(workspace, sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#fences", SK: sk}
}

// Fences counts the conversations of all workspaces.
type Fences struct {
	Table table.Store
	Now   func() time.Time
}

// Add returns the write that counts a new conversation.
func Add(of record.Ref) table.Op {
	return table.Put(key(of.Workspace, recentPrefix+of.ID), nil, table.Absent())
}

// sealsKey is the row that counts how often recent rows were sealed.
func sealsKey(workspace string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#seals", SK: "n"}
}

// Insert returns the writes that count a conversation which may be older than
// others that are sealed: then it counts in the fence that comes next. When a
// condition fails, recent rows were sealed, or the fence removed, since: call
// Insert again.
func (f Fences) Insert(ctx context.Context, of record.Ref) ([]table.Op, error) {
	seals, err := f.Table.Get(ctx, sealsKey(of.Workspace), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return nil, fmt.Errorf("reading how often conversations were sealed: %w", err)
	}
	next, err := f.next(ctx, of)
	switch {
	case err != nil:
		return nil, err
	case next.Found():
		op := table.Increment(next.Key, "n", 1, table.Exists())
		if first := next.Str("first"); of.ID < first {
			op.Attrs["first"] = of.ID
			op.If = append(op.If, table.Equal("first", first))
		}
		return []table.Op{op}, nil
	case seals.Found():
		return []table.Op{Add(of), table.Check(seals.Key, table.Equal("n", seals.Int("n")))}, nil
	default:
		return []table.Op{Add(of), table.Check(sealsKey(of.Workspace), table.Absent())}, nil
	}
}

// next returns the fence that a conversation counts in, if it is sealed.
func (f Fences) next(ctx context.Context, of record.Ref) (table.Item, error) {
	from := key(of.Workspace, fencePrefix+of.ID)
	page, err := f.Table.Query(ctx, table.Query{
		Table: from.Table, PK: from.PK, From: from.SK, To: fencePrefix + "~", Limit: 1, Consistency: table.Consistent,
	})
	if err != nil {
		return table.Item{}, fmt.Errorf("reading the fence of a conversation: %w", err)
	}
	if len(page.Items) == 0 {
		return table.Item{}, nil
	}
	return page.Items[0], nil
}

// ErrGone is a conversation that is not counted: it was removed.
var ErrGone = errors.New("fence: the conversation is not counted")

// Remove returns the write that stops counting a conversation, and whether it
// removes a row of the conversation's own. When its condition fails, the
// conversation was sealed or removed since: call Remove again.
func (f Fences) Remove(ctx context.Context, of record.Ref) (op table.Op, row bool, err error) {
	recent := key(of.Workspace, recentPrefix+of.ID)
	_, err = f.Table.Get(ctx, recent, table.Consistent)
	if err == nil {
		return table.Delete(recent, table.Exists()), true, nil
	}
	if !errors.Is(err, table.ErrNotFound) {
		return table.Op{}, false, fmt.Errorf("reading whether a conversation is recent: %w", err)
	}
	fence, err := f.next(ctx, of)
	if err != nil {
		return table.Op{}, false, err
	}
	if !fence.Found() || fence.Str("first") > of.ID {
		return table.Op{}, false, ErrGone
	}
	return lower(fence), false, nil
}

// lower decrements a fence, and removes it when it would reach zero.
func lower(fence table.Item) table.Op {
	if n := fence.Int("n"); n == 1 {
		return table.Delete(fence.Key, table.Equal("n", n))
	}
	return table.Increment(fence.Key, "n", -1, table.Exists())
}

// Span stands for N conversations whose ids lie from First to Last.
type Span struct {
	First, Last string
	N           int
}

// Spans returns the spans of a workspace, oldest first: fences, then the
// recent conversations one by one. It is one read of one partition. Where that has
// more rows than most, unless that is 0, whole is false, and these are some spans.
func (f Fences) Spans(ctx context.Context, workspace string, most int) (spans []Span, whole bool, err error) {
	q := table.Query{Table: table.Conversations, PK: key(workspace, "").PK, Consistency: table.Consistent}
	if most > 0 {
		q.Limit = most + 1
	}
	var recent, sealed []Span
	for item, err := range table.All(ctx, f.Table, q) {
		if err != nil {
			return nil, false, fmt.Errorf("reading the fences: %w", err)
		}
		if most > 0 && len(recent)+len(sealed) == most {
			return join(sealed, recent), false, nil
		}
		if span, ok := sealedSpan(item); ok {
			sealed = append(sealed, span)
		} else {
			recent = append(recent, recentSpan(item))
		}
	}
	return join(sealed, recent), true, nil
}

func sealedSpan(item table.Item) (Span, bool) {
	last, ok := strings.CutPrefix(item.SK, fencePrefix)
	return Span{First: item.Str("first"), Last: last, N: int(item.Int("n"))}, ok
}

func recentSpan(item table.Item) Span {
	conversation := strings.TrimPrefix(item.SK, recentPrefix)
	return Span{First: conversation, Last: conversation, N: 1}
}

// join drops empty fences, and recent rows that a fence read in the same query has
// replaced.
func join(sealed, recent []Span) []Span {
	last := ""
	if len(sealed) > 0 {
		last = sealed[len(sealed)-1].Last
	}
	spans := make([]Span, 0, len(sealed)+len(recent))
	for _, s := range sealed {
		if s.N > 0 {
			spans = append(spans, s)
		}
	}
	for _, s := range recent {
		if s.Last > last {
			spans = append(spans, s)
		}
	}
	return spans
}

// Seal replaces recent rows that are old enough by fences, until too few are left
// for another fence. It returns the number of new fences.
func (f Fences) Seal(ctx context.Context, workspace string) (int, error) {
	for sealed := 0; ; sealed++ {
		ops, err := f.sealing(ctx, workspace)
		if err != nil || len(ops) == 0 {
			return sealed, err
		}
		err = f.Table.Transact(ctx, ops)
		if table.Retryable(err) || errors.Is(err, table.ErrCondition) {
			return sealed, nil // somebody deletes or seals the same: the next one seals
		}
		if err != nil {
			return sealed, fmt.Errorf("sealing a fence: %w", err)
		}
	}
}

// sealing returns the transaction of one fence, or none.
func (f Fences) sealing(ctx context.Context, workspace string) ([]table.Op, error) {
	page, err := f.Table.Query(ctx, table.Query{
		Table: table.Conversations, PK: key(workspace, "").PK, Prefix: recentPrefix, Limit: Size,
		Consistency: table.Consistent,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the recent conversations: %w", err)
	}
	if len(page.Items) < Size {
		return nil, nil
	}
	first := strings.TrimPrefix(page.Items[0].SK, recentPrefix)
	last := strings.TrimPrefix(page.Items[Size-1].SK, recentPrefix)
	if id.Time(last).After(f.Now().Add(-SealAfter)) {
		return nil, nil
	}
	ops := make([]table.Op, 0, Size+2)
	for _, item := range page.Items {
		ops = append(ops, table.Delete(item.Key, table.Exists()))
	}
	fence := table.Attrs{"first": first, "n": int64(Size)}
	return append(ops, table.Put(key(workspace, fencePrefix+last), fence, table.Absent()), table.Increment(sealsKey(workspace), "n", 1)), nil
}
