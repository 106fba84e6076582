package segment_test

import (
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
	f.Fuzz(func(t *testing.T, data []byte, meta int64) {
		in, err := segment.Open(data, meta)
		if err != nil {
			return
		}
		_, _, _ = segment.Merge([]segment.Input{in}, func(string, string) bool { return true }, true)
	})
}
