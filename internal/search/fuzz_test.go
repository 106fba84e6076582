package search

import (
	"encoding/json"
	"fmt"
	"testing"

	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

func FuzzDecode(f *testing.F) {
	f.Add(analyse(Doc{Title: "Close", Text: "Priya signs the ledger on 2 March 2026."}).Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := posting.Decode(data)
		if err != nil {
			return
		}
		if _, err := posting.Decode(u.Encode()); err != nil {
			t.Errorf("what was decoded is not decoded again: %v", err)
		}
	})
}

// FuzzSegment reads bytes that may be anything as a segment, all of it.
func FuzzSegment(f *testing.F) {
	data, meta := segment.Build([]segment.Source{
		{Conversation: "conv_1", Memory: "a", Unit: analyse(Doc{Text: "apple pear apple"})},
		{Conversation: "conv_2", Memory: "", Unit: analyse(Doc{Title: "apple"})},
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

func FuzzDecodeJob(f *testing.F) {
	for _, body := range []string{string(Job{workspace}.Encode()), `{}`, `null`, `[1]`, `{"workspace": 1}`, "{\"workspace\": \"\xff\"}"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		job, err := DecodeJob(body)
		if err != nil {
			return
		}
		if again, err := DecodeJob(job.Encode()); err != nil || again != job || job.Workspace == "" {
			t.Errorf("%+v is %+v again, %v", job, again, err)
		}
	})
}

// FuzzManifest: whatever is taken for a manifest can be read by, and is
// written again as it is.
func FuzzManifest(f *testing.F) {
	for _, data := range []string{
		`{"segments":[{"key":"search/ws_1/0-x","size":10,"meta":4}],"purging":[{"conversation":"conv_1","memories":["a"]}]}`,
		`{"segments":null}`, `{"segments":[{"key":"k","size":-1,"meta":-2}]}`, `{"segments":[{}]}`, `null`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(1, data)
		if err != nil {
			return
		}
		for _, r := range m.Segments {
			if r.Key == "" || r.Meta < 0 || r.Size < r.Meta {
				t.Errorf("a segment is %+v", r)
			}
		}
		if from := m.mergeable(1); from < 0 || from > len(m.Segments) {
			t.Errorf("merges begin at %d of %d", from, len(m.Segments))
		}
		written, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseManifest(1, written)
		if fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", m) || err != nil {
			t.Errorf("%+v is %+v again, %v", m, again, err)
		}
	})
}
