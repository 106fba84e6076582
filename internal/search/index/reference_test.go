package index_test

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"strings"

	"griot/internal/search"
	"griot/internal/search/analysis"
	"griot/internal/search/posting"
	"griot/internal/search/when"
)

// part is a segment or the tail, as it should be: conversation, memory, unit.
type part map[string]map[string]*posting.Unit

func partOf(docs []search.Doc) part {
	p := part{}
	for _, d := range docs {
		p.set(d.Conversation, d.Memory, analysis.Unit(d))
	}
	return p
}

func (p part) set(conversation, memory string, u *posting.Unit) {
	if p[conversation] == nil {
		p[conversation] = map[string]*posting.Unit{}
	}
	p[conversation][memory] = u
}

// overlaid is what newer parts leave of older ones.
func overlaid(parts []part) part {
	all := part{}
	for _, p := range parts {
		for id, units := range p {
			for memory, u := range units {
				all.set(id, memory, u)
			}
		}
	}
	return all
}

// statistics are of everything that is stored, whether it is replaced or not.
type statistics struct {
	conversations, passages, words int
	wholes, within                 []int // by term: conversations and passages that have it
}

func statisticsOf(parts []part, terms []string) statistics {
	s := statistics{wholes: make([]int, len(terms)), within: make([]int, len(terms))}
	for _, p := range parts {
		for _, units := range p {
			before := slices.Clone(s.within)
			for _, u := range units {
				s.add(u, terms)
			}
			for t := range terms {
				if s.within[t] > before[t] {
					s.wholes[t]++
				}
			}
			s.conversations++
		}
	}
	return s
}

func (s *statistics) add(u *posting.Unit, terms []string) {
	for _, n := range u.Lengths {
		s.words += int(n)
		s.passages++
	}
	for t, term := range terms {
		s.within[t] += len(u.Find(posting.NewQuery(term)))
	}
}

// looked is a term of a query as the reference looks for it.
type looked struct {
	text   string
	slot   int
	weight float64
	near   bool
	time   bool // which of its slot's terms it is makes no difference
}

// lookedFor is a query's words that some unit has, and what is near the others:
// all terms that are stored are compared. No text here is in English.
func lookedFor(parts []part, q analysis.Query) []looked {
	passages := map[string]int{}
	for _, p := range parts {
		for _, units := range p {
			for _, u := range units {
				for _, t := range u.Terms {
					passages[t.Text] += len(t.Entries)
				}
			}
		}
	}
	var out []looked
	there := map[string]bool{}
	for i, slot := range q.Slots {
		for _, t := range slot.Terms {
			if passages[t.Text] > 0 && !there[t.Text] {
				out = append(out, looked{t.Text, i, t.Weight, false, slot.Time})
				there[t.Text] = true
			}
		}
	}
	beside := 0
	for _, slot := range q.Slots {
		if knownForeign(passages, slot, q.Unclear) {
			beside++
		}
	}
	for i, slot := range q.Slots {
		for _, near := range nearest(passages, slot, q.Unclear, beside) {
			if !there[near.text] && len(out) < analysis.MaxTerms {
				there[near.text] = true
				near.slot = i
				out = append(out, near)
			}
		}
	}
	return out
}

// knownForeign reports whether a slot has near terms beside its own.
func knownForeign(passages map[string]int, slot analysis.Slot, foreign bool) bool {
	return slot.Word != "" && !slot.Begins && analysis.CanHave(slot) && (slot.Foreign || foreign) && passages[slot.Terms[0].Text] > 0
}

func nearest(passages map[string]int, slot analysis.Slot, foreign bool, beside int) (out []looked) {
	known, most := passages[slot.Terms[0].Text] > 0, analysis.NearTerms
	if knownForeign(passages, slot, foreign) {
		most = max(1, min(analysis.BesideTerms, analysis.MostBeside/beside))
	}
	switch {
	case slot.Word == "":
		return nil
	case slot.Begins:
		most = 24
	case !analysis.CanHave(slot), known && !slot.Foreign && !foreign:
		return nil
	}
	near := analysis.NewNear(slot, !known)
	for text := range passages {
		share := 0.0
		if share = near.Share(text); slot.Begins {
			share = 0
			if strings.HasPrefix(text, slot.Word) {
				share = 1
			}
		}
		if share > 0 && !analysis.Common(text) {
			out = append(out, looked{text, 0, slot.Terms[0].Weight * share, true, false})
		}
	}
	slices.SortFunc(out, func(a, b looked) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(passages[b.text], passages[a.text]), strings.Compare(a.text, b.text))
	})
	return out[:min(most, len(out))]
}

