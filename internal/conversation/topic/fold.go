package topic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
)

// foldItems bounds the writes of one fold, less the epoch and the number of
// topics.
const foldItems = table.MaxTransactItems - 2

// foldTries is how often a fold is tried against others.
const foldTries = 25

// Fold moves all deltas into the totals and returns how many it moved. One
// transaction removes some deltas and writes the totals of their topics; it
// counts up the epoch that it began with, so that folds never mix.
func (x Index) Fold(ctx context.Context, workspace string) (int, error) {
	for folded, try := 0, 0; ; {
		n, err := x.foldSome(ctx, workspace)
		folded += n
		switch {
		case err == nil && n == 0:
			return folded, nil
		case err == nil:
			try = 0
		case try == foldTries || !table.Retryable(err) && !errors.Is(err, table.ErrCondition):
			return folded, err
		default: // somebody else is folding: read what is left
			if err := table.Pause(ctx, try); err != nil {
				return folded, err
			}
			try++
		}
	}
}

func (x Index) foldSome(ctx context.Context, workspace string) (int, error) {
	deltas, epoch, err := x.deltas(ctx, workspace, foldItems)
	if err != nil || len(deltas) == 0 {
		return 0, err
	}
	deltas, ops := take(deltas)
	totals, err := x.readTotals(ctx, workspace, deltas)
	if err != nil {
		return 0, err
	}
	apply(totals, deltas)
	if err := x.forgetAnswers(ctx, workspace, totals); err != nil {
		return 0, err
	}
	for _, topicID := range slices.Sorted(maps.Keys(totals)) {
		ops = append(ops, totals[topicID].write(totalKey(record.In(workspace, topicID)))...)
	}
	counted := table.Update(deltaKey(workspace, epochSK), table.Attrs{"n": epoch + 1}, table.Equal("n", epoch))
	if epoch == 0 {
		counted.If = []table.Cond{table.Missing("n")}
	}
	noted, err := x.note(ctx, workspace, totals)
	if err != nil {
		return 0, err
	}
	if err := x.Table.Transact(ctx, append(append(ops, counted), noted...)); err != nil {
		return 0, fmt.Errorf("folding topics: %w", err)
	}
	return len(deltas), nil
}

// note returns the write of the number of topics after a fold, if the fold changes
// it. The epoch keeps other folds out. Where the number was never noted, the topics
// are counted.
func (x Index) note(ctx context.Context, workspace string, totals map[string]*total) ([]table.Op, error) {
	row, err := x.Table.Get(ctx, quota.Noted(workspace, quota.Named), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return nil, fmt.Errorf("reading how many topics there are: %w", err)
	}
	n, known := quota.Named.Count(row)
	if !known {
		all, err := x.totals(ctx, workspace)
		if err != nil {
			return nil, err
		}
		n = int64(len(all))
	}
	before := n
	for _, t := range totals {
		switch {
		case t.found && t.Memories == 0:
			n--
		case !t.found && t.Memories != 0:
			n++
		}
	}
	if known && n == before {
		return nil, nil
	}
	return []table.Op{quota.Note(workspace, quota.Named, n)}, nil
}

