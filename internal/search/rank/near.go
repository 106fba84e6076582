package rank

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"

	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/segment"
)

// Bounds of what near terms of a query may read: each range is one read of an
// object in each segment.
const (
	maxUnknown   = 8   // words that the index does not know, and word*
	maxForeign   = 24  // words that have near terms though the index knows them
	rangeBlocks  = 32  // blocks of the dictionary of a segment, for a word: some 32 KB
	begunBlocks  = 128 // the same for word*
	maxBegun     = 24  // terms that stand for word*
	maxLetters   = 26  // that may be the right first one of a misspelt word
	goodShare    = 0.6 // of a near term with which no mistake in the first letters is looked for
	maxElsewhere = 64  // blocks of a segment in which such mistakes are looked for
)

// around is a word and the terms of the index that are near it.
type around struct {
	word  analysis.Slot
	near  *analysis.Near // nil of word*
	terms map[string]*nearTerm
	most  int // that are looked for
}

// nearTerm is a term of the index that is near a word.
type nearTerm struct {
	text     string
	share    float64
	passages int    // about how many have it
	segments uint64 // in which it was counted, by their lowest six bits
}

// foreign returns the slots that have near terms in any case: those of a query
// that is not in English, or may be in any language where most texts are not.
func (q *query) foreign(ctx context.Context, d *index.Dictionary, asked analysis.Query) (out []wanted, err error) {
	english, known := true, !asked.Unclear
	for i, slot := range asked.Slots {
		if slot.Begins || !analysis.CanHave(slot) || len(out) == maxForeign {
			continue
		}
		if !known {
			if english, err = q.isEnglish(ctx, d); err != nil {
				return nil, err
			}
			known = true
		}
		if slot.Foreign || !english {
			out = append(out, wanted{i, slot})
		}
	}
	return out, nil
}

// isEnglish reports whether a third of the conversations have the commonest
// word of English.
func (q *query) isEnglish(ctx context.Context, d *index.Dictionary) (bool, error) {
	entries, err := d.Find(ctx, []string{"the"})
	if err != nil {
		return false, err
	}
	return 3*q.count("the", entries[0]).conversations >= q.segments.Conversations+len(q.tail), nil
}

// wanted is a slot, by its place in the query.
type wanted struct {
	place int
	slot  analysis.Slot
}

// lookAround finds the terms around words that are near them: those that begin
// like them, or if they are unknown, all that are read.
func (q *query) lookAround(ctx context.Context, d *index.Dictionary, into map[int]*around, words []wanted, unknown bool) error {
	beginnings := make([]index.Beginning, len(words))
	for i, w := range words {
		a := &around{word: w.slot, terms: map[string]*nearTerm{}}
		into[w.place] = a
		if w.slot.Begins {
			beginnings[i] = index.Beginning{Word: w.slot.Word, Least: len(w.slot.Word), Most: begunBlocks}
			continue
		}
		a.near = analysis.NewNear(w.slot, unknown)
		beginnings[i] = index.Beginning{Most: rangeBlocks}
		beginnings[i].Word, beginnings[i].Least = a.near.Beginning()
	}
	found, err := d.Beginnings(ctx, beginnings)
	if err != nil {
		return err
	}
	for i, w := range words {
		begins := beginnings[i].Word[:beginnings[i].Least]
		if unknown && !w.slot.Begins {
			begins = ""
		}
		into[w.place].compare(begins, found[i])
		into[w.place].compareRows(begins, q.rows)
	}
	return nil
}

// takeNear takes near terms of the words that need some.
func (q *query) takeNear(ctx context.Context, d *index.Dictionary, found map[int]*around, known map[string]inQuery, slots []analysis.Slot) error {
	if q.full() {
		return nil
	}
	knows := func(slot analysis.Slot) bool {
		return slices.ContainsFunc(slot.Terms, func(t analysis.Term) bool { return known[t.Text].passages > 0 })
	}
	var words, unknown []wanted
	beside := 0
	for i, slot := range slots {
		begins, inPlace := slot.Begins && slot.Word != "", analysis.CanHave(slot) && !knows(slot)
		if (begins || inPlace) && len(unknown) < maxUnknown {
			unknown = append(unknown, wanted{i, slot})
			words = append(words, wanted{i, slot})
		} else if found[i] != nil && knows(slot) {
			beside++
			words = append(words, wanted{i, slot})
		}
	}
	if err := q.lookAround(ctx, d, found, unknown, true); err != nil {
		return err
	}
	if err := q.lookElsewhere(ctx, d, found, unknown); err != nil {
		return err
	}
	for _, w := range words {
		switch a := found[w.place]; {
		case w.slot.Begins:
			a.most = maxBegun
		case knows(w.slot):
			a.most = max(1, min(analysis.BesideTerms, analysis.MostBeside/beside))
		default:
			a.most = analysis.NearTerms
		}
	}
	return q.takeBest(ctx, d, words, found)
}

