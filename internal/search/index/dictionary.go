package index

import (
	"context"
	"fmt"
	"sort"
	"unicode/utf8"

	"griot/internal/search/segment"
)

// Dictionary is the terms of all segments, as far as one query reads them:
// what it has read of a segment it does not read again.
type Dictionary struct {
	s    *Snapshot
	read [][]*stretch // by segment
}

// stretch is neighbouring blocks of a segment's dictionary: those from first
// up to end, and no more.
type stretch struct {
	segment, first, end int
	part                *Part
}

func (t *stretch) entries() []segment.Entry {
	entries, _ := t.part.Value.([]segment.Entry) // nil of an empty dictionary
	return entries
}

// Dictionary returns the terms of the segments; nothing is read of it yet.
func (s *Snapshot) Dictionary() *Dictionary {
	return &Dictionary{s: s, read: make([][]*stretch, len(s.Segments.Metas))}
}

// Find returns the entries of terms by term and segment; nil where a segment
// has not the term. For each it reads a block of each segment.
func (d *Dictionary) Find(ctx context.Context, terms []string) ([][]*segment.Entry, error) {
	var missing []*Part
	for i, meta := range d.s.Segments.Metas {
		for _, term := range terms {
			if block := blockOf(meta, term); block >= 0 {
				missing = d.want(missing, whole(stretch{segment: i, first: block, end: block + 1}, meta))
			}
		}
	}
	if err := d.load(ctx, missing); err != nil {
		return nil, err
	}
	found := make([][]*segment.Entry, len(terms))
	for t, term := range terms {
		found[t] = make([]*segment.Entry, len(d.s.Segments.Metas))
		for i, meta := range d.s.Segments.Metas {
			block := blockOf(meta, term)
			if block < 0 {
				continue
			}
			entries := d.covering(stretch{segment: i, first: block, end: block + 1}).entries()
			e := sort.Search(len(entries), func(e int) bool { return entries[e].Term >= term })
			if e < len(entries) && entries[e].Term == term {
				found[t][i] = &entries[e]
			}
		}
	}
	return found, nil
}

// Beginning is terms that begin like a word: with as many of its bytes as
// Least says, or with more of its letters where a segment has too many such
// terms for Most blocks. If it has that with the whole word, too, only the
// first blocks count.
type Beginning struct {
	Word  string
	Least int
	Most  int
}

// wholeBlocks is how many blocks a segment's dictionary has, at most, that is
// read whole for any term in it: 2,048 terms, some 32 KB.
const wholeBlocks = 32

// Beginnings returns entries by beginning and segment: those of the terms that
// begin so, and some around them. For each it reads one range of each segment.
func (d *Dictionary) Beginnings(ctx context.Context, wanted []Beginning) ([][][]segment.Entry, error) {
	var missing []*Part
	for _, b := range wanted {
		for i, meta := range d.s.Segments.Metas {
			missing = d.want(missing, b.in(i, meta))
		}
	}
	if err := d.load(ctx, missing); err != nil {
		return nil, err
	}
	out := make([][][]segment.Entry, len(wanted))
	for w, b := range wanted {
		for i, meta := range d.s.Segments.Metas {
			out[w] = append(out[w], d.covering(b.in(i, meta)).entries())
		}
	}
	return out, nil
}

// in returns the blocks of a segment that have the terms of a beginning.
func (b Beginning) in(i int, meta *segment.Meta) stretch {
	if meta.Blocks() <= wholeBlocks {
		return whole(stretch{segment: i}, meta)
	}
	for length := b.Least; ; {
		prefix := b.Word[:length]
		found := stretch{segment: i, first: max(0, blockOf(meta, prefix)), end: blockOf(meta, prefix+"\xff") + 1} // no text has the byte FF
		found.end = max(found.end, found.first+1)
		if found.end-found.first <= b.Most {
			return found
		}
		if length == len(b.Word) {
			found.end = found.first + b.Most
			return found
		}
		_, size := utf8.DecodeRuneInString(b.Word[length:])
		length += size
	}
}

// whole returns all blocks of a small dictionary in place of some.
func whole(s stretch, meta *segment.Meta) stretch {
	if n := meta.Blocks(); n <= wholeBlocks {
		s.first, s.end = 0, n
	}
	return s
}

// blockOf returns the block that has a term, if any has; -1 for what is before
// all terms.
func blockOf(meta *segment.Meta, term string) int {
	block, _, found := meta.Block(term)
	if !found {
		return -1
	}
	return block
}

// covering returns what was read that has these blocks, or nil.
func (d *Dictionary) covering(s stretch) *stretch {
	for _, t := range d.read[s.segment] {
		if t.first <= s.first && s.end <= t.end {
			return t
		}
	}
	return nil
}

// want adds to missing what is to be read for some blocks.
func (d *Dictionary) want(missing []*Part, s stretch) []*Part {
	if d.covering(s) != nil {
		return missing
	}
	meta := d.s.Segments.Metas[s.segment]
	s.part = &Part{Segment: s.segment, Parse: func(data []byte) (any, int64, error) {
		entries, err := meta.ParseBlocks(s.first, s.end, data)
		return entries, int64(8 * len(data)), err
	}}
	if s.end > s.first {
		s.part.Where = meta.BlocksAt(s.first, s.end)
	}
	if s.end > s.first+1 {
		s.part.Variant = fmt.Sprint("blocks ", s.end-s.first)
	}
	d.read[s.segment] = append(d.read[s.segment], &s)
	return append(missing, s.part)
}

func (d *Dictionary) load(ctx context.Context, parts []*Part) error {
	if err := d.s.Load(ctx, parts); err != nil {
		return fmt.Errorf("reading a search dictionary: %w", err)
	}
	return nil
}

// FirstLetters returns letters that terms begin with, as far as the beginnings
// of blocks tell, and most at most.
func (d *Dictionary) FirstLetters(most int) []rune {
	var out []rune
	seen := map[rune]bool{}
	for _, meta := range d.s.Segments.Metas {
		for i := range meta.Blocks() {
			r, _ := utf8.DecodeRuneInString(meta.FirstOf(i))
			if !seen[r] && len(out) < most {
				seen[r] = true
				out = append(out, r)
			}
		}
	}
	return out
}
