package index_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"griot/internal/search"
)

// A query finds the same, in the same order, however the units came to be
// where they are. Statistics count what is replaced until a merge, so scores
// are compared between splits of units that replace nothing.
func TestSplitsAreNotSeen(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
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
		var docs []search.Doc
		for c := range 30 {
			id := fmt.Sprintf("conv_%02d", c)
			docs = append(docs, search.Doc{Conversation: id, Title: text(3), Summary: text(rnd.IntN(12)), At: time.Date(2026, 1, c+1, 0, 0, 0, 0, time.UTC)})
			for m := range rnd.IntN(6) {
				docs = append(docs, search.Doc{Conversation: id, Memory: fmt.Sprintf("m%d", m), Text: text(1 + rnd.IntN(300))})
			}
		}
		tail, one, many := newWorld(t), newWorld(t), newWorld(t)
		tail.put(docs...)
		one.put(docs...)
		one.seal()
		// Every conversation wholly in one of several segments or the tail.
		for part := range 4 {
			var own []search.Doc
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
			want, _ := reference([]part{partOf(docs)}, search.Query{Text: query})
			for name, w := range map[string]*world{"tail": tail, "segment": one, "several": many} {
				same(t, fmt.Sprintf("seed %d, %s, %q", seed, name, query), w.find(query), want)
			}
		}
	}
}

func same(t *testing.T, name string, got, want []search.Hit) {
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
