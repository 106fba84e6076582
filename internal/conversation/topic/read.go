package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"griot/internal/record"
	"griot/internal/table"
)

func totalKey(of record.Ref) table.Key {
	return table.Key{Table: table.Conversations, PK: of.Workspace + "#topics", SK: of.ID}
}

// total is a topic's row, if there is one, with deltas added to it.
type total struct {
	Topic
	found bool
	n     int64 // in the row
}

func readTotal(item table.Item) total {
	if !item.Found() {
		return total{}
	}
	return total{found: true, n: item.Int("n"), Topic: Topic{
		ID: item.SK, Name: item.Str("name"), Memories: item.Int("n"), CreatedAt: item.Time("created"),
	}}
}

// add adds a change of a delta. The name and the time of creation come from the
// first change that has a name.
func (t *total) add(c Change, from delta) {
	t.ID = c.ID
	t.Memories += c.N
	if t.Name == "" && c.Name != "" {
		t.Name, t.CreatedAt = c.Name, from.at
	}
}

// readTries is how often totals and deltas are read because folds keep moving
// counts from one to the other.
const readTries = 10

// consistently reads the deltas, then calls read for the totals, until no fold ran
// in between. After readTries it gives up, and counts may be off by one fold.
func (x Index) consistently(ctx context.Context, workspace string, read func() error) ([]delta, error) {
	for try := 1; ; try++ {
		deltas, epoch, err := x.deltas(ctx, workspace, 0)
		if err != nil {
			return nil, err
		}
		if err := read(); err != nil {
			return nil, err
		}
		again, err := x.epoch(ctx, workspace)
		if err != nil || again == epoch || try == readTries {
			return deltas, err
		}
	}
}

func (x Index) epoch(ctx context.Context, workspace string) (int64, error) {
	item, err := x.Table.Get(ctx, deltaKey(workspace, epochSK), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return 0, fmt.Errorf("reading the epoch of the topics: %w", err)
	}
	return item.Int("n"), nil
}

// deltas returns the oldest deltas, at most limit of them (0: all), and the
// epoch they belong to.
func (x Index) deltas(ctx context.Context, workspace string, limit int) (deltas []delta, epoch int64, err error) {
	key := deltaKey(workspace, "")
	q := table.Query{Table: key.Table, PK: key.PK, Consistency: table.Consistent}
	if limit > 0 {
		q.Limit = limit + 1
	}
	for items, err := range table.Pages(ctx, x.Table, q) {
		if err != nil {
			return nil, 0, fmt.Errorf("reading the deltas of topics: %w", err)
		}
		for _, item := range items {
			if item.SK == epochSK {
				epoch = item.Int("n")
				continue
			}
			d, err := readDelta(item)
			if err != nil {
				return nil, 0, err
			}
			deltas = append(deltas, d)
		}
		if limit > 0 { // one page holds them
			break
		}
	}
	return deltas, epoch, nil
}

// All returns every topic that has memories, in no order, and how many deltas
// wait to be folded. It reads all totals: 1 read unit per about 30 topics.
func (x Index) All(ctx context.Context, workspace string) (topics []Topic, waiting int, err error) {
	var totals map[string]*total
	deltas, err := x.consistently(ctx, workspace, func() (err error) {
		totals, err = x.totals(ctx, workspace)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	apply(totals, deltas)
	for _, t := range totals {
		if t.Memories > 0 {
			topics = append(topics, t.Topic)
		}
	}
	return topics, len(deltas), nil
}

func apply(totals map[string]*total, deltas []delta) {
	for _, d := range deltas {
		for _, c := range d.changes {
			if totals[c.ID] == nil {
				totals[c.ID] = &total{}
			}
			totals[c.ID].add(c, d)
		}
	}
}

func (x Index) totals(ctx context.Context, workspace string) (map[string]*total, error) {
	key := totalKey(record.In(workspace, ""))
	q := table.Query{Table: key.Table, PK: key.PK, Consistency: table.Consistent}
	totals := map[string]*total{}
	for item, err := range table.All(ctx, x.Table, q) {
		if err != nil {
			return nil, fmt.Errorf("reading the topics: %w", err)
		}
		t := readTotal(item)
		totals[t.ID] = &t
	}
	return totals, nil
}

// Get returns a topic by its id; ok is false when it has no memories.
func (x Index) Get(ctx context.Context, of record.Ref) (t Topic, ok bool, err error) {
	totals := map[string]*total{}
	deltas, err := x.consistently(ctx, of.Workspace, func() error {
		item, err := x.Table.Get(ctx, totalKey(of), table.Consistent)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return fmt.Errorf("reading a topic: %w", err)
		}
		t := readTotal(item)
		totals[of.ID] = &t
		return nil
	})
	if err != nil {
		return Topic{}, false, err
	}
	apply(totals, deltas)
	t = totals[of.ID].Topic
	return t, t.Memories > 0, nil
}

// Some returns those of some topics that have memories, in no order.
func (x Index) Some(ctx context.Context, workspace string, topicIDs []string) ([]Topic, error) {
	totals := map[string]*total{}
	deltas, err := x.consistently(ctx, workspace, func() error {
		for chunk := range slices.Chunk(topicIDs, table.MaxBatchGet) {
			keys := make([]table.Key, len(chunk))
			for i, topicID := range chunk {
				keys[i] = totalKey(record.In(workspace, topicID))
			}
			items, err := x.Table.BatchGet(ctx, keys, table.Consistent)
			if err != nil {
				return fmt.Errorf("reading topics: %w", err)
			}
			for i, item := range items {
				t := readTotal(item)
				totals[chunk[i]] = &t
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	apply(totals, deltas)
	var topics []Topic
	for _, topicID := range topicIDs {
		if t := totals[topicID]; t.Memories > 0 {
			topics = append(topics, t.Topic)
		}
	}
	return topics, nil
}

// Known reports whether all of some topics have memories, going by totals only.
func (x Index) Known(ctx context.Context, workspace string, topicIDs []string) (bool, error) {
	keys := make([]table.Key, len(topicIDs))
	for i, topicID := range topicIDs {
		keys[i] = totalKey(record.In(workspace, topicID))
	}
	items, err := x.Table.BatchGet(ctx, keys, table.Consistent)
	if err != nil {
		return false, fmt.Errorf("reading topics: %w", err)
	}
	return !slices.ContainsFunc(items, func(item table.Item) bool { return !item.Found() }), nil
}

// words are those of a text that is folded.
func words(folded string) []string { return strings.FieldsFunc(folded, notWord) }

// hasAll reports whether a name has all words of a query, or words that begin
// with them; both are folded.
func hasAll(name string, query []string) bool {
	if len(query) == 0 {
		return true
	}
	in := words(name)
	return !slices.ContainsFunc(query, func(want string) bool { return !anyPrefix(in, want) })
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }

func anyPrefix(words []string, prefix string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, prefix) })
}
