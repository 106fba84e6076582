package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/topic"
	"griot/internal/schema"
	"griot/internal/table"
	"griot/internal/timestamp"
)

// RelatedInput says how many are wanted.
type RelatedInput struct {
	Limit int `json:"limit" is:"1..100" default:"10"`
}

// Related is a memory that has topics of another one.
type Related struct {
	Memory
	Shared []string // topics, as the other one has them
	Score  float64  // how many of the other one's topics these are
}

// Neighbours are the memories that are near one, by topics or by time.
type Neighbours struct{ *Service }

// Related returns a memory, and those that share most of its topics, the newest
// first where they share as many. It walks the compact rows of all memories: a read
// unit per about 20. A page over conversation.MaxPage is Malformed.
func (s Neighbours) Related(ctx context.Context, p access.Principal, memoryID string, in RelatedInput) (source Memory, out []Related, err error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return source, nil, err
	}
	if err := schema.CheckQuery(in); err != nil {
		return source, nil, err
	}
	if source, err = s.meant(ctx, p.Workspace, memoryID); err != nil || len(source.Topics) == 0 {
		return source, nil, err
	}
	topics := source.Named(p.Workspace)
	closest, err := s.closest(ctx, p.Workspace, source, topics, in.Limit)
	if err != nil {
		return source, nil, err
	}
	keys := make([]table.Key, len(closest))
	for i, e := range closest {
		keys[i] = e.Row(p.Workspace)
	}
	size := 0
	for m, err := range there(s.rows(ctx, p.Workspace, keys)) {
		if err != nil {
			return source, nil, err
		}
		r := Related{Memory: m}
		for _, t := range topics {
			if topic.Has(m.Named(p.Workspace), t.ID) {
				r.Shared = append(r.Shared, t.Name)
			}
		}
		if len(r.Shared) == 0 {
			continue // it has other topics since
		}
		r.Score = float64(len(r.Shared)) / float64(len(topics))
		out = append(out, r)
		size += m.Weight()
	}
	return source, out, conversation.CheckPage(size)
}

// closest returns the entries of the memories that share most of a memory's topics.
func (s Neighbours) closest(ctx context.Context, workspace string, source Memory, topics []topic.Named, limit int) ([]Entry, error) {
	hidden, err := s.Conversations.Hidden(ctx, workspace)
	if err != nil {
		return nil, err
	}
	type candidate struct {
		Entry
		shared int
	}
	var all []candidate
	better := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.shared, a.shared), b.At().Compare(a.At()), cmp.Compare(a.ID, b.ID))
	}
	for e, err := range s.Store().Entries(ctx, workspace, timestamp.Range{}, true, 0) {
		if err != nil {
			return nil, err
		}
		if e.ID == source.ID || hidden[e.Conversation] {
			continue
		}
		shared := 0
		for _, t := range topics {
			if e.Has([]string{t.ID}) {
				shared++
			}
		}
		if shared > 0 {
			all = append(all, candidate{e, shared})
		}
		if len(all) >= 10*limit { // only the best go on
			slices.SortFunc(all, better)
			all = all[:limit]
		}
	}
	slices.SortFunc(all, better)
	var out []Entry
	for _, c := range all[:min(limit, len(all))] {
		out = append(out, c.Entry)
	}
	return out, nil
}

// AroundInput says how many memories are wanted on either side.
type AroundInput struct {
	Before int `json:"before" is:"0..100" default:"5"`
	After  int `json:"after" is:"0..100" default:"5"`
}

// Surroundings are a memory and what comes before and after it in the timeline of
// its conversation, both in its order.
type Surroundings struct {
	Memory        Memory
	Before, After []Memory
}

// Around returns a memory with its surroundings. A page over conversation.MaxPage
// is Malformed.
func (s Neighbours) Around(ctx context.Context, p access.Principal, memoryID string, in AroundInput) (out Surroundings, err error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return out, err
	}
	if err := schema.CheckQuery(in); err != nil {
		return out, err
	}
	if out.Memory, err = s.meant(ctx, p.Workspace, memoryID); err != nil {
		return out, err
	}
	if out.Before, err = s.beside(ctx, p.Workspace, out.Memory, true, in.Before); err != nil {
		return out, err
	}
	slices.Reverse(out.Before)
	if out.After, err = s.beside(ctx, p.Workspace, out.Memory, false, in.After); err != nil {
		return out, err
	}
	size := out.Memory.Weight()
	for _, m := range slices.Concat(out.Before, out.After) {
		size += m.Weight()
	}
	return out, conversation.CheckPage(size)
}

// beside returns the next n memories of a timeline from one on, the nearest first.
func (s Neighbours) beside(ctx context.Context, workspace string, from Memory, before bool, n int) (out []Memory, err error) {
	if n == 0 {
		return nil, nil
	}
	row := rowKey(workspace, from)
	q := table.Query{Table: row.Table, PK: row.PK, Limit: n + 1, Consistency: table.Consistent, From: row.SK, To: rowPrefix + "~"}
	if before {
		q.From, q.To, q.Reverse = rowPrefix, row.SK, true
	}
	for item, err := range table.All(ctx, s.Conversations.Table, q) {
		if err != nil {
			return nil, fmt.Errorf("reading what stands beside a memory: %w", err)
		}
		m, err := Read(item)
		if err != nil {
			return nil, err
		}
		if m.ID == from.ID {
			continue
		}
		if out = append(out, m); len(out) == n {
			break
		}
	}
	return out, nil
}
