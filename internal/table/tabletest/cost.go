package tabletest

import (
	"context"
	"slices"
	"testing"
	"time"

	"griot/internal/table"
)

// Cost is the loop of a benchmark. It reports what an operation reads and
// writes of the table, and how much of the processor the process used while
// it ran, garbage collection included: on a machine that others share, the
// median of that says more than the time.
func Cost(b *testing.B, do func(ctx context.Context) error) {
	b.Helper()
	var u table.Usage
	ctx := table.WithUsage(b.Context(), &u)
	var took []time.Duration
	for b.Loop() {
		before := Processor()
		if err := do(ctx); err != nil {
			b.Fatal(err)
		}
		took = append(took, Processor()-before)
	}
	total, n := u.Totals(), float64(b.N)
	b.ReportMetric(float64(total.Reads)/n, "reads/op")
	b.ReportMetric(total.ReadUnits/n, "RU/op")
	b.ReportMetric(total.WriteUnits/n, "WU/op")
	b.ReportMetric(float64(total.BytesRead)/n/1024, "KBread/op")
	slices.Sort(took)
	if p50 := took[len(took)/2]; p50 > 0 {
		b.ReportMetric(p50.Seconds()*1000, "p50-cpu-ms")
	}
}
