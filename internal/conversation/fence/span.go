package fence

// Total is the number of conversations in spans.
func Total(spans []Span) int {
	n := 0
	for _, s := range spans {
		n += s.N
	}
	return n
}

// From returns the spans of the conversations with ids from bound on. If the first
// span reaches below bound, cut is true, its First is bound and its N is not valid.
func From(spans []Span, bound string) (kept []Span, cut bool) {
	for i, s := range spans {
		if s.Last < bound {
			continue
		}
		kept = append(kept, spans[i:]...)
		if s.First < bound {
			kept[0].First = bound
			return kept, true
		}
		return kept, false
	}
	return nil, false
}

// Place is where a page of a list begins: Skip conversations after the first one of
// the span, in the list's direction.
type Place struct {
	Span
	Skip int
}

// Find returns the place of an offset in a list, which is newest first if desc is
// true; spans are oldest first. ok is false for an offset past the end.
func Find(spans []Span, offset int, desc bool) (Place, bool) {
	for i := range spans {
		s := spans[i]
		if desc {
			s = spans[len(spans)-1-i]
		}
		if offset < s.N {
			return Place{Span: s, Skip: offset}, true
		}
		offset -= s.N
	}
	return Place{}, false
}
