package topic

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"griot/internal/errs"
	"griot/internal/table"
)

// Aliases say which topics were merged into which. They are one small row of
// ids: no name is in it, so that a name goes with the last memory that has it.
// None of them leads to another, so that any is followed by one step.
type Aliases struct {
	to      map[string]string
	rev     int64 // 0: there is no row
	written bool  // it is not what was read
}

// MaxAliases bounds the row: 320 KB.
const MaxAliases = 10_000

func aliasesKey(workspace string) table.Key { return MergesKey(workspace, "aliases") }

// Aliases reads the aliases of a workspace: a read unit per 125.
func (x Index) Aliases(ctx context.Context, workspace string) (Aliases, error) {
	item, err := x.Table.Get(ctx, aliasesKey(workspace), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return Aliases{}, fmt.Errorf("reading the aliases of topics: %w", err)
	}
	a := Aliases{rev: item.Int("rev"), to: map[string]string{}}
	for pair := range slices.Chunk(item.Bytes("pairs"), 32) {
		if len(pair) < 32 {
			return Aliases{}, errBroken
		}
		a.to[readID(pair[:16])] = readID(pair[16:])
	}
	return a, nil
}

// Of returns the topic that an id stands for: itself, unless it was merged.
func (a Aliases) Of(topicID string) string {
	if target, ok := a.to[topicID]; ok {
		return target
	}
	return topicID
}

// Merge makes source, and what was merged into it, aliases of target, which is
// none itself any more.
func (a Aliases) Merge(source, target string) (Aliases, error) {
	next := a.changed()
	for alias, to := range next.to {
		if to == source {
			next.to[alias] = target
		}
	}
	next.to[source] = target
	delete(next.to, target)
	if len(next.to) > MaxAliases {
		full := errs.New(errs.Conflict, "a workspace has at most %d topics that were merged into others", MaxAliases)
		full.Code = "QUOTA_EXCEEDED"
		return a, full
	}
	return next, nil
}

// Without makes no topic an alias of target any more.
func (a Aliases) Without(target string) Aliases {
	next := a.changed()
	maps.DeleteFunc(next.to, func(_, to string) bool { return to == target })
	return next
}

func (a Aliases) changed() Aliases {
	a.to, a.written = maps.Clone(a.to), true
	return a
}

// Ops returns the write of aliases that were changed. It is refused when
// somebody else has changed them.
func (a Aliases) Ops(workspace string) []table.Op {
	if !a.written {
		return nil
	}
	var pairs []byte
	for _, alias := range slices.Sorted(maps.Keys(a.to)) {
		pairs = append(append(pairs, rawID(alias)...), rawID(a.to[alias])...)
	}
	cond := table.Equal("rev", a.rev)
	if a.rev == 0 {
		cond = table.Absent()
	}
	return []table.Op{table.Put(aliasesKey(workspace), table.Attrs{"rev": a.rev + 1, "pairs": pairs}, cond)}
}

// rawID returns the 16 bytes of an id, which is a UUID.
func rawID(id string) []byte {
	raw, _ := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	return raw
}

func readID(raw []byte) string {
	h := hex.EncodeToString(raw)
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
