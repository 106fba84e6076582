package rank

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"griot/internal/search/index"
	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

// bounds are upper bounds of the scores of all conversations: one number for
// each that stands in one segment alone, and one for each that is split, that
// is, stands in several segments, or in the tail.
type bounds struct {
	q     *query
	alone [][]float32 // by segment and conversation; 0 for those that are split
	split splitBounds

	// Split conversations are numbered: first those of several segments, as
	// index.Segments does, then the others of the tail.
	marks      []index.Bits            // by segment: which conversations are split
	marked     map[segment.Place]int32 // the numbers of those that only the tail splits
	onlyTail   []int                   // by number, from the first that only the tail splits: the place in q.tail
	inTail     []int32                 // by place in q.tail: the number
	tailPlaces [][]segment.Place       // by place in q.tail: where segments have it
}

// newBounds computes the bounds, term by term.
func newBounds(q *query) *bounds {
	b := &bounds{q: q, marked: map[segment.Place]int32{}}
	b.numberSplit()
	for _, meta := range q.segments.Metas {
		b.alone = append(b.alone, zeroed(meta.Conversations()))
	}
	for t := range q.terms {
		if q.times.terms&(1<<t) != 0 {
			continue
		}
		wholeIDF, passageIDF := q.mostOf(t)
		wholeScale, passageScale := newScale(wholeIDF), newScale(passageIDF)
		for s := range b.alone {
			if list := q.lists[s][t]; list != nil {
				b.addList(s, list, wholeScale, passageScale)
			}
		}
		if rows := q.terms[t].rows; rows != nil {
			b.addRows(rows)
		}
		b.split.endTerm(wholeIDF, passageIDF, q.averages)
	}
	b.addTimes()
	b.leaveOut()
	return b
}

// mostOf returns what a term counts at most for each 1 of its tf, in a
// conversation as a whole and in its passages.
func (q *query) mostOf(t int) (whole, passage float64) {
	return q.wholeIDF[t] * q.wholeShare, q.passageIDF[t] * q.passageShare * (1 + neighbourShare*float64(q.pairsOf(t)))
}

// addRows adds what the tail has of the term at hand.
func (b *bounds) addRows(rows [][]posting.Entry) {
	for i, c := range b.q.tail {
		for r := c.first; r < c.end; r++ {
			for _, e := range rows[r] {
				norm := b.q.averages.passageNorm(b.q.rows[r].Unit.Lengths[e.Passage])
				b.split.add(b.inTail[i], e.Weight, float32(tf(e.Weight, norm)))
			}
		}
	}
}

// leaveOut takes out what stands in one segment alone and has not all terms
// that are required, or none of the times that the query is held to, or has a
// term that is excluded. What is split is found out when it is scored.
func (b *bounds) leaveOut() {
	required := b.q.required()
	if required == 0 && b.q.excluded == 0 && b.q.within == 0 {
		return
	}
	for s, bounds := range b.alone {
		b.keepWithin(s, bounds)
		lacking := make([]uint8, len(bounds))
		for t := range b.q.terms {
			list := b.q.lists[s][t]
			switch {
			case required&(1<<t) != 0:
				if list != nil {
					for _, conv := range list.conversations {
						lacking[conv]++
					}
				}
			case b.q.excluded&(1<<t) != 0 && b.q.wholeShare > 0 && b.q.within == 0 && list != nil:
				for _, conv := range list.conversations {
					bounds[conv] = 0
				}
			}
		}
		for conv, has := range lacking {
			if int(has) < bits.OnesCount64(required) {
				bounds[conv] = 0
			}
		}
	}
}

// keepWithin takes out what a segment has of no time that the query is held to.
func (b *bounds) keepWithin(s int, bounds []float32) {
	if b.q.within == 0 {
		return
	}
	kept := index.NewBits(len(bounds))
	for t := range b.q.terms {
		if list := b.q.lists[s][t]; list != nil && b.q.within&(1<<t) != 0 {
			for _, conv := range list.conversations {
				kept.Set(conv)
			}
		}
	}
	for conv := range bounds {
		if !kept.Has(uint32(conv)) {
			bounds[conv] = 0
		}
	}
}

