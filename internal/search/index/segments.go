package index

import (
	"context"
	"slices"
	"strings"

	"griot/internal/search/segment"
)

// Segments is what queries know of all segments of a manifest together.
// Segments are numbered from the oldest, conversations within each.
type Segments struct {
	Metas   []*segment.Meta
	Lengths [][]uint32 // by segment and conversation: the sum of its passages'

	// Statistics of all, in which a conversation counts once in each segment
	// that has it.
	Conversations, Passages int
	Words                   uint64

	// Conversations that stand in more than one segment are split. They have
	// numbers of their own.
	Split        []Bits            // by segment: which conversations are split; nil: none
	SplitNumbers [][]int32         // by segment and conversation: their numbers, from 1; nil: none
	SplitPlaces  [][]segment.Place // by number: where they stand, the newest segment first
	SplitLengths []uint32          // by number: their lengths, each unit as its newest segment has it
}

// Bits is a set of small numbers.
type Bits []uint64

// NewBits returns an empty set of numbers below n.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// Set adds a number.
func (b Bits) Set(i uint32) { b[i/64] |= 1 << (i % 64) }

// Has reports whether a number is in the set.
func (b Bits) Has(i uint32) bool { return b[i/64]&(1<<(i%64)) != 0 }

// readSegments returns the Segments of a manifest, as a rule from the cache.
func readSegments(ctx context.Context, o objects, refs []ref) (*Segments, error) {
	key := cacheKey{o.workspace, segmentsObject(refs), ""}
	if s, found := o.cache.get(key); found {
		return s.(*Segments), nil
	}
	metas, err := o.metas(ctx, refs)
	if err != nil {
		return nil, err
	}
	s := newSegments(metas)
	o.cache.put(key, s, int64(200+9*s.Conversations+52*len(s.SplitPlaces)))
	return s, nil
}

// segmentsObject is what the cache calls the Segments of a manifest.
func segmentsObject(refs []ref) string {
	var name strings.Builder
	for _, r := range refs {
		name.WriteString(r.Key + "+")
	}
	return name.String()
}

func newSegments(metas []*segment.Meta) *Segments {
	s := &Segments{Metas: metas, Split: make([]Bits, len(metas)), SplitNumbers: make([][]int32, len(metas))}
	for _, m := range metas {
		lengths := make([]uint32, m.Conversations())
		for conv := range lengths {
			for _, n := range m.Lengths(uint32(conv)) {
				lengths[conv] += n
			}
			s.Words += uint64(lengths[conv])
		}
		s.Lengths = append(s.Lengths, lengths)
		s.Conversations += len(lengths)
		s.Passages += m.Passages()
	}
	for _, places := range segment.Union(metas) {
		if len(places) > 1 {
			places = slices.Clone(places)
			slices.Reverse(places)
			s.addSplit(places)
		}
	}
	return s
}

// addSplit numbers a conversation of several segments, the newest first.
func (s *Segments) addSplit(places []segment.Place) {
	s.SplitPlaces = append(s.SplitPlaces, places)
	length, seen := uint32(0), map[uint64]bool{}
	for _, p := range places {
		m := s.Metas[p.Segment]
		if s.Split[p.Segment] == nil {
			s.Split[p.Segment], s.SplitNumbers[p.Segment] = NewBits(m.Conversations()), make([]int32, m.Conversations())
		}
		s.Split[p.Segment].Set(p.Conversation)
		s.SplitNumbers[p.Segment][p.Conversation] = int32(len(s.SplitPlaces))
		first, end := m.UnitsOf(p.Conversation)
		for u := first; u < end; u++ {
			if seen[m.HashOf(u)] {
				continue // a newer segment has it
			}
			seen[m.HashOf(u)] = true
			from, to := m.PassagesOf(u)
			for passage := from; passage < to; passage++ {
				length += m.Length(passage)
			}
		}
	}
	s.SplitLengths = append(s.SplitLengths, length)
}

// Places returns where a conversation stands, the newest segment first.
func (s *Segments) Places(id string) []segment.Place {
	var out []segment.Place
	for i := len(s.Metas) - 1; i >= 0; i-- {
		if conv, found := s.Metas[i].Find(id); found {
			out = append(out, segment.Place{Segment: uint32(i), Conversation: conv})
		}
	}
	return out
}
