package rank

import (
	"cmp"
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
	terms    []*term // by number
	segments *index.Segments
	rows     []index.Row
	tail     []tailed     // in the order of their ids
	lists    [][]*impacts // by segment and term; nil where a segment has not the term
	averages averages
	phrases  []phrase
	excluded uint64 // the terms that are excluded by themselves
	counted  uint64 // the terms that count something
	within   uint64 // the terms one of which a memory has to have
	times    times
	pairs    []pair
	// By term, its weight in the query times its idf: among conversations and
	// among passages, and these times what a conversation as a whole and its
	// passages count.
	wholeIDF, passageIDF []float64
	wholeShare           float64
	passageShare         float64
}

// term is a term that is looked for.
type term struct {
	text   string
	slot   int     // the query's word that it stands for; -1: none
	weight float64 // 0: it counts nothing, but phrases need it
	near   bool    // it is not the word's own
	inQuery
}

// inQuery is where the index has a term.
type inQuery struct {
	entries                 []*segment.Entry  // by segment; nil where a segment has not the term
	rows                    [][]posting.Entry // by row of the tail; nil if none has it
	conversations, passages int               // that have it
}

// tailed is a conversation with rows in the tail: those from first up to end.
type tailed struct {
	id         string
	first, end int
}

// open finds the terms of a query in the tail and in the segments. Of a query
// that nothing can match it returns nil.
func open(ctx context.Context, s *index.Snapshot, asked analysis.Query, byMemory bool) (*query, error) {
	q := &query{segments: s.Segments, rows: s.Tail, wholeShare: 1, passageShare: passageShare}
	if byMemory {
		q.wholeShare, q.passageShare = 0, 1
	}
	q.groupTail()
	some, err := q.choose(ctx, s.Dictionary(), asked)
	if err != nil || !some {
		return nil, err
	}
	q.takeTimes(asked.Slots)
	q.weigh()
	q.pair(asked.Slots)
	return q, q.readLists(ctx, s)
}