// numberSplit numbers the split conversations and marks them in each segment.
// Rows of the tail may replace the longest units, so what has rows may be as
// short as can be.
func (b *bounds) numberSplit() {
	segments := b.q.segments
	lengths := slices.Clone(segments.SplitLengths)
	b.marks = slices.Clone(segments.Split)
	copied := make([]bool, len(b.marks)) // the segments' own are shared by all queries
	b.inTail, b.tailPlaces = make([]int32, len(b.q.tail)), make([][]segment.Place, len(b.q.tail))
	for i, c := range b.q.tail {
		places := segments.Places(c.id)
		b.tailPlaces[i] = places
		if len(places) > 1 {
			b.inTail[i] = segments.SplitNumbers[places[0].Segment][places[0].Conversation] - 1
			lengths[b.inTail[i]] = 0
			continue
		}
		b.inTail[i] = int32(len(lengths))
		lengths = append(lengths, 0)
		b.onlyTail = append(b.onlyTail, i)
		for _, p := range places {
			if !copied[p.Segment] {
				marks := index.NewBits(segments.Metas[p.Segment].Conversations())
				copy(marks, b.marks[p.Segment])
				b.marks[p.Segment], copied[p.Segment] = marks, true
			}
			b.marks[p.Segment].Set(p.Conversation)
			b.marked[p] = b.inTail[i]
		}
	}
	b.split = newSplitBounds(lengths)
}

// addList adds a term to the bounds of the conversations that stand in this
// segment alone, and to what split ones have of it.
func (b *bounds) addList(s int, list *impacts, whole, passage *scale) {
	alone, marks := b.alone[s], b.marks[s]
	for i, conv := range list.conversations {
		if marks == nil || !marks.Has(conv) {
			alone[conv] += whole[list.whole[i]] + passage[list.passages[i]]
			continue
		}
		b.split.add(b.splitAt(s, conv), uint32(list.weights[i]), float32(list.passages[i])/quantum)
	}
}

// splitAt returns the number of a split conversation that a segment has.
func (b *bounds) splitAt(s int, conv uint32) int32 {
	if numbers := b.q.segments.SplitNumbers[s]; numbers != nil && numbers[conv] > 0 {
		return numbers[conv] - 1
	}
	return b.marked[segment.Place{Segment: uint32(s), Conversation: conv}]
}

// partsOf returns where a split conversation stands: in the tail, in segments,
// or both.
func (b *bounds) partsOf(n int) (tail *tailed, places []segment.Place) {
	if several := len(b.q.segments.SplitPlaces); n >= several {
		i := b.onlyTail[n-several]
		return &b.q.tail[i], b.tailPlaces[i]
	}
	places = b.q.segments.SplitPlaces[n]
	return b.q.tailOf(b.q.segments.Metas[places[0].Segment].ID(places[0].Conversation)), places
}

// release gives back what the next query can use.
func (b *bounds) release() {
	for i := range b.alone {
		spare.Put(&b.alone[i])
	}
	b.alone = nil
}

// spare is memory of bounds: for each query, as much as a workspace has
// conversations.
var spare sync.Pool

func zeroed(n int) []float32 {
	if b, ok := spare.Get().(*[]float32); ok && cap(*b) >= n {
		clear((*b)[:n])
		return (*b)[:n]
	}
	return make([]float32, n)
}

// splitBounds are the bounds of split conversations. They may have units that
// replace others, so what is added up here, replaced or not, is the most there
// can be.
type splitBounds struct {
	bounds  []float32
	lengths []uint32 // no conversation is shorter
	// Of the term at hand:
	weight []uint32  // in all places
	best   []float32 // the most that the passages of one place count
	sum    []float32 // what those of all places count
	having []int32   // the conversations that have it
}

