package index_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"griot/internal/blob/blobtest"
	"griot/internal/search"
	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/segment"
	"griot/internal/table/tabletest"
)

// vocabulary is words of Zipf's distribution: the first are in most texts.
type vocabulary struct {
	zipf  *rand.Zipf
	spelt func(n uint64) string
}

func newVocabulary() vocabulary {
	rnd := rand.New(rand.NewPCG(1, 2))
	return vocabulary{rand.NewZipf(rnd, 1.07, 30, 60_000), func(n uint64) string { return fmt.Sprintf("w%dq", n) }}
}

// syllables spells a number as a word of three syllables and an ending, so
// that words have many near them, as those of a language do.
func syllables(n uint64) string {
	var b strings.Builder
	for _, of := range []uint64{70, 35, 20} {
		b.WriteString(string("bdfgklmnprstvz"[n*7%of%14]) + string("aeiou"[n*3%of%5]))
		n /= of
	}
	return b.String() + []string{"", "s", "n", "rem"}[n%4]
}

func (v vocabulary) word() string { return v.spelt(v.zipf.Uint64()) }

func (v vocabulary) text(n int) string {
	var b []byte
	for range n {
		b = append(append(b, v.word()...), ' ')
	}
	return string(b)
}

// workspaceOf is a workspace of conversations with a title and three memories
// of 40 words. They lie in segments as merges leave them, the last hundred in
// the tail.
func workspaceOf(b *testing.B, n int, words vocabulary) *world {
	w := newWorld(b)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for done := 0; done < n; {
		size := min(n-done, 5000)
		if done+size == n && size > 30 {
			size -= 30
		}
		var sources []segment.Source
		for i := range size {
			id := fmt.Sprintf("conv_%08d", done+i)
			for m := range 4 {
				doc := search.Doc{Conversation: id, At: at}
				if m == 0 {
					doc.Title = words.text(5)
				} else {
					doc.Memory, doc.Text = fmt.Sprintf("mem-%d", m), words.text(40)
				}
				if n-done <= 30 {
					w.put(doc)
				}
				sources = append(sources, segment.Source{Conversation: id, Memory: doc.Memory, Unit: analysis.Unit(doc)})
			}
		}
		if done += size; done < n || size > 30 {
			w.addSegment(b, sources)
		}
	}
	return w
}

func (w *world) addSegment(b *testing.B, sources []segment.Source) {
	data, meta := segment.Build(sources)
	m, err := w.index().ReadManifest(context.Background(), workspace)
	w.ok(err)
	from := index.MergeFrom(m, int64(len(data)))
	inputs, err := w.index().Inputs(context.Background(), m.Segments[from:], nil)
	w.ok(err)
	in, err := segment.Open(data, meta)
	w.ok(err)
	_, err = w.index().Replace(context.Background(), workspace, m, from, len(m.Segments), append(inputs, in))
	w.ok(err)
}

// BenchmarkSearch asks for twenty hits of 1 to 8 words, of which one is among
// the most frequent.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		w := workspaceOf(b, n, newVocabulary())
		blobs := blobtest.NewCounted(w.Blobs)
		w.Blobs = blobs
		queries := someQueries()
		for _, warm := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d/warm=%v", n, warm), func(b *testing.B) {
				w.Cache = search.NewCache(256 << 20)
				for _, query := range queries {
					w.ok(w.twenty(b.Context(), query))
				}
				blobs.Reset()
				i := 0
				tabletest.Cost(b, func(ctx context.Context) error {
					if !warm {
						w.Cache = search.NewCache(256 << 20)
					}
					i++
					return w.twenty(ctx, queries[i%len(queries)])
				})
				blobs.Report(b)
			})
		}
	}
}

// BenchmarkSearchNear asks for twenty hits of words that have near terms: of
// four in English one is misspelt, or all four are known and not English.
func BenchmarkSearchNear(b *testing.B) {
	words := newVocabulary()
	words.spelt = syllables
	w := workspaceOf(b, 100_000, words)
	blobs := blobtest.NewCounted(w.Blobs)
	w.Blobs = blobs
	for _, kind := range []struct {
		name string
		word func() string
		rest string
	}{
		{"misspelt", func() string { word := words.word(); return word[:3] + word[4:5] + word[3:4] + word[5:] + "x" }, "about the "},
		{"foreign", words.word, "é "},
	} {
		var queries []string
		for range 64 {
			queries = append(queries, kind.rest+kind.word()+" "+words.text(3))
		}
		for _, warm := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/warm=%v", kind.name, warm), func(b *testing.B) {
				w.Cache = search.NewCache(256 << 20)
				for _, query := range queries {
					w.ok(w.twenty(b.Context(), query))
				}
				blobs.Reset()
				i := 0
				tabletest.Cost(b, func(ctx context.Context) error {
					if !warm {
						w.Cache = search.NewCache(256 << 20)
					}
					i++
					return w.twenty(ctx, queries[i%len(queries)])
				})
				blobs.Report(b)
			})
		}
	}
}

func someQueries() (queries []string) {
	words, rnd := newVocabulary(), rand.New(rand.NewPCG(3, 4))
	for i := range 64 {
		queries = append(queries, fmt.Sprintf("w%dq ", rnd.IntN(20))+words.text(i%8))
	}
	return queries
}

// twenty asks for twenty hits.
func (w *world) twenty(ctx context.Context, query string) error {
	hits := 0
	for _, err := range w.Search(ctx, workspace, search.Query{Text: query}) {
		if hits++; err != nil || hits > 20 {
			return err
		}
	}
	return nil
}

// BenchmarkSearchOfGrown asks the same where 20,000 conversations got a memory
// each, five times over: all of them stand in several segments.
func BenchmarkSearchOfGrown(b *testing.B) {
	w, words := newWorld(b), newVocabulary()
	for round := range 5 {
		for from := 0; from < 20_000; from += 5000 {
			var sources []segment.Source
			for i := range 5000 {
				doc := search.Doc{Conversation: fmt.Sprintf("conv_%08d", from+i), Memory: fmt.Sprintf("mem-%d", round), Text: words.text(40)}
				sources = append(sources, segment.Source{Conversation: doc.Conversation, Memory: doc.Memory, Unit: analysis.Unit(doc)})
			}
			w.addSegment(b, sources)
		}
	}
	w.Cache = search.NewCache(256 << 20)
	queries, i := someQueries(), 0
	for _, query := range queries {
		w.ok(w.twenty(b.Context(), query))
	}
	tabletest.Cost(b, func(ctx context.Context) error {
		i++
		return w.twenty(ctx, queries[i%len(queries)])
	})
}

// BenchmarkPurge removes fifty conversations of a workspace of 10,000, each by
// itself or as those that wait.
func BenchmarkPurge(b *testing.B) {
	for _, together := range []bool{false, true} {
		b.Run(fmt.Sprintf("together=%v", together), func(b *testing.B) {
			w := workspaceOf(b, 10_000, newVocabulary())
			w.Cache = nil // as in the function
			blobs := blobtest.NewCounted(w.Blobs)
			w.Blobs = blobs
			next := 0
			tabletest.Cost(b, func(ctx context.Context) error {
				var waiting []search.Waiting
				for range 50 {
					waiting = append(waiting, noting(fmt.Sprintf("conv_%08d", next*7%9000)))
					next++
				}
				for _, p := range waiting {
					others := waiting
					if !together {
						others = nil
					}
					if _, err := w.Purge(ctx, workspace, p.Conversation, nil, p.Note, others...); err != nil {
						return err
					}
				}
				return nil
			})
			blobs.Report(b)
		})
	}
}
