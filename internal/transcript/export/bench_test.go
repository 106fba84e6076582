package export_test

import (
	"io"
	"testing"

	"griot/internal/transcript"
	"griot/internal/transcript/export"
)

func BenchmarkExport(b *testing.B) {
	const words = "Then I open the request in the form & name the role, always the reader role to begin with."
	var turns []transcript.Turn
	for n := range int64(1<<20) / int64(len(words)) {
		turns = append(turns, seg("Ana Bell", n*1000, n*1000+900, words))
	}
	segs := segments(turns...)
	for _, f := range export.Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.SetBytes(int64(len(segs)) * int64(len(words)))
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Write(io.Discard, segs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
