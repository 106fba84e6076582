// Package due keeps the times by which somebody has to look after a thing if
// nothing happens until then. A due row is written and moved in the
// transactions that change the thing itself; the sweeper reads the rows whose
// time has come. Rows hold ids only.
package due

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"griot/internal/table"
)

// shards spreads the rows, so that no partition takes every change.
const shards = 16

// pageRows is how many rows of a shard are read at once.
const pageRows = 100

// Key is the row of a thing at a time.
func Key(at time.Time, workspace, id string) table.Key {
	h := fnv.New32a()
	h.Write([]byte(id))
	return table.Key{
		Table: table.Sessions,
		PK:    partition(h.Sum32() % shards),
		SK:    fmt.Sprintf("%013d#%s#%s", at.UnixMilli(), workspace, id),
	}
}

func partition(shard uint32) string { return fmt.Sprintf("due#%d", shard) }

// Move returns the operations that put a thing's row from one time to
// another; a zero time is no row.
func Move(workspace, id string, from, to time.Time) []table.Op {
	if from.Equal(to) {
		return nil
	}
	var ops []table.Op
	if !from.IsZero() {
		ops = append(ops, table.Delete(Key(from, workspace, id)))
	}
	if !to.IsZero() {
		ops = append(ops, table.Put(Key(to, workspace, id), nil))
	}
	return ops
}

// Look looks after a thing whose time, at, has come. It has to move or remove
// the row, or the thing is looked after again by the next sweep.
type Look func(ctx context.Context, workspace, id string, at time.Time) error

// Sweeper looks after everything that is due. Several may run at once.
type Sweeper struct {
	Table table.Store
	Now   func() time.Time
	// Looks has who looks after the ids of a prefix, such as "ses_".
	Looks map[string]Look
}

// Sweep returns how many things it looked after. One that fails does not keep
// it from the others.
func (s Sweeper) Sweep(ctx context.Context) (int, error) {
	var swept int
	var failures []error
	for shard := range uint32(shards) {
		n, err := s.shard(ctx, shard)
		swept += n
		failures = append(failures, err)
	}
	return swept, errors.Join(failures...)
}

func (s Sweeper) shard(ctx context.Context, shard uint32) (swept int, err error) {
	q := table.Query{
		Table: table.Sessions, PK: partition(shard), Limit: pageRows, Consistency: table.Consistent,
		To: fmt.Sprintf("%013d#~", s.Now().UnixMilli()), // "~" sorts behind every id
	}
	var failures []error
	for {
		page, err := s.Table.Query(ctx, q)
		if err != nil {
			return swept, errors.Join(append(failures, fmt.Errorf("reading due rows: %w", err))...)
		}
		for _, row := range page.Items {
			failures = append(failures, s.look(ctx, row.SK))
			swept++
		}
		if page.Next == "" || ctx.Err() != nil {
			return swept, errors.Join(failures...)
		}
		q.After = page.Next
	}
}

func (s Sweeper) look(ctx context.Context, sk string) error {
	parts := strings.SplitN(sk, "#", 3)
	if len(parts) != 3 {
		return fmt.Errorf("due row %q cannot be read", sk)
	}
	ms, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return fmt.Errorf("due row %q cannot be read: %w", sk, err)
	}
	prefix, _, _ := strings.Cut(parts[2], "_")
	look, ok := s.Looks[prefix+"_"]
	if !ok {
		return fmt.Errorf("nobody looks after %q", prefix)
	}
	return look(ctx, parts[1], parts[2], time.UnixMilli(ms).UTC())
}
