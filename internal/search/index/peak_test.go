package index_test

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"griot/internal/search"
	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/segment"
)

// BenchmarkMergePeak makes one segment of some 64 MB, the largest there may be, of
// two and a tail of 4 MB. It reports the most bytes of the heap that objects
// had meanwhile, dead ones included, and the most that the process had of the
// system: with that a function has to do.
func BenchmarkMergePeak(b *testing.B) {
	w := newWorld(b)
	w.Cache = nil // as in the function
	older, newer := w.segmentOf(b, 0, 49<<20), w.segmentOf(b, 1, 14<<20)
	words := newVocabulary()
	for i := range 7000 {
		w.put(search.Doc{Conversation: fmt.Sprintf("conv_2_%06d", i), Memory: "m", Text: words.text(60)})
	}
	var peak peaks
	for b.Loop() {
		b.StopTimer()
		debug.FreeOSMemory()
		b.StartTimer()
		stop := peak.watch()
		rows, _, err := w.index().ReadTail(b.Context(), workspace, "", index.MergeMost)
		w.ok(err)
		inputs, err := w.index().Inputs(b.Context(), []index.Ref{older, newer}, rows)
		w.ok(err)
		m, err := w.index().ReadManifest(b.Context(), workspace)
		w.ok(err)
		m, err = w.index().Replace(b.Context(), workspace, m, 0, len(m.Segments), inputs)
		w.ok(err)
		stop()
		b.ReportMetric(float64(m.Segments[0].Size)/(1<<20), "MB")
	}
	b.ReportMetric(float64(peak.heap)/(1<<20), "peak-heap-MB")
	b.ReportMetric(float64(peak.process)/(1<<20), "peak-process-MB")
}

// segmentOf writes a segment of about size bytes, of conversations with three
// memories of 40 words. It stands in no manifest.
func (w *world) segmentOf(b *testing.B, number int, size int64) index.Ref {
	words := newVocabulary()
	var inputs []segment.Input
	for got := int64(0); got < size; {
		var sources []segment.Source
		for i := range 5000 {
			id := fmt.Sprintf("conv_%d_%02d%06d", number, len(inputs), i)
			for m := range 3 {
				unit := analysis.Unit(search.Doc{Text: words.text(40)})
				sources = append(sources, segment.Source{Conversation: id, Memory: fmt.Sprintf("mem-%d", m), Unit: unit})
			}
		}
		in, err := segment.Open(segment.Build(sources))
		w.ok(err)
		inputs, got = append(inputs, in), got+int64(len(in.Data))
	}
	data, meta, err := segment.Merge(inputs, func(string, string) bool { return true }, false)
	w.ok(err)
	made, err := w.index().WriteSegment(b.Context(), workspace, 1<<40, data, meta)
	w.ok(err)
	return made
}

// peaks are the most bytes that were seen.
type peaks struct{ heap, process uint64 }

// watch looks every millisecond until it is told to stop.
func (p *peaks) watch() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				p.look()
			}
		}
	}()
	return func() { close(end); <-ended }
}

func (p *peaks) look() {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	p.heap = max(p.heap, samples[0].Value.Uint64())
	p.process = max(p.process, samples[1].Value.Uint64()-samples[2].Value.Uint64())
}
