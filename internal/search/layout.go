package search

import (
	"context"
	"slices"
	"strings"

	"griot/internal/search/segment"
)

// layout is what queries know of the segments of a manifest, all together.
type layout struct {
	metas    []*segment.Meta
	lengths  [][]uint32 // by segment, of each conversation
	shared   []bits     // by segment: conversations that other segments have, too; nil: none
	numbers  [][]int32  // by segment and conversation, of those that are shared, from 1
	places   [][]place  // of those, the newest segment first
	wholes   []uint32   // their lengths, of units that no newer segment has
	count    int        // conversations; shared ones count in each segment
	words    uint64     // of all
	passages int
}

type bits []uint64

func newBits(n int) bits         { return make(bits, (n+63)/64) }
func (b bits) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b bits) has(i uint32) bool { return b[i/64]&(1<<(i%64)) != 0 }

// layoutOf returns the layout of segments, as a rule from the cache.
func (x *Index) layoutOf(ctx context.Context, workspace string, refs []ref) (*layout, error) {
	name := piece{workspace, layoutName(refs), ""}
	if l, found := x.Cache.get(name); found {
		return l.(*layout), nil
	}
	metas, err := x.metas(ctx, workspace, refs)
	if err != nil {
		return nil, err
	}
	l := newLayout(metas)
	x.Cache.put(name, l, l.size())
	return l, nil
}

func layoutName(refs []ref) string {
	var name strings.Builder
	for _, r := range refs {
		name.WriteString(r.Key + "+")
	}
	return name.String()
}

// things names all that queries of a workspace keep in the cache.
func (m manifest) things() []string {
	named := []string{tailThing, layoutName(m.Segments)}
	for _, r := range m.Segments {
		named = append(named, r.Key)
	}
	return named
}

func newLayout(metas []*segment.Meta) *layout {
	l := &layout{metas: metas}
	for _, m := range metas {
		lengths := make([]uint32, m.Conversations())
		for conv := range lengths {
			for _, n := range m.Lengths(uint32(conv)) {
				lengths[conv] += n
			}
			l.words += uint64(lengths[conv])
		}
		l.lengths = append(l.lengths, lengths)
		l.count += len(lengths)
		l.passages += m.Passages()
	}
	l.share()
	return l
}

// share finds the conversations that are in several segments.
func (l *layout) share() {
	l.shared, l.numbers = make([]bits, len(l.metas)), make([][]int32, len(l.metas))
	for _, where := range segment.Together(l.metas) {
		if len(where) > 1 {
			where = slices.Clone(where)
			slices.Reverse(where)
			l.number(where)
		}
	}
}

// places are those of a conversation, the newest segment first.
func places(metas []*segment.Meta, id string) []place {
	var out []place
	for s := len(metas) - 1; s >= 0; s-- {
		if conv, found := metas[s].Find(id); found {
			out = append(out, place{Segment: uint32(s), Conversation: conv})
		}
	}
	return out
}

// number notes where a conversation of several segments is, the newest first.
func (l *layout) number(where []place) {
	l.places, l.wholes = append(l.places, where), append(l.wholes, l.whole(where))
	for _, p := range where {
		if l.shared[p.Segment] == nil {
			n := l.metas[p.Segment].Conversations()
			l.shared[p.Segment], l.numbers[p.Segment] = newBits(n), make([]int32, n)
		}
		l.shared[p.Segment].set(p.Conversation)
		l.numbers[p.Segment][p.Conversation] = int32(len(l.places))
	}
}

// whole adds up the units of a conversation, each as its newest segment has it.
func (l *layout) whole(where []place) uint32 {
	length, seen := uint32(0), map[uint64]bool{}
	for _, p := range where {
		m := l.metas[p.Segment]
		first, end := m.UnitsOf(p.Conversation)
		for u := first; u < end; u++ {
			if seen[m.HashOf(u)] {
				continue
			}
			seen[m.HashOf(u)] = true
			from, to := m.PassagesOf(u)
			for passage := from; passage < to; passage++ {
				length += m.Length(passage)
			}
		}
	}
	return length
}

func (l *layout) size() int64 { return int64(200 + 9*l.count + 52*len(l.places)) }