// takeBest takes the best terms of each word.
func (q *query) takeBest(ctx context.Context, d *index.Dictionary, words []wanted, found map[int]*around) error {
	there := map[string]*term{}
	for _, t := range q.terms {
		there[t.text] = t
	}
	var taken []*term
	for _, w := range words {
		weight := w.slot.Terms[0].Weight
		for _, n := range found[w.place].best() {
			t := there[n.text]
			if t == nil && len(q.terms)+len(taken) < analysis.MaxTerms {
				t = &term{text: n.text}
				there[n.text], taken = t, append(taken, t)
			}
			if t != nil && t.weight == 0 {
				t.slot, t.weight, t.near = w.place, weight*n.share, true
			}
		}
	}
	texts := make([]string, len(taken))
	for i, t := range taken {
		texts[i] = t.text
	}
	entries, err := d.Find(ctx, texts)
	if err != nil {
		return err
	}
	for i, t := range taken {
		t.inQuery = q.count(t.text, entries[i])
		q.terms = append(q.terms, t)
	}
	return nil
}

// lookElsewhere finds terms for words that may be misspelt at their beginning,
// or be made of others.
func (q *query) lookElsewhere(ctx context.Context, d *index.Dictionary, found map[int]*around, unknown []wanted) error {
	var beginnings []index.Beginning
	var of []*around
	var letters []rune
	for _, w := range unknown {
		a := found[w.place]
		if a.near == nil || a.bestShare() >= goodShare {
			continue
		}
		if letters == nil {
			letters = d.FirstLetters(maxLetters)
		}
		elsewhere := a.near.Elsewhere(letters)
		for _, word := range elsewhere[:min(len(elsewhere), maxElsewhere)] {
			beginnings = append(beginnings, index.Beginning{Word: word, Least: len(word), Most: 1})
			of = append(of, a)
		}
	}
	entries, err := d.Beginnings(ctx, beginnings)
	if err != nil {
		return err
	}
	for i, a := range of {
		a.compare(beginnings[i].Word, entries[i])
	}
	return nil
}

// compare compares the terms of segments that begin so with the word.
func (a *around) compare(begins string, found [][]segment.Entry) {
	for s, entries := range found {
		from := sort.Search(len(entries), func(i int) bool { return entries[i].Term >= begins })
		for i := from; i < len(entries) && strings.HasPrefix(entries[i].Term, begins); i++ {
			e := &entries[i]
			if n := a.add(e.Term); n != nil && n.segments&(1<<(s&63)) == 0 {
				n.segments |= 1 << (s & 63)
				n.passages += e.Passages
			}
		}
	}
}

// compareRows compares the terms of rows that begin so with the word.
func (a *around) compareRows(begins string, rows []index.Row) {
	for _, row := range rows {
		terms := row.Unit.Terms
		from := sort.Search(len(terms), func(i int) bool { return terms[i].Text >= begins })
		for i := from; i < len(terms) && strings.HasPrefix(terms[i].Text, begins); i++ {
			if n := a.add(terms[i].Text); n != nil {
				n.passages += len(terms[i].Entries)
			}
		}
	}
}

// add returns the near term of this text, nil if it is not near.
func (a *around) add(text string) *nearTerm {
	if n := a.terms[text]; n != nil {
		return n
	}
	share := 1.0
	if a.near != nil {
		share = a.near.Share(text)
	}
	if share == 0 || analysis.Common(text) {
		return nil
	}
	n := &nearTerm{text: text, share: share}
	a.terms[text] = n
	return n
}

func (a *around) bestShare() float64 {
	best := 0.0
	for _, n := range a.terms {
		best = max(best, n.share)
	}
	return best
}

// best returns the nearest terms, of equally near ones the most frequent.
func (a *around) best() []*nearTerm {
	out := make([]*nearTerm, 0, len(a.terms))
	for _, n := range a.terms {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *nearTerm) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(b.passages, a.passages), strings.Compare(a.text, b.text))
	})
	return out[:min(a.most, len(out))]
}
