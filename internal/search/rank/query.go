package rank

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

// query is what is looked for, and what bounds and scores of it are made of.
type query struct {
	terms    []string
	segments *index.Segments
	tail     []tailed     // in the order of their ids
	lists    [][]*impacts // by segment and term; nil where a segment has not the term
	averages averages
	// By term, its weight in the query times its idf: among conversations and
	// among passages, and these times what a conversation as a whole and its
	// passages count.
	wholeIDF, passageIDF []float64
	wholeShare           float64
	passageShare         float64
}

// tailed is a conversation with rows in the tail.
type tailed struct {
	id      string
	rows    []index.Row
	entries [][][]posting.Entry // by row and term
}

// open finds the terms of a query in the tail and in the segments.
func open(ctx context.Context, s *index.Snapshot, terms analysis.Query, byMemory bool) (*query, error) {
	q := &query{terms: terms.Terms, segments: s.Segments, wholeShare: 1, passageShare: passageShare}
	if byMemory {
		q.wholeShare, q.passageShare = 0, 1
	}
	q.findInTail(s.Tail)
	found, err := s.Dictionary(ctx, q.terms)
	if err != nil {
		return nil, err
	}
	q.weigh(terms.Weights, s.Tail, found)
	return q, q.readLists(ctx, s, found)
}

// findInTail groups rows by their conversations and finds the terms in each.
func (q *query) findInTail(rows []index.Row) {
	terms := make([]posting.Query, len(q.terms))
	for t, term := range q.terms {
		terms[t] = posting.NewQuery(term)
	}
	slots := make([][]posting.Entry, len(rows)*len(terms))
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Conversation == rows[0].Conversation {
			n++
		}
		c := tailed{id: rows[0].Conversation, rows: rows[:n], entries: make([][][]posting.Entry, n)}
		for i, row := range c.rows {
			c.entries[i], slots = slots[:len(terms):len(terms)], slots[len(terms):]
			for t, term := range terms {
				c.entries[i][t] = row.Unit.Find(term)
			}
		}
		q.tail, rows = append(q.tail, c), rows[n:]
	}
}

// tailOf returns what the tail has of a conversation, or nil.
func (q *query) tailOf(id string) *tailed {
	i, found := slices.BinarySearchFunc(q.tail, id, func(c tailed, id string) int { return strings.Compare(c.id, id) })
	if !found {
		return nil
	}
	return &q.tail[i]
}

// weigh makes the statistics. What a row replaces in a segment, and a segment
// in an older one, still counts in them until a merge drops it.
func (q *query) weigh(weights []float64, rows []index.Row, found [][]*segment.Entry) {
	conversations, words, passages := q.segments.Conversations+len(q.tail), q.segments.Words, q.segments.Passages
	for _, row := range rows {
		for _, n := range row.Unit.Lengths {
			words += uint64(n)
		}
		passages += len(row.Unit.Lengths)
	}
	average := func(n int) float64 { return max(1, float64(words)/float64(max(1, n))) }
	q.averages = averages{average(conversations), average(passages)}
	q.wholeIDF, q.passageIDF = make([]float64, len(q.terms)), make([]float64, len(q.terms))
	for t, weight := range weights {
		inConversations, inPassages := 0, 0
		for _, entries := range found {
			if e := entries[t]; e != nil {
				inConversations += e.Conversations
				inPassages += e.Passages
			}
		}
		for _, c := range q.tail {
			before := inPassages
			for _, entries := range c.entries {
				inPassages += len(entries[t])
			}
			if inPassages > before {
				inConversations++
			}
		}
		q.wholeIDF[t] = weight * idf(conversations, inConversations)
		q.passageIDF[t] = weight * idf(passages, inPassages)
	}
}

// readLists reads the postings of the terms in all segments.
func (q *query) readLists(ctx context.Context, s *index.Snapshot, found [][]*segment.Entry) error {
	var parts []*index.Part
	a := q.averages.roundedUp()
	variant := fmt.Sprint(a)
	for i, entries := range found {
		meta, lengths := q.segments.Metas[i], q.segments.Lengths[i]
		for _, e := range entries {
			if e == nil {
				continue
			}
			parts = append(parts, &index.Part{Segment: i, Where: e.Where, Variant: variant, Parse: func(data []byte) (any, int64, error) {
				list, err := meta.List(*e, data)
				if err != nil {
					return nil, 0, err
				}
				l, err := readImpacts(list, lengths, a)
				if err != nil {
					return nil, 0, fmt.Errorf("reading a list of a search segment: %w", err)
				}
				return l, l.size(), nil
			}})
		}
	}
	if err := s.Load(ctx, parts); err != nil {
		return err
	}
	for _, entries := range found {
		lists := make([]*impacts, len(entries))
		for t, e := range entries {
			if e != nil {
				lists[t], parts = parts[0].Value.(*impacts), parts[1:]
			}
		}
		q.lists = append(q.lists, lists)
	}
	return nil
}