// reference is the ranking by its formulas: every unit is looked at. Parts are
// the segments, the oldest first, and the tail.
func reference(parts []part, query search.Query) (hits []search.Hit, memories map[string]float64) {
	q := analysis.ParseQuery(query.Text, query.Now)
	r := referenceQuery{Query: q, terms: lookedFor(parts, q), times: when.Within(query.Within, query.Now)}
	var texts []string
	for _, t := range r.terms {
		texts = append(texts, t.text)
	}
	r.statistics = statisticsOf(parts, texts)
	memories = map[string]float64{}
	for id, all := range overlaid(parts) {
		units := r.held(all)
		hit := r.hit(units, lengthOf(all))
		for _, m := range hit.Memories {
			if r.matches(map[string]*posting.Unit{m.Memory: units[m.Memory]}) {
				memories[id+"#"+m.Memory] = m.Score
			}
		}
		if hit.Score > 0 && r.matches(units) {
			hit.Conversation = id
			hit.Memories = slices.DeleteFunc(hit.Memories, func(m search.Match) bool { return !r.hasPhrase(units[m.Memory]) })
			hits = append(hits, hit)
		}
	}
	slices.SortFunc(hits, func(a, b search.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(b.Conversation, a.Conversation))
	})
	return hits, memories
}

type referenceQuery struct {
	analysis.Query
	terms []looked
	times []string // to which it is held
	statistics
}

// held returns the units that are of the times that the query is held to,
// with the conversation's own unit if there are some.
func (r referenceQuery) held(units map[string]*posting.Unit) map[string]*posting.Unit {
	if r.times == nil {
		return units
	}
	kept := map[string]*posting.Unit{}
	for memory, u := range units {
		if memory != "" && slices.ContainsFunc(r.times, func(term string) bool { return len(u.Find(posting.NewQuery(term))) > 0 }) {
			kept[memory] = u
		}
	}
	if own := units[""]; own != nil && len(kept) > 0 {
		kept[""] = own
	}
	return kept
}

func lengthOf(units map[string]*posting.Unit) (sum uint32) {
	for _, u := range units {
		for _, l := range u.Lengths {
			sum += l
		}
	}
	return sum
}

// matches reports whether units have the phrases they must, and none that they
// must not have.
func (r referenceQuery) matches(units map[string]*posting.Unit) bool {
	stands := func(p analysis.Phrase) bool {
		for _, u := range units {
			if standsIn(u, p) {
				return true
			}
		}
		return false
	}
	return !slices.ContainsFunc(r.Required, func(p analysis.Phrase) bool { return !stands(p) }) &&
		!slices.ContainsFunc(r.Excluded, stands)
}

func (r referenceQuery) hasPhrase(u *posting.Unit) bool {
	return len(r.Required) == 0 || slices.ContainsFunc(r.Required, func(p analysis.Phrase) bool { return standsIn(u, p) })
}

func standsIn(u *posting.Unit, p analysis.Phrase) bool {
	for passage := range u.Lengths {
		at := map[int]int{} // by place: how many terms of the phrase begin it there
		for i, term := range p.Terms {
			for _, place := range placesIn(u, term, passage) {
				if p.At == nil {
					place = 0
				} else {
					place -= p.At[i]
				}
				if at[place] == i {
					at[place]++
				}
			}
		}
		for _, n := range at {
			if n == len(p.Terms) {
				return true
			}
		}
	}
	return false
}

// placesIn returns where a term stands in a passage; without a place, at 0.
func placesIn(u *posting.Unit, term string, passage int) (places []int) {
	for _, e := range u.Find(posting.NewQuery(term)) {
		if int(e.Passage) != passage {
			continue
		}
		at := 0
		for b := e.Positions; len(b) > 0; {
			step, n := binary.Uvarint(b)
			at, b = at+int(step), b[n:]
			places = append(places, at)
		}
		if len(places) == 0 {
			places = []int{0}
		}
	}
	return places
}

