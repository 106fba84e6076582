package rank

import (
	"cmp"
	"fmt"
	"slices"

	"griot/internal/search/analysis"
	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

// scored is a conversation with its score.
type scored struct {
	id       string
	score    float64
	terms    uint64         // by number, those that it has
	titled   bool           // what it is called has one
	memories []scoredMemory // those that have a term, best first
}

// scoredMemory is a memory with the score of its best passage.
type scoredMemory struct {
	id    string        // once it is known
	place segment.Place // of the conversation, in the segment that has it
	unit  uint32        // its number there
	score float64
	terms uint64
}

// scorer scores one candidate after another. What it needs for one it uses
// again for the next.
type scorer struct {
	q        *query
	b        *bounds
	byMemory bool

	read  []posting.Entry // from segments
	slots [][]posting.Entry

	// Of the conversation at hand:
	units   []unit
	lengths []uint32  // by passage
	terms   []uint64  // by passage: those that it has
	scores  []float64 // by passage
	weights [analysis.MaxTerms]uint32
	hits    []hit
	cells   []int32 // by passage and term: the number of the hit, from 1; nil if nobody asks
}

// unit is a unit of the conversation at hand, whose passages are those from
// first up to end.
type unit struct {
	scoredMemory
	own        bool   // it is the conversation's own
	phrases    uint64 // by number, those that stand in it
	within     bool   // it is of the time that the query is held to
	first, end int

	firstHit, endHit int // its terms
}

// hit is a term in a passage.
type hit struct {
	term, passage int
	weight        uint32
	positions     []byte
}

// score appends a candidate with its score to dst, or each of its memories;
// nothing if it has no term, since what had one was replaced.
func (s *scorer) score(dst []scored, c candidate) ([]scored, error) {
	s.units, s.lengths, s.terms, s.scores, s.hits = s.units[:0], s.lengths[:0], s.terms[:0], s.scores[:0], s.hits[:0]
	s.read, s.slots, s.weights = s.read[:0], s.slots[:0], [analysis.MaxTerms]uint32{}
	var id string
	if c.split == 0 {
		id = s.q.segments.Metas[c.place.Segment].ID(c.place.Conversation)
		if err := s.addPlace(c.place, nil); err != nil {
			return dst, err
		}
	} else {
		// The newest part first: a unit that it has is out of date in the others.
		tail, places := s.b.partsOf(int(c.split - 1))
		seen := map[uint64]bool{}
		if tail != nil {
			id = tail.id
			for r := tail.first; r < tail.end; r++ {
				s.addRow(r, seen)
			}
		} else {
			id = s.q.segments.Metas[places[0].Segment].ID(places[0].Conversation)
		}
		for _, p := range places {
			if err := s.addPlace(p, seen); err != nil {
				return dst, err
			}
		}
	}
	out := s.sum(id)
	switch {
	case out.score == 0:
	case !s.byMemory:
		dst = append(dst, out)
	default:
		for _, m := range out.memories {
			if m.score == 0 {
				break // it has excluded words only
			}
			dst = append(dst, scored{id: id, score: m.score, terms: m.terms, memories: []scoredMemory{m}})
		}
	}
	return dst, nil
}

func (s *scorer) addRow(r int, seen map[uint64]bool) {
	firstSlot := len(s.slots)
	for _, t := range s.q.terms {
		var list []posting.Entry
		if t.rows != nil {
			list = t.rows[r]
		}
		s.slots = append(s.slots, list)
	}
	row := &s.q.rows[r]
	seen[segment.Hash(row.Memory)] = true
	s.addUnit(unit{scoredMemory: scoredMemory{id: row.Memory}, own: row.Memory == ""}, row.Unit.Lengths, s.slots[firstSlot:], 0)
}

// addPlace adds what a segment has of the conversation, but for units that
// were seen in newer parts; seen is nil when there are none.
func (s *scorer) addPlace(place segment.Place, seen map[uint64]bool) error {
	firstSlot := len(s.slots)
	for _, list := range s.q.lists[place.Segment] {
		from := len(s.read)
		if list != nil {
			var err error
			if s.read, err = list.entries(s.read, place.Conversation); err != nil {
				return fmt.Errorf("reading a list of a search segment: %w", err)
			}
		}
		s.slots = append(s.slots, s.read[from:len(s.read):len(s.read)])
	}
	entries := s.slots[firstSlot:]
	meta := s.q.segments.Metas[place.Segment]
	lengths, base := meta.Lengths(place.Conversation), uint32(0)
	first, end := meta.UnitsOf(place.Conversation)
	for u := first; u < end; u++ {
		from, to := meta.PassagesOf(u)
		if hash := meta.HashOf(u); !seen[hash] {
			s.addUnit(unit{scoredMemory: scoredMemory{place: place, unit: u - first}, own: hash == segment.NoMemory}, lengths[base:base+to-from], entries, base)
			if seen != nil {
				seen[hash] = true
			}
		}
		base += to - from
	}
	return nil
}

// addUnit adds a unit. By term, its entries are those of passages from base on.
func (s *scorer) addUnit(u unit, lengths []uint32, entries [][]posting.Entry, base uint32) {
	u.first = len(s.lengths)
	s.lengths = append(s.lengths, lengths...)
	u.end = len(s.lengths)
	u.firstHit = len(s.hits)
	for range lengths {
		s.terms, s.scores = append(s.terms, 0), append(s.scores, 0)
	}
	for t, list := range entries {
		for len(list) > 0 && list[0].Passage < base {
			list = list[1:]
		}
		for _, e := range list {
			if e.Passage >= base+uint32(len(lengths)) {
				break
			}
			passage := u.first + int(e.Passage-base)
			s.terms[passage] |= 1 << t
			s.weights[t] += e.Weight
			s.hits = append(s.hits, hit{t, passage, e.Weight, e.Positions})
		}
	}
	u.endHit = len(s.hits)
	s.units = append(s.units, u)
}

// sum adds up the score of the conversation at hand; see the package's comment.
func (s *scorer) sum(id string) scored {
	s.cells = s.cells[:0]
	if len(s.q.pairs)+len(s.q.phrases) > 0 {
		s.cells = slices.Grow(s.cells, len(s.terms)*len(s.q.terms))[:len(s.terms)*len(s.q.terms)]
	}
	if s.q.within != 0 {
		s.keepWithin()
	}
	for i, h := range s.hits {
		if s.q.times.terms&(1<<h.term) == 0 {
			s.scores[h.passage] += s.counts(h)
		}
		if len(s.cells) > 0 {
			s.cells[h.passage*len(s.q.terms)+h.term] = int32(i + 1)
		}
	}
	s.addPairs()
	s.addTimes()
	out := scored{id: id}
	var stood uint64
	for _, u := range s.units {
		u.phrases = s.phrasesIn(u)
		stood |= u.phrases
		for p := u.first; p < u.end; p++ {
			if s.terms[p] != 0 {
				u.score = max(u.score, s.scores[p])
				u.terms |= s.terms[p] & s.q.counted
			}
		}
		out.terms |= u.terms
		out.titled = out.titled || u.own && u.terms != 0
		if u.terms&^s.q.times.raises != 0 && !u.own && s.wantsMemory(u.phrases) {
			out.memories = append(out.memories, u.scoredMemory)
		}
	}
	if out.terms&^s.q.times.raises == 0 || !s.byMemory && !s.q.wants(stood) {
		return scored{}
	}
	slices.SortStableFunc(out.memories, func(a, b scoredMemory) int { return cmp.Compare(b.score, a.score) })
	length, whole := uint32(0), 0.0
	for _, n := range s.lengths {
		length += n
	}
	norm := s.q.averages.wholeNorm(length)
	for t, idf := range s.q.wholeIDF {
		if s.weights[t] > 0 && s.q.times.terms&(1<<t) == 0 {
			whole += idf * tf(s.weights[t], norm)
		}
	}
	whole += s.wholeTimes()
	out.score = s.q.wholeShare*whole + s.q.passageShare*bestPassages(s.scores)
	return out
}

// counts returns what a term counts in a passage.
func (s *scorer) counts(h hit) float64 {
	return s.q.passageIDF[h.term] * tf(h.weight, s.q.averages.passageNorm(s.lengths[h.passage]))
}

// hitAt returns a term that stands in a passage.
func (s *scorer) hitAt(passage, term int) hit {
	return s.hits[s.cells[passage*len(s.q.terms)+term]-1]
}

// addPairs adds what pairs count in each passage in which they stand.
func (s *scorer) addPairs() {
	for _, p := range s.q.pairs {
		both := uint64(1)<<p.first | uint64(1)<<p.second
		for passage, terms := range s.terms {
			if terms&both != both {
				continue
			}
			first, second := s.hitAt(passage, p.first), s.hitAt(passage, p.second)
			if neighbours(first.positions, second.positions) {
				s.scores[passage] += neighbourShare * min(s.counts(first), s.counts(second))
			}
		}
	}
}

// phrasesIn returns the phrases of the query, by number, that stand in a unit.
func (s *scorer) phrasesIn(u unit) (set uint64) {
	for i, p := range s.q.phrases {
		for passage := u.first; passage < u.end; passage++ {
			if s.terms[passage]&p.set == p.set && p.stands(func(term int) []byte { return s.hitAt(passage, term).positions }) {
				set |= 1 << i
				break
			}
		}
	}
	return set
}

// wants reports whether what has these phrases matches.
func (q *query) wants(phrases uint64) bool {
	for i, p := range q.phrases {
		if p.excluded == (phrases&(1<<i) != 0) {
			return false
		}
	}
	return true
}

// wantsMemory reports whether a memory with these phrases is to be named.
// Searched for by itself, it has all that are required. In a conversation that
// has them, it has one.
func (s *scorer) wantsMemory(phrases uint64) bool {
	if s.byMemory {
		return s.q.wants(phrases)
	}
	return s.q.required() == 0 || phrases != 0
}
