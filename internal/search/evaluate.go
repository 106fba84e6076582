package search

import (
	"cmp"
	"fmt"
	"slices"

	"griot/internal/search/posting"
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

// evaluate scores candidates.
func (r *run) evaluate(batch []candidate) ([]found, error) {
	out := make([]found, 0, len(batch))
	for _, c := range batch {
		parts, err := r.sources(c)
		if err != nil {
			return nil, err
		}
		if f := r.score(parts); f.score > 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

// sources are the parts of a candidate, the newest first. They last until
// those of the next one are asked for.
func (r *run) sources(c candidate) ([]source, error) {
	r.parts, r.read, r.slots = r.parts[:0], r.read[:0], r.slots[:0]
	if c.also == 0 {
		err := r.addStored(c.place)
		return r.parts, err
	}
	tail, stored := r.partsOf(int(c.also - 1))
	if tail != nil {
		for i := range tail.rows {
			r.parts = append(r.parts, source{row: &tail.rows[i], entries: tail.found[i]})
		}
	}
	for _, p := range stored {
		if err := r.addStored(p); err != nil {
			return nil, err
		}
	}
	return r.parts, nil
}

// addStored adds what a segment has of a conversation.
func (r *run) addStored(p place) error {
	first := len(r.slots)
	for _, list := range r.lists[p.Segment] {
		from := len(r.read)
		if list != nil {
			var err error
			if r.read, err = list.entries(r.read, p.Conversation); err != nil {
				return fmt.Errorf("reading a list of a search segment: %w", err)
			}
		}
		r.slots = append(r.slots, r.read[from:len(r.read):len(r.read)])
	}
	r.parts = append(r.parts, source{place: p, entries: r.slots[first:len(r.slots):len(r.slots)]})
	return nil
}

// score reckons a conversation of its parts. A unit that a newer part has,
// too, is out of date.
func (r *run) score(parts []source) found {
	text := &r.text
	text.reset()
	var seen map[uint64]bool
	if len(parts) > 1 {
		seen = map[uint64]bool{}
	}
	for _, p := range parts {
		r.gather(text, p, seen)
	}
	f := found{id: r.idOf(parts[0])}
	r.passages(text)
	for _, u := range text.units {
		scored := unit{memory: u.memory, place: u.place, number: u.number}
		for p := u.first; p < u.end; p++ {
			if text.terms[p] != 0 {
				scored.score = max(scored.score, text.scores[p])
				scored.terms |= text.terms[p]
			}
		}
		f.terms |= scored.terms
		if scored.terms != 0 && !u.own {
			f.units = append(f.units, scored)
		}
	}
	slices.SortStableFunc(f.units, func(a, b unit) int { return cmp.Compare(b.score, a.score) })
	f.score = r.whole*r.wholeScore(text) + r.mix()*together(text.scores)
	return f
}

func (r *run) idOf(s source) string {
	if s.row != nil {
		return s.row.conversation
	}
	return r.layout.metas[s.place.Segment].ID(s.place.Conversation)
}