func newSplitBounds(lengths []uint32) splitBounds {
	n := len(lengths)
	return splitBounds{
		bounds: make([]float32, n), lengths: lengths,
		weight: make([]uint32, n), best: make([]float32, n), sum: make([]float32, n),
	}
}

// add takes in what one place of a conversation has of the term at hand.
func (s *splitBounds) add(n int32, weight uint32, passages float32) {
	if s.weight[n] == 0 {
		s.having = append(s.having, n)
	}
	s.weight[n] += weight
	s.best[n] = max(s.best[n], passages)
	s.sum[n] += passages
}

// endTerm adds the term at hand to the bounds.
func (s *splitBounds) endTerm(wholeIDF, passageIDF float64, a averages) {
	for _, n := range s.having {
		weight := s.weight[n]
		if weight >= maxWeight { // it may have been capped
			weight = math.MaxInt32
		}
		whole := tf(weight, a.wholeNorm(s.lengths[n]))
		passages := min(s.sum[n], s.best[n]*float32(maxShareSum))
		s.bounds[n] += float32(wholeIDF*whole) + float32(passageIDF)*passages
		s.weight[n], s.best[n], s.sum[n] = 0, 0, 0
	}
	s.having = s.having[:0]
}

// impacts is the list of a term in a segment, made ready for many queries: for
// each conversation, upper bounds of what the term counts in it, and where its
// entries are. Bounds are of tf, without the idf, which differs from query to
// query. They are rounded up to a byte: a query goes through 100,000
// conversations in a fraction of a millisecond.
type impacts struct {
	list          *segment.List
	conversations []uint32
	at            []uint32 // where the entries of each begin, and one more
	weights       []uint8  // capped at maxWeight
	whole         []uint8  // quantised tf in the conversation as one text
	passages      []uint8  // quantised bestPassages of the tf in its passages
}

const (
	// quantum is the steps of 1; the greatest bound, (k1+1)*maxShareSum, is 231.
	quantum   = 60
	maxWeight = math.MaxUint8
)

func quantised(bound float64) uint8 { return uint8(math.Ceil(bound * quantum)) }

// readImpacts reads a list. Lengths are those of the segment's conversations;
// the averages are not less than those of any query that asks.
func readImpacts(list *segment.List, lengths []uint32, a averages) (*impacts, error) {
	count := list.Conversations()
	l := &impacts{list: list, conversations: make([]uint32, 0, count), at: make([]uint32, 0, count+1)}
	l.weights, l.whole, l.passages = make([]uint8, 0, count), make([]uint8, 0, count), make([]uint8, 0, count)
	err := list.Items(func(item segment.Item, at uint32) {
		l.conversations, l.at = append(l.conversations, item.Conversation), append(l.at, at)
		l.weights = append(l.weights, uint8(min(item.Weight, maxWeight)))
		whole := tf(item.Weight, a.wholeNorm(lengths[item.Conversation]))
		passage := tf(item.Most, a.passageNorm(item.Shortest))
		l.whole, l.passages = append(l.whole, quantised(whole)), append(l.passages, quantised(passage*shareSum(item.Passages)))
	})
	l.at = append(l.at, list.End())
	return l, err
}

func (l *impacts) size() int64 { return int64(11*len(l.conversations)) + l.list.Size() }

// entries appends those of a conversation to dst; none when it has not the
// term.
func (l *impacts) entries(dst []posting.Entry, conv uint32) ([]posting.Entry, error) {
	if i, found := slices.BinarySearch(l.conversations, conv); found {
		return l.list.Entries(dst, conv, l.at[i], l.at[i+1])
	}
	return dst, nil
}

// scale is what each quantised bound is worth.
type scale [math.MaxUint8 + 1]float32

// newScale returns the scale of a term with an idf.
func newScale(idf float64) *scale {
	var s scale
	for i := range s {
		s[i] = float32(idf * float64(i) / quantum)
	}
	return &s
}
