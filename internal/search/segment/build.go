package segment

import (
	"cmp"
	"slices"
	"strings"

	"griot/internal/search/posting"
)

// Source is a unit to build a segment from.
type Source struct {
	Conversation, Memory string
	Unit                 *posting.Unit
}

// Build returns a segment of units, each of which is there once, and where
// its Meta begins.
func Build(sources []Source) (data []byte, meta int64) {
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int {
		return cmp.Or(strings.Compare(a.Conversation, b.Conversation), strings.Compare(a.Memory, b.Memory))
	})
	convs, found := gather(sources)
	slices.SortStableFunc(found, func(a, b occurrence) int { return strings.Compare(a.term, b.term) })
	w := NewWriter(convs)
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].term == found[0].term {
			n++
		}
		w.Add(found[0].term, join(found[:n]))
		found = found[n:]
	}
	return w.Finish()
}

// occurrence is a term in a unit; its entries count the passages through the
// conversation.
type occurrence struct {
	term    string
	posting Posting
}

func gather(sources []Source) (convs []Conversation, found []occurrence) {
	passages := 0
	for i, s := range sources {
		if i == 0 || sources[i-1].Conversation != s.Conversation {
			convs, passages = append(convs, Conversation{ID: s.Conversation}), 0
		}
		last := &convs[len(convs)-1]
		last.Units = append(last.Units, Unit{s.Memory, s.Unit.Lengths})
		for _, t := range s.Unit.Terms {
			found = append(found, occurrence{t.Text, Posting{uint32(len(convs) - 1), shift(t.Entries, passages)}})
		}
		passages += len(s.Unit.Lengths)
	}
	return convs, found
}

func shift(entries []posting.Entry, by int) []posting.Entry {
	if by == 0 {
		return entries
	}
	out := slices.Clone(entries)
	for i := range out {
		out[i].Passage += uint32(by)
	}
	return out
}

// join makes one posting per conversation of a term's occurrences. Entries of
// one occurrence belong to its unit; from the second on they are a copy, which
// grows.
func join(found []occurrence) []Posting {
	var postings []Posting
	own := false // the last one's entries
	for _, o := range found {
		n := len(postings) - 1
		if n < 0 || postings[n].Conversation != o.posting.Conversation {
			postings, own = append(postings, o.posting), false
			continue
		}
		if !own {
			postings[n].Entries, own = slices.Clone(postings[n].Entries), true
		}
		postings[n].Entries = append(postings[n].Entries, o.posting.Entries...)
	}
	return postings
}
