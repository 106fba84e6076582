package fence

// Total is the number of conversations in spans.
func Total(spans []Span) int {
	n := 0
	for _, s := range spans {
		n += s.N
	}
	return n
}

// From returns the spans whose conversations have ids from bound on. The
// first of them may reach below it; cut says so, and then its N is unknown
// and First is bound.
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

// Place is where a part of a list begins: Skip conversations behind the first
// one that lies in the span, in the list's direction.
type Place struct {
	Span
	Skip int
}

// Find returns the place of an offset in spans, which are oldest first, in a
// list that is newest first when desc is true. It is false behind the end.
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
