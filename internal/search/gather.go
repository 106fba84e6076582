package search

import (
	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

// gathered is what counts of a conversation: its units, one behind another,
// and what they have of the query.
type gathered struct {
	units   []extent
	lengths []uint32
	terms   []uint64  // by passage, the terms that it has
	scores  []float64 // by passage
	found   []occurrenceOf
	weights [maxTerms]uint32
}

func (g *gathered) reset() {
	g.units, g.lengths, g.terms, g.scores, g.found = g.units[:0], g.lengths[:0], g.terms[:0], g.scores[:0], g.found[:0]
	clear(g.weights[:])
}

// extent is a unit's passages.
type extent struct {
	memory     string // of rows
	place      place
	number     uint32
	own        bool // it is the conversation's own unit
	first, end int
}

// occurrenceOf is a term in a passage.
type occurrenceOf struct {
	term, passage int
	weight        uint32
}

var ownHash = segment.Hash("")

// gather adds a part of a conversation, without the units that were seen
// before; seen is nil if there is only one part.
func (r *run) gather(g *gathered, s source, seen map[uint64]bool) {
	if s.row != nil {
		if seen != nil {
			seen[segment.Hash(s.row.memory)] = true
		}
		g.add(extent{memory: s.row.memory, own: s.row.memory == ""}, s.row.unit.Lengths, s.entries, 0)
		return
	}
	meta := r.layout.metas[s.place.Segment]
	lengths, base := meta.Lengths(s.place.Conversation), uint32(0)
	first, end := meta.UnitsOf(s.place.Conversation)
	for u := first; u < end; u++ {
		from, to := meta.PassagesOf(u)
		hash := meta.HashOf(u)
		if !seen[hash] {
			g.add(extent{place: s.place, number: u - first, own: hash == ownHash}, lengths[base:base+to-from], s.entries, base)
		}
		if base += to - from; seen != nil {
			seen[hash] = true
		}
	}
}

// add appends a unit whose entries are those of passages from base on.
func (g *gathered) add(u extent, lengths []uint32, entries [][]posting.Entry, base uint32) {
	u.first = len(g.lengths)
	g.lengths = append(g.lengths, lengths...)
	u.end = len(g.lengths)
	g.units = append(g.units, u)
	for range lengths {
		g.terms, g.scores = append(g.terms, 0), append(g.scores, 0)
	}
	for t, list := range entries {
		for _, e := range within(list, base, base+uint32(len(lengths))) {
			passage := u.first + int(e.Passage-base)
			g.terms[passage] |= 1 << t
			g.weights[t] += e.Weight
			g.found = append(g.found, occurrenceOf{t, passage, e.Weight})
		}
	}
}

// within returns the entries of the passages from one up to another.
func within(entries []posting.Entry, from, to uint32) []posting.Entry {
	for len(entries) > 0 && entries[0].Passage < from {
		entries = entries[1:]
	}
	n := 0
	for n < len(entries) && entries[n].Passage < to {
		n++
	}
	return entries[:n]
}

// wholeScore is that of the conversation as one text.
func (r *run) wholeScore(g *gathered) float64 {
	length := uint32(0)
	for _, n := range g.lengths {
		length += n
	}
	score := 0.0
	for t, worth := range r.worth {
		if g.weights[t] > 0 {
			score += worth * saturated(g.weights[t], r.norms.ofWhole(length))
		}
	}
	return score
}

// passages scores each passage by itself.
func (r *run) passages(g *gathered) {
	for _, o := range g.found {
		g.scores[o.passage] += r.value[o.term] * saturated(o.weight, r.norms.ofPassage(g.lengths[o.passage]))
	}
}