// idfs are of a term: among conversations and among passages.
func (r referenceQuery) idfs(t int) (whole, passage float64) {
	idf := func(n, df int) float64 { return math.Log(1 + (float64(n-df)+0.5)/(float64(df)+0.5)) }
	wholes, within := r.wholes[t], r.within[t]
	if slot := r.terms[t].slot; slot >= 0 {
		wholes, within = 0, 0
		for i, other := range r.terms {
			if other.slot == slot {
				wholes, within = wholes+r.wholes[i], within+r.within[i]
			}
		}
	}
	return r.terms[t].weight * idf(r.conversations, min(wholes, r.conversations)), r.terms[t].weight * idf(r.passages, min(within, r.passages))
}

// hit scores a conversation of a length, as a whole and by its best three
// passages.
func (r referenceQuery) hit(units map[string]*posting.Unit, length uint32) search.Hit {
	const k1, b, passageB = 1.2, 0.75, 0.5
	bm25 := func(weight uint32, b float64, length uint32, n int) float64 {
		average := max(1, float64(r.words)/float64(n))
		return float64(weight) * (k1 + 1) / (float64(weight) + k1*(1-b+b*float64(length)/average))
	}
	var hit search.Hit
	passages, something := []float64{0, 0, 0}, false
	weights := make([]uint32, len(r.terms))
	for _, memory := range slices.Sorted(maps.Keys(units)) {
		u := units[memory]
		scores := make([]float64, len(u.Lengths))
		counts := make([]map[int]float64, len(u.Lengths)) // by passage and term
		times, at, more := map[int]float64{}, 0, false    // by slot what a time counts; where one stands; there is more to it
		for t, term := range r.terms {
			_, idf := r.idfs(t)
			for _, e := range u.Find(posting.NewQuery(term.text)) {
				weights[t] += e.Weight
				count := idf * bm25(e.Weight, passageB, u.Lengths[e.Passage], r.passages)
				more = more || !r.Slots[term.slot].Raises
				if term.time {
					times[term.slot], at = idf, int(e.Passage)
					continue
				}
				if counts[e.Passage] == nil {
					counts[e.Passage] = map[int]float64{}
				}
				counts[e.Passage][t] = count
				scores[e.Passage] += count
			}
		}
		for i := range scores {
			scores[i] += r.pairs(u, i, counts[i])
		}
		for i := range scores {
			if scores[i] > scores[at] {
				at = i
			}
		}
		for _, count := range times {
			scores[at] += count
		}
		passages, something = append(passages, scores...), something || more
		if top := slices.Max(append(scores, 0)); memory != "" && top > 0 && more {
			hit.Memories = append(hit.Memories, search.Match{Memory: memory, Score: top})
		}
	}
	times := map[int]float64{}
	for t, weight := range weights {
		if weight > 0 {
			idf, _ := r.idfs(t)
			if r.terms[t].time {
				times[r.terms[t].slot] = idf
				continue
			}
			hit.Score += idf * bm25(weight, b, length, r.conversations)
		}
	}
	for _, count := range times {
		hit.Score += count
	}
	slices.Sort(passages)
	best := passages[len(passages)-3:]
	hit.Score += 0.8 * (best[2] + best[1]/2 + best[0]/4)
	if !something {
		return search.Hit{}
	}
	return hit
}

// own reports whether a term is a word's of the query, as it stands there.
func (r referenceQuery) own(t looked) bool {
	return !t.near && t.slot >= 0 && r.Slots[t.slot].At >= 0 && r.Slots[t.slot].Terms[0].Text == t.text
}

// placedBefore returns the slot of the word before a slot's.
func (r referenceQuery) placedBefore(slot int) int {
	for slot--; slot >= 0 && r.Slots[slot].At < 0; {
		slot--
	}
	return slot
}

// pairs is what words count more in a passage that stand beside each other in
// the query.
func (r referenceQuery) pairs(u *posting.Unit, passage int, counts map[int]float64) (sum float64) {
	for a, first := range r.terms {
		for b, second := range r.terms {
			if counts[a] == 0 || counts[b] == 0 || !r.own(first) || !r.own(second) || r.placedBefore(second.slot) != first.slot {
				continue
			}
			together := false
			for _, x := range placesIn(u, first.text, passage) {
				for _, y := range placesIn(u, second.text, passage) {
					together = together || y >= x-1 && y <= x+1
				}
			}
			if together && r.Slots[second.slot].At == r.Slots[first.slot].At+1 {
				sum += 0.3 * min(counts[a], counts[b])
			}
		}
	}
	return sum
}
