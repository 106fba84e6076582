package index_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/search"
	"griot/internal/search/index"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// BenchmarkGrow writes 10,000 conversations with a title and three memories of
// 40 words, one unit after the other, and merges whenever that sends a job. It
// reports what merges take, and the tail as searches at any time find it.
func BenchmarkGrow(b *testing.B) {
	const conversations = 10_000
	for b.Loop() {
		w, words, rnd := newWorld(b), newVocabulary(), rand.New(rand.NewPCG(5, 6))
		w.Cache = nil // as in the function
		blobs := &written{Store: w.Blobs}
		w.Blobs = blobs
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var merging time.Duration
		var u table.Usage
		tails, tail, units, jobs, segments := []int(nil), 0, 0, 0, 0
		ctx := table.WithUsage(b.Context(), &u)
		for i := range conversations {
			for m := range 4 {
				doc := search.Doc{Conversation: fmt.Sprintf("conv_%08d", i), At: at}
				if m == 0 {
					doc.Title = words.text(5)
				} else {
					doc.Memory, doc.Text = fmt.Sprintf("mem-%d", m), words.text(40)
				}
				op := w.Put(workspace, doc)
				w.ok(w.Table.Transact(b.Context(), []table.Op{op}))
				size := table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
				units, tail = units+1, tail+size
				tails = append(tails, (tail+4095)/4096)
				if size <= rnd.IntN(index.JobBytes) { // as Written does
					continue
				}
				jobs++
				before := tabletest.Processor()
				w.ok(w.Merge(ctx, workspace))
				merging += tabletest.Processor() - before
				rows, left, err := w.index().ReadTail(b.Context(), workspace, "", 0)
				w.ok(err)
				if tail = left; len(rows) == 0 {
					m, err := w.index().ReadManifest(b.Context(), workspace)
					w.ok(err)
					segments += len(m.Segments)
				}
			}
		}
		slices.Sort(tails)
		thousands := float64(units) / 1000
		b.ReportMetric(float64(jobs)/thousands, "jobs/1000")
		b.ReportMetric(float64(blobs.puts.Load())/thousands, "objects/1000")
		b.ReportMetric(float64(segments)/float64(blobs.puts.Load()), "segments")
		b.ReportMetric(float64(blobs.bytes.Load())/1024/thousands, "KB/1000")
		b.ReportMetric(u.Totals().ReadUnits/thousands, "RU/1000")
		b.ReportMetric(u.Totals().WriteUnits/thousands, "WU/1000")
		b.ReportMetric(merging.Seconds()*1000/thousands, "cpu-ms/1000")
		b.ReportMetric(float64(tails[len(tails)/2]), "tail-RU-p50")
		b.ReportMetric(float64(tails[len(tails)*99/100]), "tail-RU-p99")
	}
}

// written counts the objects that are written, and their bytes.
type written struct {
	blob.Store
	puts, bytes atomic.Int64
}

func (c *written) Put(ctx context.Context, key string, r io.Reader, size int64, o blob.Put) (blob.Info, error) {
	c.puts.Add(1)
	c.bytes.Add(size)
	return c.Store.Put(ctx, key, r, size, o)
}
