package memory

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/timestamp"
)

// Moments returns the times that memories are about (Memory.At), in the order
// of their ids; zero where there is no such memory. It reads their id rows only,
// a read unit each.
func (s Store) Moments(ctx context.Context, workspace string, ids []string) ([]time.Time, error) {
	rows, err := s.Locate(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	out := make([]time.Time, len(rows))
	for i, row := range rows {
		out[i] = moment(row)
	}
	return out, nil
}

// moment returns what time a memory is about, as the key of its row says.
func moment(row table.Key) time.Time {
	at, _, _ := strings.Cut(strings.TrimPrefix(row.SK, rowPrefix), "#")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms + yearZero).UTC()
}

// AnyIn reports whether a conversation has a memory that is about a time in a
// range. It costs a read unit, or as many as one memory does.
func (s Store) AnyIn(ctx context.Context, of record.Ref, r timestamp.Range) (bool, error) {
	q := table.Query{
		Table: table.Conversations, PK: of.Partition(), From: rowPrefix, To: rowPrefix + "~", Limit: 1, Consistency: table.Consistent,
	}
	if !r.From.IsZero() {
		q.From += sortable(r.From)
	}
	if !r.To.IsZero() {
		q.To = rowPrefix + sortable(r.To) + "~" // behind all of that moment
	}
	page, err := s.Table.Query(ctx, q)
	if err != nil {
		return false, fmt.Errorf("looking for a memory of a time: %w", err)
	}
	return len(page.Items) > 0, nil
}
