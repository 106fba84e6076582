package search

import (
	"cmp"
	"slices"

	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

// found is a conversation with its score.
type found struct {
	id    string
	score float64
	terms uint64 // by number, those that it has
	units []unit // memories that have a term, best first
}

// unit is a memory of a conversation.
type unit struct {
	memory string // its id, once it is known
	place  place  // of the conversation that has it; see name
	number uint32 // in the conversation
	score  float64
	terms  uint64
}

// source is a part of a conversation: a row, or what a segment has of it.
type source struct {
	row     *row
	place   place
	entries [][]posting.Entry // by term; passages count from the source's first
}

// evaluate scores candidates. Their postings are read in order, once.
func (r *run) evaluate(batch []candidate) ([]found, error) {
	sources := make([][]*source, len(batch))
	var stored []*source
	for i, c := range batch {
		sources[i] = r.sources(c)
		for _, s := range sources[i] {
			if s.row == nil {
				stored = append(stored, s)
			}
		}
	}
	if err := r.read(stored); err != nil {
		return nil, err
	}
	var out []found
	for _, parts := range sources {
		if f := r.score(parts); f.score > 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

// sources are the parts of a candidate, the newest first.
func (r *run) sources(c candidate) []*source {
	if c.also == 0 {
		return []*source{{place: c.place}}
	}
	also := &r.scattered[c.also-1]
	var out []*source
	for i := range also.rows {
		row := &also.rows[i]
		s := &source{row: row, entries: make([][]posting.Entry, len(r.q.terms))}
		for t, term := range r.q.terms {
			s.entries[t] = row.unit.Find(term)
		}
		out = append(out, s)
	}
	for _, p := range also.places {
		out = append(out, &source{place: p})
	}
	return out
}

// read fills in the entries of what segments have.
func (r *run) read(stored []*source) error {
	slices.SortFunc(stored, func(a, b *source) int {
		return cmp.Or(cmp.Compare(a.place.segment, b.place.segment), cmp.Compare(a.place.conv, b.place.conv))
	})
	for _, s := range stored {
		s.entries = make([][]posting.Entry, len(r.q.terms))
	}
	for len(stored) > 0 {
		s := stored[0].place.segment
		n := 0
		for n < len(stored) && stored[n].place.segment == s {
			n++
		}
		for t, list := range r.lists[s] {
			if list == nil {
				continue
			}
			if err := readTerm(list.Cursor(), t, stored[:n]); err != nil {
				return err
			}
		}
		stored = stored[n:]
	}
	return nil
}

func readTerm(c *segment.Cursor, term int, sources []*source) error {
	for _, s := range sources {
		s.entries[term] = c.Seek(s.place.conv, nil)
	}
	return c.Err()
}

// score reckons a conversation of its parts. A unit that a newer part has,
// too, is out of date.
func (r *run) score(parts []*source) found {
	var text gathered
	seen := map[uint64]bool{}
	for _, p := range parts {
		r.gather(&text, p, seen, len(parts) > 1)
	}
	f := found{id: r.idOf(parts[0])}
	passages := r.passages(&text)
	best := 0.0
	for _, u := range text.units {
		scored := unit{memory: u.memory, place: u.place, number: u.number}
		for p := u.first; p < u.end; p++ {
			if text.terms[p] != 0 {
				scored.score = max(scored.score, passages[p])
				scored.terms |= text.terms[p]
			}
		}
		best = max(best, scored.score)
		f.terms |= scored.terms
		if scored.terms != 0 && !u.own {
			f.units = append(f.units, scored)
		}
	}
	slices.SortStableFunc(f.units, func(a, b unit) int { return cmp.Compare(b.score, a.score) })
	f.score = r.whole*r.wholeScore(&text) + passageMix*best
	return f
}

func (r *run) idOf(s *source) string {
	if s.row != nil {
		return s.row.conversation
	}
	return r.layout.metas[s.place.segment].ID(s.place.conv)
}
