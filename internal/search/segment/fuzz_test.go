package segment_test

import (
	"os"
	"path/filepath"
	"testing"

	"griot/internal/search/analysis"
	"griot/internal/search/segment"
)

// FuzzSegment reads bytes that may be anything as a segment, all of it.
func FuzzSegment(f *testing.F) {
	data, meta := segment.Build([]segment.Source{
		{Conversation: "conv_1", Memory: "a", Unit: analysis.Unit(analysis.Doc{Text: "apple pear apple"})},
		{Conversation: "conv_2", Memory: "", Unit: analysis.Unit(analysis.Doc{Title: "apple"})},
	})
	f.Add(data, meta)
	former, err := os.ReadFile(filepath.Join("testdata", "griotsg2"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(former, int64(1996))
	f.Fuzz(func(t *testing.T, data []byte, meta int64) {
		in, err := segment.Open(data, meta)
		if err != nil {
			return
		}
		_, _, _ = segment.Merge([]segment.Input{in}, func(string, string) bool { return true }, true)
	})
}
