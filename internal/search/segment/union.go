package segment

import "iter"

// Place is a conversation of one of several segments.
type Place struct {
	Segment      uint32
	Conversation uint32
}

// Union yields the conversations of several segments in the order of their
// ids, each with all places where it stands, in the order of the segments. The
// places last until the next step.
func Union(segments []*Meta) iter.Seq2[string, []Place] {
	return func(yield func(string, []Place) bool) {
		next := make([]uint32, len(segments))
		var places []Place
		for {
			least := ""
			places = places[:0]
			for i, m := range segments {
				if int(next[i]) == m.Conversations() {
					continue
				}
				id := m.ID(next[i])
				if len(places) == 0 || id < least {
					least, places = id, places[:0]
				}
				if id == least {
					places = append(places, Place{uint32(i), next[i]})
				}
			}
			if len(places) == 0 || !yield(least, places) {
				return
			}
			for _, at := range places {
				next[at.Segment]++
			}
		}
	}
}