// forgetAnswers removes stored answers to merge requests that name a topic without
// memories. A repeated request then finds that its merge is done.
func (x Index) forgetAnswers(ctx context.Context, workspace string, totals map[string]*total) error {
	var gone []string
	for topicID, t := range totals {
		if t.Memories == 0 {
			gone = append(gone, topicID)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	key := MergesKey(workspace, "")
	q := table.Query{Table: key.Table, PK: key.PK, Prefix: idempotency.PointerPrefix, Consistency: table.Consistent}
	for pointer, err := range table.All(ctx, x.Table, q) {
		if err != nil {
			return fmt.Errorf("reading which answers to merges are stored: %w", err)
		}
		record, _ := idempotency.Records(workspace, pointer.Key)
		if names, err := x.answerNames(ctx, record, gone); err != nil {
			return err
		} else if !names {
			continue
		}
		if err := x.Table.Transact(ctx, []table.Op{table.Delete(record), table.Delete(pointer.Key)}); err != nil {
			return fmt.Errorf("removing the stored answer to a merge: %w", err)
		}
	}
	return nil
}

// answerNames reports whether a stored answer contains the id of one of some
// topics. An answer that has expired counts as one that does.
func (x Index) answerNames(ctx context.Context, record table.Key, topicIDs []string) (bool, error) {
	item, err := x.Table.Get(ctx, record, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the stored answer to a merge: %w", err)
	}
	body := idempotency.Body(item)
	return slices.ContainsFunc(topicIDs, func(topicID string) bool { return bytes.Contains(body, []byte(topicID)) }), nil
}

// take returns as many of the oldest deltas as fit into one transaction, and the
// writes that remove them. A delta with more topics than fit is split.
func take(deltas []delta) ([]delta, []table.Op) {
	topics := map[string]bool{}
	var ops []table.Op
	for i, d := range deltas {
		more := 0
		for _, c := range d.changes {
			if !topics[c.ID] {
				more++
			}
		}
		if i == 0 && more > foldItems-1 {
			return split(d)
		}
		if len(ops)+1+len(topics)+more > foldItems {
			return deltas[:i], ops
		}
		for _, c := range d.changes {
			topics[c.ID] = true
		}
		ops = append(ops, table.Delete(d.key))
	}
	return deltas, ops
}

func split(d delta) ([]delta, []table.Op) {
	some, rest := d, d.changes[foldItems-1:]
	some.changes = d.changes[:foldItems-1]
	var data []byte
	for _, c := range rest {
		data = appendChange(data, c)
	}
	return []delta{some}, []table.Op{table.Put(d.key, table.Attrs{"d": data})}
}

func (x Index) readTotals(ctx context.Context, workspace string, deltas []delta) (map[string]*total, error) {
	totals := map[string]*total{}
	var keys []table.Key
	for _, d := range deltas {
		for _, c := range d.changes {
			if totals[c.ID] == nil {
				totals[c.ID] = &total{}
				keys = append(keys, totalKey(record.In(workspace, c.ID)))
			}
		}
	}
	items, err := x.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading the totals of topics: %w", err)
	}
	for i, item := range items {
		t := readTotal(item)
		totals[keys[i].SK] = &t
	}
	return totals, nil
}

// write returns the write of a topic's row. A topic without memories has no row:
// its name is gone with its last memory.
func (t *total) write(key table.Key) []table.Op {
	switch {
	case t.Memories == 0 && t.found:
		return []table.Op{table.Delete(key)}
	case t.Memories == 0 || t.found && t.Memories == t.n:
		return nil
	}
	attrs := table.Attrs{"n": t.Memories}
	if t.Name != "" {
		attrs["name"], attrs["created"] = t.Name, t.CreatedAt.UnixMilli()
	}
	return []table.Op{table.Put(key, attrs)}
}

// Recount notes how many topics there are, whatever was noted. No fold comes in
// between: the epoch says so.
func (x Index) Recount(ctx context.Context, workspace string) error {
	return record.Change(ctx, foldTries, func() error {
		epoch, err := x.epoch(ctx, workspace)
		if err != nil {
			return err
		}
		all, err := x.totals(ctx, workspace)
		if err != nil {
			return err
		}
		same := table.Equal("n", epoch)
		if epoch == 0 {
			same = table.Missing("n")
		}
		err = x.Table.Transact(ctx, []table.Op{
			table.Check(deltaKey(workspace, epochSK), same), quota.Note(workspace, quota.Named, int64(len(all))),
		})
		if errors.Is(err, table.ErrCondition) {
			return record.ErrStale
		}
		if err != nil {
			return fmt.Errorf("noting how many topics there are: %w", err)
		}
		return nil
	})
}