// groupTail groups the rows by their conversations.
func (q *query) groupTail() {
	for first := 0; first < len(q.rows); {
		end := first + 1
		for end < len(q.rows) && q.rows[end].Conversation == q.rows[first].Conversation {
			end++
		}
		q.tail = append(q.tail, tailed{q.rows[first].Conversation, first, end})
		first = end
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

// count completes where a term is, of which the segments' entries are known.
func (q *query) count(text string, entries []*segment.Entry) inQuery {
	found := inQuery{entries: entries}
	for _, e := range entries {
		if e != nil {
			found.conversations += e.Conversations
			found.passages += e.Passages
		}
	}
	wanted := posting.NewQuery(text)
	for _, c := range q.tail {
		before := found.passages
		for r := c.first; r < c.end; r++ {
			list := q.rows[r].Unit.Find(wanted)
			if list == nil {
				continue
			}
			if found.rows == nil {
				found.rows = make([][]posting.Entry, len(q.rows))
			}
			found.rows[r] = list
			found.passages += len(list)
		}
		if found.passages > before {
			found.conversations++
		}
	}
	return found
}

// choose takes the terms to look for: those of phrases, of the query's words
// the rarest that the index knows, and near terms while there is room. It
// reports whether there is anything to find.
func (q *query) choose(ctx context.Context, d *index.Dictionary, asked analysis.Query) (some bool, err error) {
	around := map[int]*around{}
	foreign, err := q.foreign(ctx, d, asked)
	if err != nil {
		return false, err
	}
	if err := q.lookAround(ctx, d, around, foreign, false); err != nil {
		return false, err
	}
	known, err := q.lookUp(ctx, d, asked)
	if err != nil {
		return false, err
	}
	for _, phrase := range asked.Required {
		for _, text := range phrase.Terms {
			if known[text].passages == 0 {
				return false, nil
			}
		}
	}
	numbers := map[string]int{}
	if !q.takeWithin(known, numbers, asked.Within) {
		return false, nil
	}
	q.takePhrases(known, numbers, asked)
	q.takeWords(known, numbers, asked.Slots)
	if err := q.takeNear(ctx, d, around, known, asked.Slots); err != nil {
		return false, err
	}
	return slices.ContainsFunc(q.terms, func(t *term) bool { return t.weight > 0 }), nil
}

// lookUp finds the terms of a query in the index.
func (q *query) lookUp(ctx context.Context, d *index.Dictionary, asked analysis.Query) (map[string]inQuery, error) {
	texts := slices.Concat(asked.Texts(), asked.Within)
	for _, phrase := range slices.Concat(asked.Required, asked.Excluded) {
		texts = append(texts, phrase.Terms...)
	}
	known := make(map[string]inQuery, len(texts))
	texts = slices.DeleteFunc(texts, func(text string) bool {
		_, again := known[text]
		known[text] = inQuery{}
		return again
	})
	found, err := d.Find(ctx, texts)
	if err != nil {
		return nil, err
	}
	for t, text := range texts {
		known[text] = q.count(text, found[t])
	}
	return known, nil
}

// take adds a term and returns its number.
func (q *query) take(t term) int {
	q.terms = append(q.terms, &t)
	return len(q.terms) - 1
}

// full reports whether no more terms can be looked for.
func (q *query) full() bool { return len(q.terms) == analysis.MaxTerms }

// takeWords takes the query's words that the index knows, the rarest first.
func (q *query) takeWords(known map[string]inQuery, numbers map[string]int, slots []analysis.Slot) {
	type wanted struct {
		slot int
		term analysis.Term
		inQuery
	}
	var all []wanted
	for i, slot := range slots {
		for _, t := range slot.Terms {
			if found := known[t.Text]; found.passages > 0 {
				all = append(all, wanted{i, t, found})
			}
		}
	}
	if len(all)+len(q.terms) > analysis.MaxTerms {
		slices.SortStableFunc(all, func(a, b wanted) int { return cmp.Compare(a.conversations, b.conversations) })
		all = all[:min(len(all), analysis.MaxTerms)]
		slices.SortStableFunc(all, func(a, b wanted) int { return cmp.Compare(a.slot, b.slot) })
	}
	for _, w := range all {
		if n, again := numbers[w.term.Text]; again {
			if t := q.terms[n]; t.weight == 0 { // of a phrase
				t.slot, t.weight = w.slot, w.term.Weight
			}
			continue
		}
		if q.full() {
			return
		}
		numbers[w.term.Text] = q.take(term{text: w.term.Text, slot: w.slot, weight: w.term.Weight, inQuery: w.inQuery})
	}
}

// weigh makes the statistics. What a row replaces in a segment, and a segment
// in an older one, still counts in them until a merge drops it. Terms that stand
// for one word count as often as they all are there together: a form that is
// rare, since it is misspelt or hardly used, is not worth more for that. So do
// the days of a week.
func (q *query) weigh() {
	conversations, words, passages := q.segments.Conversations+len(q.tail), q.segments.Words, q.segments.Passages
	for _, row := range q.rows {
		for _, n := range row.Unit.Lengths {
			words += uint64(n)
		}
		passages += len(row.Unit.Lengths)
	}
	average := func(n int) float64 { return max(1, float64(words)/float64(max(1, n))) }
	q.averages = averages{average(conversations), average(passages)}
	together := map[int]inQuery{}
	for _, t := range q.terms {
		sum := together[t.slot]
		sum.conversations += t.conversations
		sum.passages += t.passages
		together[t.slot] = sum
	}
	for n, t := range q.terms {
		if t.weight > 0 {
			q.counted |= 1 << n
		}
		of := t.inQuery
		if t.slot >= 0 {
			of = together[t.slot]
		}
		q.wholeIDF = append(q.wholeIDF, t.weight*idf(conversations, min(conversations, of.conversations)))
		q.passageIDF = append(q.passageIDF, t.weight*idf(passages, min(passages, of.passages)))
	}
}

// readLists reads the postings of the terms in all segments.
func (q *query) readLists(ctx context.Context, s *index.Snapshot) error {
	var parts []*index.Part
	a := q.averages.roundedUp()
	variant := fmt.Sprint(a)
	for i, meta := range q.segments.Metas {
		lengths := q.segments.Lengths[i]
		for _, t := range q.terms {
			e := t.entries[i]
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
	for i := range q.segments.Metas {
		lists := make([]*impacts, len(q.terms))
		for t := range q.terms {
			if q.terms[t].entries[i] != nil {
				lists[t], parts = parts[0].Value.(*impacts), parts[1:]
			}
		}
		q.lists = append(q.lists, lists)
	}
	return nil
}
