package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// table prints what was found, in Markdown.
type table struct {
	out   *tabwriter.Writer
	alone result
}

func newTable(out io.Writer, alone result) *table {
	t := &table{tabwriter.NewWriter(out, 0, 0, 1, ' ', 0), alone}
	fmt.Fprintln(t.out, "| beside\t| its requests a second\t| served\t| 429\t| quota\t| other 4xx\t| failed\t| its processors\t| of the honest: requests\t| failed\t| p50, ms\t| p99, ms\t| × alone\t| a file, s\t|")
	fmt.Fprintln(t.out, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	t.add("nobody", alone)
	return t
}

func (t *table) add(name string, r result) {
	sent, seconds := r.Tally, max(r.Lasted.Seconds(), 0.001)
	file := "–"
	if r.File > 0 {
		file = fmt.Sprintf("%.1f", r.File.Seconds())
	}
	fmt.Fprintf(t.out, "| %s\t| %.0f\t| %d\t| %d\t| %d\t| %d\t| %d\t| %.1f\t| %d\t| %d\t| %.1f\t| %.1f\t| %.1f\t| %s\t|\n",
		name, float64(sent.Asked())/seconds, sent.Served, sent.Limited, sent.Quota, sent.Refused, sent.Failed, r.Busy.Seconds()/seconds,
		len(r.Took), r.Experience.Failed, ms(r.At(50)), ms(r.At(99)), ms(r.At(99))/max(ms(t.alone.At(99)), 0.001), file)
	if r.Example != "" {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, r.Example)
	}
}

func (t *table) leave(name, why string) { fmt.Fprintf(t.out, "| %s: %s\t|\n", name, why) }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
