package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"griot/internal/search/posting"
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
	entries   [][]*segment.Entry // by segment and term; nil where it is not
	lists     [][]*impacts       // the same
	tail      []tailed           // in order of their ids
	norms     norms
	worth     []float64 // of each term: its weight and its rarity among conversations
	value     []float64 // the same among passages
	whole     float64   // what the conversation as a whole counts: 1, or 0 to find memories

	bounds    [][]float32     // by segment, of conversations that are there alone
	others    []bits          // by segment: those that are not
	marked    map[place]int32 // their numbers, if the layout has none
	loners    []int           // by number behind the layout's: the place in tail
	scattered scattered

	// Of the candidate at hand:
	parts []source
	slots [][]posting.Entry // of the parts' entries
	read  []posting.Entry   // from segments
	text  gathered
}

// tailed is what the tail has of a conversation.
type tailed struct {
	id     string
	rows   []row
	found  [][][]posting.Entry // by row and term
	number int32               // among the scattered
	places []place
}

// mix is what the best passages count: alone, all of it.
func (r *run) mix() float64 {
	if r.whole == 0 {
		return 1
	}
	return passageMix
}

func (x *Index) begin(ctx context.Context, workspace string, q query, whole float64) (*run, error) {
	r := &run{x: x, workspace: workspace, q: q, whole: whole, marked: map[place]int32{}}
	rows, size, err := x.readTail(ctx, workspace, "", 0)
	if err != nil {
		return nil, err
	}
	if r.manifest, err = x.readManifest(ctx, workspace); err != nil {
		return nil, err
	}
	x.keepTail(workspace, rows, size)
	x.Cache.keep(workspace, r.manifest.things()...)
	r.group(rows)
	if r.layout, err = x.layoutOf(ctx, workspace, r.manifest.Segments); err != nil {
		return nil, err
	}
	if r.entries, err = r.lookUp(ctx); err != nil {
		return nil, err
	}
	r.weigh(rows)
	return r, r.open(ctx)
}

// end gives back what the next query can use.
func (r *run) end() {
	for i := range r.bounds {
		spare.Put(&r.bounds[i])
	}
	r.bounds = nil
}

// spare is memory of bounds: as much as a workspace has conversations, for
// each query.
var spare sync.Pool

func newBounds(n int) []float32 {
	if b, ok := spare.Get().(*[]float32); ok && cap(*b) >= n {
		clear((*b)[:n])
		return (*b)[:n]
	}
	return make([]float32, n)
}

// group finds the terms in the rows of each conversation.
func (r *run) group(rows []row) {
	terms := make([]posting.Query, len(r.q.terms))
	for t, term := range r.q.terms {
		terms[t] = posting.NewQuery(term)
	}
	slots := make([][]posting.Entry, len(rows)*len(terms))
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].conversation == rows[0].conversation {
			n++
		}
		c := tailed{id: rows[0].conversation, rows: rows[:n], found: make([][][]posting.Entry, n)}
		for i, row := range c.rows {
			c.found[i], slots = slots[:len(terms):len(terms)], slots[len(terms):]
			for t, term := range terms {
				c.found[i][t] = row.unit.Find(term)
			}
		}
		r.tail, rows = append(r.tail, c), rows[n:]
	}
}

func (r *run) tailedOf(id string) *tailed {
	i, found := slices.BinarySearchFunc(r.tail, id, func(c tailed, id string) int { return strings.Compare(c.id, id) })
	if !found {
		return nil
	}
	return &r.tail[i]
}

// open reads the lists of the terms in all segments.
func (r *run) open(ctx context.Context) error {
	var needs []*need
	n := r.norms.roundedUp()
	variant := fmt.Sprint(n)
	for s, found := range r.entries {
		for _, e := range found {
			if e != nil {
				needs = append(needs, r.impacts(s, *e, n, variant))
			}
		}
	}
	if err := r.x.load(ctx, needs); err != nil {
		return err
	}
	for _, found := range r.entries {
		lists := make([]*impacts, len(found))
		for t, e := range found {
			if e != nil {
				lists[t] = needs[0].value.(*impacts)
				needs = needs[1:]
			}
		}
		r.lists = append(r.lists, lists)
	}
	return nil
}

func (r *run) impacts(s int, e segment.Entry, n norms, variant string) *need {
	meta, lengths := r.layout.metas[s], r.layout.lengths[s]
	return &need{
		workspace: r.workspace, key: r.manifest.Segments[s].Key, where: e.Where, variant: variant,
		parse: func(data []byte) (any, int64, error) {
			list, err := meta.List(e, data)
			if err != nil {
				return nil, 0, err
			}
			l, err := readImpacts(list, lengths, n)
			if err != nil {
				return nil, 0, fmt.Errorf("reading a list of a search segment: %w", err)
			}
			return l, l.size(), nil
		},
	}
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
			key := r.manifest.Segments[s].Key
			blocks[s][t] = &need{workspace: r.workspace, key: key, where: where, parse: func(data []byte) (any, int64, error) {
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
	count, words, passages := r.layout.count+len(r.tail), r.layout.words, r.layout.passages
	for _, row := range rows {
		for _, n := range row.unit.Lengths {
			words += uint64(n)
		}
		passages += len(row.unit.Lengths)
	}
	r.norms = norms{average(words, count), average(words, passages)}
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
	for _, found := range r.entries {
		if e := found[term]; e != nil {
			wholes += e.Conversations
			passages += e.Passages
		}
	}
	for _, c := range r.tail {
		before := passages
		for _, found := range c.found {
			passages += len(found[term])
		}
		if passages > before {
			wholes++
		}
	}
	return wholes, passages
}
