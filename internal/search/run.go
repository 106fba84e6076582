package search

import (
	"context"
	"fmt"

	"griot/internal/search/segment"
)

// run is one query at work on what there was when it began: the rows of the
// tail and, read after them so that nothing falls in between, the segments.
type run struct {
	x         *Index
	workspace string
	q         query
	manifest  manifest
	layout    *layout
	lists     [][]*segment.List // by segment and term; nil where it is not
	rows      map[string][]row  // of the tail, by conversation
	worth     []float64         // of each term: its weight and its rarity among conversations
	value     []float64         // the same among passages
	grades    grades
	bounds    [][]float64 // by segment, of conversations that are there alone
	scattered []scattered // candidates that are in several places
	whole     float64     // what the conversation as a whole counts: 1, or 0 to find memories
}

func (x *Index) begin(ctx context.Context, workspace string, q query, whole float64) (*run, error) {
	r := &run{x: x, workspace: workspace, q: q, whole: whole, rows: map[string][]row{}}
	rows, _, err := x.readTail(ctx, workspace, "", 0)
	if err != nil {
		return nil, err
	}
	if r.manifest, err = x.readManifest(ctx, workspace); err != nil {
		return nil, err
	}
	for _, row := range rows {
		r.rows[row.conversation] = append(r.rows[row.conversation], row)
	}
	if r.layout, err = x.layoutOf(ctx, r.manifest.Segments); err != nil {
		return nil, err
	}
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	r.weigh(rows)
	return r, nil
}

// open finds the terms in all segments.
func (r *run) open(ctx context.Context) error {
	entries, err := r.lookUp(ctx)
	if err != nil {
		return err
	}
	var needs []*need
	for s, found := range entries {
		for _, e := range found {
			if e != nil {
				needs = append(needs, &need{
					key: r.manifest.Segments[s].Key, where: e.Where,
					parse: func(data []byte) (any, int64, error) { return data, int64(len(data)), nil },
				})
			}
		}
	}
	if err := r.x.load(ctx, needs); err != nil {
		return err
	}
	for s, found := range entries {
		lists := make([]*segment.List, len(found))
		for t, e := range found {
			if e == nil {
				continue
			}
			if lists[t], err = r.layout.metas[s].List(*e, needs[0].value.([]byte)); err != nil {
				return err
			}
			needs = needs[1:]
		}
		r.lists = append(r.lists, lists)
	}
	return nil
}

// lookUp returns the dictionary's entries by segment and term.
func (r *run) lookUp(ctx context.Context) ([][]*segment.Entry, error) {
	blocks := make([][]*need, len(r.layout.metas))
	var needs []*need
	for s, meta := range r.layout.metas {
		blocks[s] = make([]*need, len(r.q.terms))
		for t, term := range r.q.terms {
			block, where, found := meta.Block(term)
			if !found {
				continue
			}
			blocks[s][t] = &need{key: r.manifest.Segments[s].Key, where: where, parse: func(data []byte) (any, int64, error) {
				entries, err := meta.ParseBlock(block, data)
				return entries, int64(8 * len(data)), err
			}}
			needs = append(needs, blocks[s][t])
		}
	}
	if err := r.x.load(ctx, needs); err != nil {
		return nil, fmt.Errorf("reading a search dictionary: %w", err)
	}
	entries := make([][]*segment.Entry, len(blocks))
	for s := range blocks {
		entries[s] = make([]*segment.Entry, len(r.q.terms))
		for t, n := range blocks[s] {
			if n != nil {
				entries[s][t] = entryOfTerm(n.value.([]segment.Entry), r.q.terms[t])
			}
		}
	}
	return entries, nil
}

func entryOfTerm(block []segment.Entry, term string) *segment.Entry {
	for i := range block {
		if block[i].Term == term {
			return &block[i]
		}
	}
	return nil
}

// weigh makes the statistics. What a row replaces in a segment, and a segment
// in an older one, still counts in them until a merge drops it.
func (r *run) weigh(rows []row) {
	count, words, passages := r.layout.count+len(r.rows), r.layout.words, r.layout.passages
	for _, row := range rows {
		for _, n := range row.unit.Lengths {
			words += uint64(n)
		}
		passages += len(row.unit.Lengths)
	}
	r.grades = newGrades(norms{average(words, count), average(words, passages)})
	r.worth, r.value = make([]float64, len(r.q.terms)), make([]float64, len(r.q.terms))
	for t, weight := range r.q.weights {
		inWholes, inPassages := r.frequency(t)
		r.worth[t] = weight * rarity(count, inWholes)
		r.value[t] = weight * rarity(passages, inPassages)
	}
}

func average(words uint64, n int) float64 { return max(1, float64(words)/float64(max(1, n))) }

// frequency returns how many conversations have a term, and how many passages.
func (r *run) frequency(term int) (wholes, passages int) {
	for s := range r.lists {
		if l := r.lists[s][term]; l != nil {
			wholes += l.Conversations()
			passages += l.Passages()
		}
	}
	for _, rows := range r.rows {
		before := passages
		for _, row := range rows {
			passages += len(row.unit.Find(r.q.terms[term]))
		}
		if passages > before {
			wholes++
		}
	}
	return wholes, passages
}
