package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/posting"
	"griot/internal/table"
	"griot/internal/table/bolt"
)

// grown is an index of a segment of some 2 MB, a smaller one, and a tail.
// Units in the later ones replace or remove some in the earlier ones, so that
// conversations are split over all of them. One of these has lost its longest
// unit, another has a word more often than lists say.
func grown(t *testing.T, rnd *rand.Rand) *index.Workspace {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	ok(err)
	t.Cleanup(func() { _ = db.Close() })
	store, err := bolt.New(db, time.Now)
	ok(err)
	blobs, err := dir.Open(t.TempDir(), dir.Options{Base: "http://127.0.0.1", NoSync: true})
	ok(err)
	t.Cleanup(func() { _ = blobs.Close() })
	w := (&index.Index{Table: store, Blobs: blobs, Cache: index.NewCache(64 << 20)}).Of("ws_1")
	put := func(conversation, memory string, u *posting.Unit) {
		ok(store.Transact(t.Context(), []table.Op{index.Put("ws_1", conversation, memory, u)}))
	}
	put("conv_shortened", "m0", analysis.Unit(analysis.Doc{Text: randomText(rnd, 20_000)}))
	put("conv_shortened", "m1", analysis.Unit(analysis.Doc{Text: "apple pear"}))
	put("conv_capped", "m0", analysis.Unit(analysis.Doc{Text: strings.Repeat("apple ", 30_000)}))
	for _, units := range []int{1500, 140, 60} {
		for range units {
			id, memory := fmt.Sprintf("conv_%03d", int(500*rnd.Float64()*rnd.Float64())), fmt.Sprint("m", rnd.IntN(4))
			if rnd.IntN(10) == 0 {
				put(id, memory, &posting.Unit{})
				continue
			}
			put(id, memory, analysis.Unit(analysis.Doc{
				Text: randomText(rnd, 1+rnd.IntN(2000)), Title: randomText(rnd, rnd.IntN(3)), At: today.AddDate(0, 0, -rnd.IntN(30)),
			}))
		}
		put("conv_shortened", "m2", analysis.Unit(analysis.Doc{Text: "apple"}))
		if units == 140 {
			put("conv_capped", "m1", analysis.Unit(analysis.Doc{Text: "pear"}))
		}
		if units == 60 {
			put("conv_shortened", "m0", analysis.Unit(analysis.Doc{Text: "short"}))
		}
		if units > 60 {
			ok(w.Merge(t.Context()))
		}
	}
	return w
}

var today = time.Date(2026, 1, 29, 0, 0, 0, 0, time.UTC)

// randomText has frequent words, up to hundreds of times one behind another,
// and rare ones.
func randomText(rnd *rand.Rand, n int) string {
	var b strings.Builder
	for n > 0 {
		word, times := fmt.Sprintf("w%dq ", int(5000*math.Pow(rnd.Float64(), 3))), 1
		if rnd.IntN(100) == 0 {
			times = 1 + rnd.IntN(min(n, 400))
		}
		b.WriteString(strings.Repeat(word, times))
		n -= times
	}
	return b.String()
}

// No score exceeds its bound, and bounds are near enough to scores to be of use.
func TestScoresDoNotExceedTheirBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	t.Parallel()
	for seed := range uint64(2) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		w := grown(t, rnd)
		for round := range 20 {
			text := randomText(rnd, 1+rnd.IntN(9)) + fmt.Sprintf("w%dq", rnd.IntN(5))
			if round < 2 {
				text = "apple"
			}
			if round%4 > 1 {
				text += " of last week, or the past 20 days"
			}
			terms := analysis.ParseQuery(text, today)
			if round%5 == 4 {
				terms.Within = []string{"2026-01-20", "2026-01-21", "2026-01-29"}
			}
			err := w.View(t.Context(), func(s *index.Snapshot) error {
				if len(s.Segments.Metas) != 2 || len(s.Segments.SplitPlaces) == 0 || len(s.Tail) == 0 {
					return fmt.Errorf("%d segments, %d split conversations, %d rows", len(s.Segments.Metas), len(s.Segments.SplitPlaces), len(s.Tail))
				}
				q, err := open(t.Context(), s, terms, round%2 == 1)
				if err != nil {
					return err
				}
				return checkBounds(t, q, round%2 == 1, terms.Within == nil)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func checkBounds(t *testing.T, q *query, byMemory, near bool) error {
	b := newBounds(q)
	defer b.release()
	scorer := &scorer{q: q, b: b, byMemory: byMemory}
	ceiling, bounds, scores := float64(b.ceiling()), 0.0, 0.0
	for _, c := range b.between(0, math.MaxFloat32) {
		found, err := scorer.score(nil, c)
		if err != nil {
			return err
		}
		for _, f := range found {
			if f.score > float64(c.bound) {
				t.Errorf("%q: %s scores %.9f, its bound is %.9f", q.texts(), f.id, f.score, c.bound)
			}
			if c.split > 0 {
				continue
			}
			if float64(c.bound) > ceiling*roundingTolerance {
				t.Errorf("%q: %s has the bound %.9f, the ceiling is %.9f", q.texts(), f.id, c.bound, ceiling)
			}
			if !byMemory {
				bounds, scores = bounds+float64(c.bound), scores+f.score
			}
		}
	}
	if near && bounds > 2*scores {
		t.Errorf("%q: scores add up to %.3f, bounds to %.3f", q.texts(), scores, bounds)
	}
	return nil
}

// What the bounds rest on: see the package's comment.
func TestBestPassagesAreSubadditive(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 6))
	for range 10_000 {
		x, y, sum := make([]float64, 1+rnd.IntN(6)), []float64(nil), []float64(nil)
		for i := range x {
			x[i] = math.Pow(rnd.Float64(), 4)
			y = append(y, math.Pow(rnd.Float64(), 4))
			sum = append(sum, x[i]+y[i])
		}
		if bestPassages(sum) > bestPassages(x)+bestPassages(y)+1e-12 {
			t.Fatalf("%v and %v", x, y)
		}
		if most := slices.Max(x) * shareSum(uint32(len(x))); bestPassages(x) > most+1e-12 {
			t.Fatalf("%v count more than %v", x, most)
		}
	}
}

func TestTermFrequencySaturates(t *testing.T) {
	for _, c := range []struct {
		weight     uint32
		norm, want float64
	}{
		{0, 1, 0},
		{1, 1, 1}, // once, in a text of average length
		{2, 1, 1.375},
		{1, 2, 2.2 / 3.4},
		{1, 0.25, 2.2 / 1.3},
		{1 << 30, 1, k1 + 1},
	} {
		if got := tf(c.weight, c.norm); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("tf(%d, %v) = %v, want %v", c.weight, c.norm, got, c.want)
		}
	}
	for _, c := range []struct {
		n, df int
		want  float64
	}{{1, 1, math.Log(4. / 3)}, {10, 1, math.Log(1 + 9.5/1.5)}, {3, 5, math.Log(1 + 0.5/5.5)}} {
		if got := idf(c.n, c.df); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("idf(%d, %d) = %v, want %v", c.n, c.df, got, c.want)
		}
	}
}

func TestMaxShareSum(t *testing.T) {
	if got := shareSum(math.MaxUint32); got != maxShareSum {
		t.Errorf("the shares of all passages are %v, not %v", got, maxShareSum)
	}
}

// texts are the terms of a query.
func (q *query) texts() []string { return q.termsOf(^uint64(0)) }
