package search

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A query finds the same, in the same order, however the units came to be
// where they are. Statistics count what is replaced until a merge, so scores
// are compared between splits of units that replace nothing.
func TestSplitsAreNotSeen(t *testing.T) {
	words := strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omikron pi rho sigma tau")
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		text := func(n int) string {
			var b strings.Builder
			for range n {
				b.WriteString(words[int(float64(len(words))*rnd.Float64()*rnd.Float64())] + " ")
			}
			return b.String()
		}
		var docs []Doc
		for c := range 30 {
			id := fmt.Sprintf("conv_%02d", c)
			docs = append(docs, Doc{Conversation: id, Title: text(3), Summary: text(rnd.IntN(12)), At: time.Date(2026, 1, c+1, 0, 0, 0, 0, time.UTC)})
			for m := range rnd.IntN(6) {
				docs = append(docs, Doc{Conversation: id, Memory: fmt.Sprintf("m%d", m), Text: text(1 + rnd.IntN(300))})
			}
		}
		tail, one, many := newWorld(t), newWorld(t), newWorld(t)
		tail.put(docs...)
		one.put(docs...)
		one.seal()
		// Every conversation wholly in one of several segments or the tail.
		for part := range 4 {
			var own []Doc
			for _, d := range docs {
				if int(d.Conversation[6])%4 == part {
					own = append(own, d)
				}
			}
			if len(own) == 0 {
				continue
			}
			many.put(own...)
			if part < 3 {
				many.seal()
			}
		}
		for range 20 {
			query := text(1 + rnd.IntN(5))
			want := plain(docs, query)
			for name, w := range map[string]*world{"tail": tail, "segment": one, "several": many} {
				same(t, fmt.Sprintf("seed %d, %s, %q", seed, name, query), w.find(query), want)
			}
		}
	}
}

func same(t *testing.T, name string, got, want []Hit) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d hits, want %d", name, len(got), len(want))
	}
	for i := range got {
		if got[i].Conversation != want[i].Conversation || math.Abs(got[i].Score-want[i].Score) > 1e-9 {
			t.Fatalf("%s: hit %d is %s %.9f, want %s %.9f", name, i, got[i].Conversation, got[i].Score, want[i].Conversation, want[i].Score)
		}
	}
}

// plain is the ranking by the book: every unit is looked at.
func plain(docs []Doc, text string) []Hit {
	q := parse(text)
	type conv struct {
		lengths []uint32
		weights []map[string]uint32 // by passage
	}
	convs := map[string]*conv{}
	words, passages := 0.0, 0.0
	for _, d := range docs {
		u := analyse(d)
		c := convs[d.Conversation]
		if c == nil {
			c = &conv{}
			convs[d.Conversation] = c
		}
		base := len(c.lengths)
		for _, n := range u.Lengths {
			c.lengths, c.weights = append(c.lengths, n), append(c.weights, map[string]uint32{})
			words += float64(n)
			passages++
		}
		for _, term := range u.Terms {
			for _, e := range term.Entries {
				c.weights[base+int(e.Passage)][term.Text] = e.Weight
			}
		}
	}
	n := norms{words / float64(len(convs)), words / passages}
	var hits []Hit
	for id, c := range convs {
		length, score, best := uint32(0), 0.0, 0.0
		for _, l := range c.lengths {
			length += l
		}
		scores := make([]float64, len(c.lengths))
		for i, term := range q.terms {
			df, weight := 0, uint32(0)
			for _, o := range convs {
				if slices.ContainsFunc(o.weights, func(w map[string]uint32) bool { return w[term] > 0 }) {
					df++
				}
			}
			in := 0
			for _, o := range convs {
				for _, w := range o.weights {
					if w[term] > 0 {
						in++
					}
				}
			}
			worth, value := q.weights[i]*rarity(len(convs), df), q.weights[i]*rarity(int(passages), in)
			for p, w := range c.weights {
				if w[term] > 0 {
					weight += w[term]
					scores[p] += value * saturated(w[term], n.ofPassage(c.lengths[p]))
				}
			}
			if weight > 0 {
				score += worth * saturated(weight, n.ofWhole(length))
			}
		}
		for _, s := range scores {
			best = max(best, s)
		}
		if score > 0 {
			hits = append(hits, Hit{Conversation: id, Score: score + passageMix*best})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(b.Conversation, a.Conversation))
	})
	return hits
}
