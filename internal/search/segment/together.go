package segment

import "iter"

// Place is a conversation of one of several segments.
type Place struct {
	Segment      uint32
	Conversation uint32
}

// Together yields the conversations of several segments in the order of their
// ids, each with all places where it is, in the order of the segments. The
// places last until the next step.
func Together(segments []*Meta) iter.Seq2[string, []Place] {
	return func(yield func(string, []Place) bool) {
		next := make([]uint32, len(segments))
		var here []Place
		for {
			least := ""
			here = here[:0]
			for i, m := range segments {
				if int(next[i]) == m.Conversations() {
					continue
				}
				id := m.ID(next[i])
				if len(here) == 0 || id < least {
					least, here = id, here[:0]
				}
				if id == least {
					here = append(here, Place{uint32(i), next[i]})
				}
			}
			if len(here) == 0 || !yield(least, here) {
				return
			}
			for _, at := range here {
				next[at.Segment]++
			}
		}
	}
}
